/** What each client of a cell is told, and what it said: the tracker's memory, whatever the transport. */
import { EventEmitter } from 'node:events'
import type { Endpoint } from '../net/address-pool.ts'

export interface Announce {
  readonly transport: 'http' | 'udp' | 'ws'
  readonly atMs: number
  readonly infoHashHex: string
  readonly event: string
  readonly port: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  readonly leftBytes: number
}

/** One client's page: whom it is told about, and its announces in order. */
export class TrackerClient {
  readonly key: string
  peers: readonly Endpoint[] = []
  readonly announces: Announce[] = []
  /** Addresses that the announces came from. */
  readonly hosts = new Set<string>()
  /** Replaces the whole HTTP answer, for trackers that lie. */
  rawAnswer: Buffer | undefined
  intervalSeconds = 2
  readonly #events = new EventEmitter()

  constructor(key: string) {
    this.key = key
    this.#events.setMaxListeners(0)
  }

  record(announce: Announce): void {
    // A client that hammers must not fill the suite's memory: the evidence is in the first thousand.
    if (this.announces.length < MAX_ANNOUNCES) this.announces.push(announce)
    this.#events.emit('announce', announce)
  }

  /** Resolves at the first announce that fits, or with `undefined` after `limitMs`. */
  waitFor(fits: (announce: Announce) => boolean, limitMs: number): Promise<Announce | undefined> {
    const before = this.announces.find(fits)
    if (before !== undefined) return Promise.resolve(before)
    return new Promise((resolve) => {
      const settle = (announce: Announce | undefined): void => {
        clearTimeout(timer)
        this.#events.off('announce', look)
        resolve(announce)
      }
      const look = (announce: Announce): void => {
        if (fits(announce)) settle(announce)
      }
      const timer = setTimeout(settle, limitMs, undefined)
      this.#events.on('announce', look)
    })
  }
}

const MAX_ANNOUNCES = 1000
