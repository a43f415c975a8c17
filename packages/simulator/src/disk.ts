/**
 * A host's disk: what programs see, what would survive a power cut, and how it can fail. Writes are durable after a good
 * sync; a crash before that keeps a few of them, some torn at 512 bytes.
 */
import type { Chance } from './chance.ts'

const SECTOR_BYTES = 512

export interface DiskFaults {
  /** Bytes that fit; writes beyond fail. */
  capacityBytes: number
  /** Probability that a write, a read or a sync fails. */
  writeFailure: number
  readFailure: number
  syncFailure: number
  /** Of the unsynced writes, the share that a crash loses. */
  crashLoss: number
  /** How long a sync takes. */
  syncMs: number
}

interface PendingWrite {
  readonly path: string
  readonly offset: number
  readonly bytes: Uint8Array
}

export class SimDisk {
  readonly faults: DiskFaults = {
    capacityBytes: Number.POSITIVE_INFINITY,
    writeFailure: 0,
    readFailure: 0,
    syncFailure: 0,
    crashLoss: 0.9,
    syncMs: 5,
  }
  /** Counts for invariants. */
  writes = 0
  syncs = 0
  readonly #chance: Chance
  #seen = new Map<string, Uint8Array>()
  #durable = new Map<string, Uint8Array>()
  #pending: PendingWrite[] = []
  /** What was written where, so that holes take no room. */
  #extents = new Map<string, number>()
  #usedBytes = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get freeBytes(): number {
    return Math.max(0, this.faults.capacityBytes - this.#usedBytes)
  }

  paths(): readonly string[] {
    return [...this.#seen.keys()].sort()
  }

  /** -1 when there is no such file. */
  sizeOf(path: string): number {
    return this.#seen.get(path)?.length ?? -1
  }

  /** The whole file as it is now, only to be looked at; `null` when there is none. */
  contentOf(path: string): Uint8Array | null {
    return this.#seen.get(path) ?? null
  }

  /** Puts a file there as a user would, durable at once. */
  put(path: string, bytes: Uint8Array): void {
    this.#apply(this.#seen, { path, offset: 0, bytes })
    this.#apply(this.#durable, { path, offset: 0, bytes })
    this.#countRoom(path, 0, bytes.length)
  }

  write(path: string, offset: number, bytes: Uint8Array): 'written' | 'full' | 'broken' {
    if (this.#chance.happens(this.faults.writeFailure)) return 'broken'
    const room = this.#extents.has(`${path}\0${offset}`) ? 0 : bytes.length
    if (this.#usedBytes + room > this.faults.capacityBytes) return 'full'
    const write = { path, offset, bytes: bytes.slice() }
    this.#apply(this.#seen, write)
    this.#pending.push(write)
    this.#countRoom(path, offset, bytes.length)
    this.writes += 1
    return 'written'
  }

  /** `null` when any of the bytes are not there. */
  read(path: string, offset: number, lengthBytes: number): Uint8Array | 'broken' | null {
    if (this.#chance.happens(this.faults.readFailure)) return 'broken'
    const file = this.#seen.get(path)
    if (file === undefined || file.length < offset + lengthBytes) return null
    return file.slice(offset, offset + lengthBytes)
  }

  /** After a failure the writes since the last good sync are still seen but will not survive, as on real systems. */
  sync(isOurs: (path: string) => boolean): 'synced' | 'broken' {
    this.syncs += 1
    const ours = this.#pending.filter((write) => isOurs(write.path))
    this.#pending = this.#pending.filter((write) => !isOurs(write.path))
    if (this.#chance.happens(this.faults.syncFailure)) return 'broken'
    for (const write of ours) this.#apply(this.#durable, write)
    return 'synced'
  }

  remove(path: string): void {
    this.#seen.delete(path)
    this.#durable.delete(path)
    this.#pending = this.#pending.filter((write) => write.path !== path)
    for (const [extent, lengthBytes] of this.#extents) {
      if (!extent.startsWith(`${path}\0`)) continue
      this.#extents.delete(extent)
      this.#usedBytes -= lengthBytes
    }
  }

  rename(from: string, to: string): void {
    const bytes = this.#seen.get(from)
    if (bytes === undefined) return
    this.remove(from)
    this.put(to, bytes)
  }

  /** Power is cut: what was not synced is mostly gone. */
  crash(): void {
    const survivors = this.#pending.filter(() => !this.#chance.happens(this.faults.crashLoss))
    for (const write of survivors) {
      const sectors = Math.ceil(write.bytes.length / SECTOR_BYTES)
      const kept = this.#chance.happens(0.5) ? sectors : this.#chance.int(sectors + 1)
      this.#apply(this.#durable, { ...write, bytes: write.bytes.subarray(0, kept * SECTOR_BYTES) })
    }
    this.#pending = []
    this.#seen = new Map([...this.#durable].map(([path, bytes]) => [path, bytes.slice()]))
    this.#extents = new Map()
    this.#usedBytes = 0
    for (const [path, bytes] of this.#seen) this.#countRoom(path, 0, bytes.length)
  }

  #apply(files: Map<string, Uint8Array>, write: PendingWrite): void {
    const end = write.offset + write.bytes.length
    let file = files.get(write.path) ?? new Uint8Array(0)
    if (file.length < end) {
      const longer = new Uint8Array(end)
      longer.set(file)
      file = longer
    }
    file.set(write.bytes, write.offset)
    files.set(write.path, file)
  }

  #countRoom(path: string, offset: number, lengthBytes: number): void {
    const extent = `${path}\0${offset}`
    this.#usedBytes += lengthBytes - (this.#extents.get(extent) ?? 0)
    this.#extents.set(extent, lengthBytes)
  }
}
