/**
 * What the storage port costs: commits, rechecks and reads back one torrent on a tmpfs (or in the folder given).
 *
 *   node --conditions=pigeon-source packages/node/bench/storage.ts [--mib 1024] [--piece-kib 1024] [--workers N] [--folder DIR]
 *
 * Prints MiB/s and CPU seconds per GiB (user and system, all threads) of each step.
 */
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { StorageLayout } from '@pigeon/engine/layout'
import type { PieceBuffer } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { createStoragePort, defaultWorkers } from '../src/storage/storage.ts'

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    'piece-kib': { type: 'string', default: '1024' },
    workers: { type: 'string', default: String(defaultWorkers()) },
    folder: { type: 'string', default: '/dev/shm' },
  },
})
const pieceLength = Number(values['piece-kib']) * 1024
const totalBytes = Number(values.mib) * 1024 * 1024
const pieceCount = Math.ceil(totalBytes / pieceLength)
const RUN_BYTES = 256 * 1024
/** All pieces are zeros: filling them would measure the bench. */
const pieceDigest = hash('sha1', new Uint8Array(pieceLength), 'buffer')

const folder = mkdtempSync(join(values.folder, 'pigeon-bench-'))
const storage = createStoragePort({ workers: Number(values.workers) })
const layout: StorageLayout = {
  id: '0'.repeat(40),
  pieceLength,
  pieceCount,
  totalBytes,
  rootName: 'file',
  files: [{ fileIndex: 0, path: 'file', lengthBytes: totalBytes, offset: 0, isPad: false }],
}

try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  const files = await storage.open(layout, folder)
  if (isIoProblem(files)) throw new Error(files.message)
  const proof = { algorithm: 'sha1' as const, digest: pieceDigest }
  await step('commit', async () => {
    const running = new Set<Promise<void>>()
    for (let piece = 0; piece < pieceCount; piece++) {
      const buffer = await acquired()
      const commit = files.commit(piece, buffer, proof).then((result) => {
        running.delete(commit)
        if (result.kind !== 'verified') throw new Error(JSON.stringify(result))
      })
      running.add(commit)
    }
    await Promise.all(running)
  })
  await step('verify', async () => {
    await atOnce(4, pieceCount, async (piece) => {
      const result = await files.verify(piece, proof)
      if (result !== 'verified') throw new Error(JSON.stringify(result))
    })
  })
  await step('read', async () => {
    const perPiece = pieceLength / RUN_BYTES
    await atOnce(4, pieceCount * perPiece, async (run) => {
      const begin = (run % perPiece) * RUN_BYTES
      const bytes = await files.read(Math.floor(run / perPiece), begin, RUN_BYTES)
      if (isIoProblem(bytes)) throw new Error(bytes.message)
    })
  })
  await files.close({ deleteData: true })
  await storage.shutDown()
}

async function acquired(): Promise<PieceBuffer> {
  for (;;) {
    const buffer = storage.acquire(pieceLength)
    if (buffer !== null) return buffer
    await new Promise<void>((resolve) => {
      storage.onRelease = resolve
    })
  }
}

async function atOnce(width: number, count: number, work: (index: number) => Promise<void>) {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await work()
  const seconds = (performance.now() - startMs) / 1000
  const used = process.cpuUsage(cpu)
  const gib = totalBytes / 2 ** 30
  const cpuSeconds = (used.user + used.system) / 1e6 / gib
  const rate = Math.round(totalBytes / 2 ** 20 / seconds)
  process.stdout.write(`${name}: ${rate} MiB/s, ${cpuSeconds.toFixed(2)} CPU s/GiB\n`)
}
