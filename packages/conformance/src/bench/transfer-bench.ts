/**
 * Moves one big file between two processes of the same client through tmpfs, and says what that costs.
 * No relay is in the way: only the tracker of the suite is, to introduce them.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { encodeBencode } from '../codec/bencode.ts'
import { ClientProcess, pause } from '../driver/client-process.ts'
import type { Driver } from '../driver/driver.ts'
import { type AddressPool } from '../net/address-pool.ts'
import { TrackerClient } from '../tracker/announce-book.ts'
import type { HttpTracker } from '../tracker/http-tracker.ts'
import { type Usage, groupUsage } from './process-usage.ts'

export interface TransferRun {
  readonly seeder: string
  readonly leecher: string
  readonly sizeBytes: number
  /** From the start of the leecher's process until the last byte is right. */
  readonly seconds: number
  /** From the first byte on the leecher's disk. */
  readonly secondsFromFirstData: number
  readonly seederUsage: Usage
  readonly leecherUsage: Usage
}

const PIECE_BYTES = 1 << 20
const POLL_MS = 10
const SETTLE_MS = 500
const MIB = 1 << 20

export class BenchFile {
  readonly sizeBytes: number
  readonly dir: string
  readonly name = 'bench.bin'
  readonly #pieces: Buffer
  readonly #hash: string

  private constructor(dir: string, sizeBytes: number, pieces: Buffer, hash: string) {
    this.dir = dir
    this.sizeBytes = sizeBytes
    this.#pieces = pieces
    this.#hash = hash
  }

  /** Random bytes on tmpfs, hashed as they are written: nothing can be guessed or compressed. */
  static create(root: string, sizeBytes: number): BenchFile {
    const dir = mkdtempSync(join(root, 'pigeon-bench-'))
    const file = openSync(join(dir, 'bench.bin'), 'w')
    const whole = createHash('sha1')
    const pieces: Buffer[] = []
    for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) {
      const piece = randomBytes(Math.min(PIECE_BYTES, left))
      writeSync(file, piece)
      whole.update(piece)
      pieces.push(createHash('sha1').update(piece).digest())
    }
    closeSync(file)
    return new BenchFile(dir, sizeBytes, Buffer.concat(pieces), whole.digest('hex'))
  }

  torrentFile(announce: string): Buffer {
    return encodeBencode({
      announce,
      info: {
        length: this.sizeBytes,
        name: this.name,
        'piece length': PIECE_BYTES,
        pieces: this.#pieces,
      },
    })
  }

  /** Whether a copy has every byte. */
  isEqualTo(path: string): boolean {
    const hash = createHash('sha1')
    const buffer = Buffer.allocUnsafe(4 * MIB)
    const file = openSync(path, 'r')
    for (;;) {
      const readBytes = readSync(file, buffer)
      if (readBytes === 0) break
      hash.update(buffer.subarray(0, readBytes))
    }
    closeSync(file)
    return hash.digest('hex') === this.#hash
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export interface BenchSetting {
  readonly http: HttpTracker
  readonly pool: AddressPool
  readonly file: BenchFile
  readonly limitMs: number
}

/** One run, or why it did not finish. */
export async function benchTransfer(
  seederDriver: Driver,
  leecherDriver: Driver,
  setting: BenchSetting,
): Promise<TransferRun | { readonly why: string }> {
  const { file } = setting
  const dir = mkdtempSync(join(file.dir, 'run-'))
  const seeder = start(seederDriver, 'seed', dir, setting)
  let leecher: Started | undefined
  try {
    if (!(await seeder.process.ready(setting.limitMs))) return { why: 'the seeder did not come up' }
    const isChecked = await seeder.tracker.waitFor(
      (announce) => announce.leftBytes === 0,
      setting.limitMs,
    )
    if (isChecked === undefined) return { why: 'the seeder never announced itself as complete' }
    const seederBefore = groupUsage(seeder.process.pid)
    const startMs = performance.now()
    leecher = start(leecherDriver, 'leech', dir, setting, seeder)
    const times = await watch(leecher, setting)
    if ('why' in times) return times
    const seederUsage = groupUsage(seeder.process.pid)
    const leecherUsage = groupUsage(leecher.process.pid)
    if (!file.isEqualTo(leecher.path)) return { why: 'the copy is wrong' }
    return {
      seeder: seederDriver.name,
      leecher: leecherDriver.name,
      sizeBytes: file.sizeBytes,
      seconds: (times.doneMs - startMs) / 1000,
      secondsFromFirstData: (times.doneMs - times.firstMs) / 1000,
      seederUsage: {
        // Checking its own copy at the start is not part of the transfer.
        cpuSeconds: seederUsage.cpuSeconds - seederBefore.cpuSeconds,
        peakRssBytes: seederUsage.peakRssBytes,
      },
      leecherUsage,
    }
  } finally {
    await Promise.all([seeder.process.kill(), leecher?.process.kill()])
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Started {
  readonly process: ClientProcess
  readonly tracker: TrackerClient
  readonly listen: { readonly host: string; readonly port: number }
  readonly path: string
}

let serial = 0

function start(
  driver: Driver,
  role: 'seed' | 'leech',
  runDir: string,
  setting: BenchSetting,
  seeder?: Started,
): Started {
  const { file } = setting
  serial += 1
  const tracker = new TrackerClient(`bench-${serial}`)
  tracker.intervalSeconds = 1
  tracker.peers = seeder === undefined ? [] : [seeder.listen]
  const dir = join(runDir, role)
  const data = join(dir, 'data')
  mkdirSync(data, { recursive: true })
  // Linked, not copied: the tmpfs holds one original and one copy.
  if (role === 'seed') linkSync(join(file.dir, file.name), join(data, file.name))
  const torrentFile = join(dir, 'in.torrent')
  writeFileSync(torrentFile, file.torrentFile(setting.http.register(tracker)))
  const listen = setting.pool.client()
  const process = new ClientProcess(driver, {
    role,
    caseId: 'bench',
    dir,
    listen,
    source: { torrentFile },
  })
  return { process, tracker, listen, path: join(data, file.name) }
}

/** Done when every page of the file is on the tmpfs; whether they are the right ones is checked afterwards. */
async function watch(
  leecher: Started,
  setting: BenchSetting,
): Promise<{ readonly firstMs: number; readonly doneMs: number } | { readonly why: string }> {
  const untilMs = performance.now() + setting.limitMs
  let firstMs = 0
  for (;;) {
    const writtenBytes = allocatedBytes(leecher.path)
    const nowMs = performance.now()
    if (firstMs === 0 && writtenBytes > 0) firstMs = nowMs
    if (writtenBytes >= setting.file.sizeBytes) {
      // What a client still has to hash belongs to its bill.
      await pause(SETTLE_MS)
      return { firstMs, doneMs: nowMs }
    }
    if (leecher.process.exit !== undefined) return { why: 'the leecher ended early' }
    if (nowMs > untilMs) return { why: `not done within ${setting.limitMs / 1000} s` }
    await pause(POLL_MS)
  }
}

/** Sparse files have their length at once, and their blocks of 512 bytes when data comes. */
function allocatedBytes(path: string): number {
  try {
    return statSync(path).blocks * 512
  } catch {
    return 0
  }
}
