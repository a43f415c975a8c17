/**
 * A simulated computer: an address, a line, a disk, records, and a program that can be started, killed and started again.
 */
import { createHash } from 'node:crypto'
import { noWebSockets } from '@pigeon/engine/no-web-sockets'
import type { ClockPort, HttpPort, LogPort, Ports } from '@pigeon/engine/ports'
import type { LocalTime } from '@pigeon/engine/schedule'
import { WEEKDAYS } from '@pigeon/engine/schedule'
import type { Millis } from '@pigeon/protocol/machine'
import type { Chance } from './chance.ts'
import { SimDisk } from './disk.ts'
import type { Endpoint, Link, SimNetwork } from './network.ts'
import { SimRecordStore, recordsOf } from './records.ts'
import { createSimSignatures } from './signatures.ts'
import { SimStorage, type Work } from './storage.ts'
import type { Timeline } from './timeline.ts'

export interface LogEntry {
  readonly atMs: Millis
  readonly level: Parameters<LogPort['write']>[0]
  readonly event: string
  readonly fields: Parameters<LogPort['write']>[2]
}

export interface HostWorld {
  readonly timeline: Timeline
  readonly network: SimNetwork
  readonly chance: Chance
  readonly http: (from: string) => HttpPort
}

/** The wall clock at the beginning of every world. */
const WALL_START_MS = 1_900_000_000_000
/** Every world lies on the prime meridian. */
function localTimeAt(wallMs: number): LocalTime {
  const date = new Date(wallMs)
  const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7] ?? 'mon'
  return { weekday, minute: date.getUTCHours() * 60 + date.getUTCMinutes() }
}

const LOG_LIMIT = 2000
const DIRTY_LIMIT_BYTES = 32 * 1024 * 1024

export class SimHost {
  readonly name: string
  readonly address: string
  readonly link: Link
  readonly disk: SimDisk
  readonly records: SimRecordStore
  readonly log: LogEntry[] = []
  /** How wrong its wall clock is; may jump. */
  wallSkewMs = 0
  /** Bytes of pieces under way that its program may hold. */
  dirtyLimitBytes = DIRTY_LIMIT_BYTES
  readonly #world: HostWorld
  readonly #chance: Chance
  #endpoint: Endpoint | null = null
  #storage: SimStorage | null = null

  constructor(world: HostWorld, name: string, address: string, link: Link) {
    this.name = name
    this.address = address
    this.link = link
    this.#world = world
    this.#chance = world.chance.fork(name)
    this.disk = new SimDisk(this.#chance.fork('disk'))
    this.records = new SimRecordStore(this.#chance.fork('records'))
  }

  /** The buffers of the program that runs now. */
  get storage(): SimStorage | null {
    return this.#storage
  }

  /** Starts the program: ports that work until the next `kill` or `cutPower`. */
  start(): Ports {
    this.#stop()
    const { timeline, network } = this.#world
    const endpoint: Endpoint = {
      host: this.address,
      link: this.link,
      isAlive: true,
      upFreeMs: 0,
      downFreeMs: 0,
      streams: new Set(),
      holes: new Map(),
    }
    this.#endpoint = endpoint
    const after = (delayMs: Millis, callback: () => void): (() => void) =>
      timeline.after(delayMs, () => {
        if (endpoint.isAlive) callback()
      })
    const work: Work = (delayMs) => new Promise((resolve) => after(delayMs, resolve))
    const storage = new SimStorage(this.disk, work, this.dirtyLimitBytes)
    this.#storage = storage
    const clock: ClockPort = {
      nowMs: () => timeline.read(),
      wallMs: () => WALL_START_MS + timeline.nowMs + this.wallSkewMs,
      localTime: () => localTimeAt(WALL_START_MS + timeline.nowMs + this.wallSkewMs),
      after,
    }
    return {
      clock,
      random: {
        bytes: (lengthBytes) => this.#chance.bytes(lengthBytes),
        int: (below) => this.#chance.int(below),
      },
      network: network.streamsFor(endpoint),
      datagrams: network.datagramsFor(endpoint),
      http: this.#world.http(this.address),
      webSockets: noWebSockets(clock),
      webRtc: null,
      portMapping: null,
      signatures: createSimSignatures(),
      storage,
      records: recordsOf(this.records, work),
      digest: { sha1: (bytes) => new Uint8Array(createHash('sha1').update(bytes).digest()) },
      log: {
        write: (level, event, fields) =>
          this.#write({ atMs: timeline.nowMs, level, event, fields }),
      },
    }
  }

  /** `kill -9`: the program is gone, what it wrote is still in the system's memory. */
  kill(): void {
    this.#stop()
    this.records.crash()
  }

  /** The computer is gone too: most of what was not synced is lost. */
  cutPower(): void {
    this.kill()
    this.disk.crash()
  }

  /** All its connections break. */
  resetConnections(): void {
    for (const stream of [...(this.#endpoint?.streams ?? [])]) stream.reset()
  }

  /** Its bytes stand still on all connections that it has now, or move again. */
  stall(isStalled: boolean): void {
    for (const stream of this.#endpoint?.streams ?? []) stream.isStalled = isStalled
  }

  /** The most that waits to be sent on one of its connections. */
  get mostQueuedBytes(): number {
    let most = 0
    for (const stream of this.#endpoint?.streams ?? []) most = Math.max(most, stream.queuedBytes)
    return most
  }

  get connectionCount(): number {
    return this.#endpoint?.streams.size ?? 0
  }

  #stop(): void {
    if (this.#endpoint !== null) this.#world.network.drop(this.#endpoint)
    this.#endpoint = null
    this.#storage = null
  }

  #write(entry: LogEntry): void {
    this.log.push(entry)
    if (this.log.length > LOG_LIMIT) this.log.shift()
  }
}
