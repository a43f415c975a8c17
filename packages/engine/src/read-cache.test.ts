import { describe, expect, it } from 'vitest'
import { ioProblem, isIoProblem } from './problem.ts'
import { RUN_BYTES, ReadCache, ReadMemory } from './read-cache.ts'

const KIB = 1024

/** A disk whose bytes tell where they lie, and which counts how often it is read. */
function newDisk(pieceLength: number): {
  readonly reads: string[]
  isBroken: boolean
  readonly read: (
    piece: number,
    begin: number,
    length: number,
  ) => Promise<Uint8Array | ReturnType<typeof ioProblem>>
  readonly pieceLengthOf: () => number
} {
  const reads: string[] = []
  const disk = {
    reads,
    isBroken: false,
    pieceLengthOf: () => pieceLength,
    read: async (piece: number, begin: number, length: number) => {
      reads.push(`${piece}:${begin}+${length}`)
      await Promise.resolve()
      if (disk.isBroken) return ioProblem('disk-error', 'broken', 'mend it')
      return Uint8Array.from({ length }, (_, at) => byteAt(piece, begin + at))
    },
  }
  return disk
}

function byteAt(piece: number, offset: number): number {
  return (piece * 31 + offset + (offset >> 8)) & 0xff
}

describe('ReadCache', () => {
  it('answers many requests with one read, at once from the second on', async () => {
    const disk = newDisk(512 * KIB)
    const cache = new ReadCache({ ...disk, limitBytes: 1024 * KIB })
    const first = await cache.read(3, 16 * KIB, 16 * KIB)
    const second = cache.read(3, 32 * KIB, 16 * KIB)
    expect(second).toBeInstanceOf(Uint8Array)
    if (isIoProblem(first) || second instanceof Promise) throw new Error('not read')
    expect([first[0], second[0], second.length]).toEqual([
      byteAt(3, 16 * KIB),
      byteAt(3, 32 * KIB),
      16 * KIB,
    ])
    expect(disk.reads).toEqual([`3:0+${RUN_BYTES}`])
  })

  it('reads a run once however many wait for it', async () => {
    const disk = newDisk(256 * KIB)
    const cache = new ReadCache({ ...disk, limitBytes: 1024 * KIB })
    await Promise.all([0, 1, 2, 3].map(async (block) => cache.read(0, block * 16 * KIB, 16 * KIB)))
    expect(disk.reads).toHaveLength(1)
  })

  it('reads no further than a short piece goes', async () => {
    const disk = newDisk(20 * KIB)
    const cache = new ReadCache({ ...disk, limitBytes: 1024 * KIB })
    await cache.read(1, 16 * KIB, 4 * KIB)
    expect(disk.reads).toEqual([`1:0+${20 * KIB}`])
  })

  it('joins a request that lies across two runs', async () => {
    const disk = newDisk(512 * KIB)
    const cache = new ReadCache({ ...disk, limitBytes: 1024 * KIB })
    const bytes = await cache.read(0, RUN_BYTES - 10, 30)
    if (isIoProblem(bytes)) throw new Error('not read')
    expect([...bytes]).toEqual([...Array(30).keys()].map((at) => byteAt(0, RUN_BYTES - 10 + at)))
  })

  it('never holds more than its limit, and forgets what was not used for longest', async () => {
    const disk = newDisk(RUN_BYTES)
    const memory = new ReadMemory(4 * RUN_BYTES)
    const caches = [new ReadCache({ ...disk, memory }), new ReadCache({ ...disk, memory })]
    for (let piece = 0; piece < 20; piece += 1) {
      for (const cache of caches) {
        await cache.read(piece, 0, 16 * KIB)
        await caches[0]?.read(0, 0, 16 * KIB)
        expect(memory.usedBytes).toBeLessThanOrEqual(4 * RUN_BYTES)
      }
    }
    expect(disk.reads.filter((read) => read.startsWith('0:'))).toHaveLength(2)
    expect(memory.usedBytes).toBe(4 * RUN_BYTES)
  })

  it('serves what is larger than its limit without keeping it', async () => {
    const disk = newDisk(RUN_BYTES)
    const memory = new ReadMemory(RUN_BYTES - 1)
    const cache = new ReadCache({ ...disk, memory })
    const bytes = await cache.read(0, 0, 16 * KIB)
    expect(isIoProblem(bytes)).toBe(false)
    expect(memory.usedBytes).toBe(0)
  })

  it('tells of a problem and tries again', async () => {
    const disk = newDisk(RUN_BYTES)
    const cache = new ReadCache({ ...disk, limitBytes: 1024 * KIB })
    disk.isBroken = true
    expect(isIoProblem(await cache.read(0, 0, 10))).toBe(true)
    disk.isBroken = false
    expect(isIoProblem(await cache.read(0, 0, 10))).toBe(false)
  })

  it('keeps nothing of a piece that changed, not even a read under way', async () => {
    const disk = newDisk(RUN_BYTES)
    const memory = new ReadMemory()
    const cache = new ReadCache({ ...disk, memory })
    await cache.read(0, 0, 10)
    const reading = cache.read(1, 0, 10)
    cache.forget(0)
    cache.forget(1)
    await reading
    expect(memory.usedBytes).toBe(0)
    await cache.read(0, 0, 10)
    expect(disk.reads).toHaveLength(3)
    cache.clear()
    expect(memory.usedBytes).toBe(0)
  })
})
