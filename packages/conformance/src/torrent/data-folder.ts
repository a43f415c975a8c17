/** Payloads on disk: laying them out for a seeder, and comparing what a leecher wrote. */
import {
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Payload, Torrent } from './make-torrent.ts'

/** Where a file of the payload belongs below a client's data folder. */
export function payloadPath(payload: Payload, fileIndex: number, dataDir: string): string {
  const file = payload.files[fileIndex]
  if (file === undefined) throw new Error(`no file ${fileIndex} in ${payload.name}`)
  return payload.isSingleFile
    ? join(dataDir, payload.name)
    : join(dataDir, payload.name, ...file.path)
}

export function writePayload(payload: Payload, dataDir: string): void {
  for (const [index, file] of payload.files.entries()) {
    const path = payloadPath(payload, index, dataDir)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.bytes)
  }
}

/** A single file that holds the right bytes of the named pieces and zeros elsewhere. */
export function writePieces(torrent: Torrent, pieces: ReadonlySet<number>, dataDir: string): void {
  const path = payloadPath(torrent.payload, 0, dataDir)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, Buffer.alloc(torrent.totalBytes))
  const file = openSync(path, 'r+')
  for (const index of pieces) {
    const start = index * torrent.pieceLengthBytes
    const bytes = torrent.content.subarray(start, start + torrent.pieceLengthBytes)
    writeSync(file, bytes, 0, bytes.length, start)
  }
  closeSync(file)
}

/** Why a file is not what it should be; `undefined` when every byte is right. */
export function fileDifference(
  payload: Payload,
  fileIndex: number,
  dataDir: string,
): string | undefined {
  const path = payloadPath(payload, fileIndex, dataDir)
  const wanted = payload.files[fileIndex]?.bytes ?? Buffer.alloc(0)
  const name = payload.files[fileIndex]?.path.join('/') ?? ''
  let seen: Buffer
  try {
    if (statSync(path).size !== wanted.length)
      return `${name}: ${statSync(path).size} bytes instead of ${wanted.length}`
    seen = readFileSync(path)
  } catch {
    return `${name}: not there`
  }
  if (seen.equals(wanted)) return undefined
  const at = wanted.findIndex((byte, offset) => seen[offset] !== byte)
  return `${name}: first wrong byte at ${at}`
}

/** Indexes of the files that have bytes: some clients create the others late or never. */
export function filesWithBytes(payload: Payload): number[] {
  return payload.files.flatMap((file, index) => (file.bytes.length > 0 ? [index] : []))
}

/** The first difference among the named files, all of them by default. */
export function payloadDifference(
  payload: Payload,
  dataDir: string,
  files: readonly number[] = payload.files.map((_, index) => index),
): string | undefined {
  for (const index of files) {
    const difference = fileDifference(payload, index, dataDir)
    if (difference !== undefined) return difference
  }
  return undefined
}
