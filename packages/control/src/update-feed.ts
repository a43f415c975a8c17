/**
 * Turns successive states of a node into one numbered stream of updates for any number of listeners.
 */
import type { SessionSummary, TorrentSummary, Update } from './contract.ts'

type Listener = (update: Update) => void

/** Remembers the last state, tells listeners what differs. Numbers rise by one with each diff. */
export class UpdateFeed {
  #number = 1
  #session: SessionSummary
  #torrents: ReadonlyMap<string, TorrentSummary>
  readonly #listeners = new Set<Listener>()

  constructor(session: SessionSummary, torrents: readonly TorrentSummary[]) {
    this.#session = session
    this.#torrents = byId(torrents)
  }

  get listenerCount(): number {
    return this.#listeners.size
  }

  get session(): SessionSummary {
    return this.#session
  }

  get torrents(): ReadonlyMap<string, TorrentSummary> {
    return this.#torrents
  }

  /** The whole state as it was last published. */
  snapshot(): Update & { kind: 'snapshot' } {
    return {
      kind: 'snapshot',
      number: this.#number,
      session: this.#session,
      torrents: [...this.#torrents.values()],
    }
  }

  /** Takes the new state and tells the difference; answers whether there was one. */
  publish(session: SessionSummary, torrents: readonly TorrentSummary[]): boolean {
    const next = byId(torrents)
    const changed = torrents.filter((torrent) => {
      const before = this.#torrents.get(torrent.id)
      return before === undefined || !sameFields(before, torrent)
    })
    const removed = [...this.#torrents.keys()].filter((id) => !next.has(id))
    const isSameSession = sameFields(this.#session, session)
    if (changed.length === 0 && removed.length === 0 && isSameSession) return false
    this.#session = session
    this.#torrents = next
    this.#number += 1
    this.tell({
      kind: 'diff',
      number: this.#number,
      session: isSameSession ? null : session,
      changed,
      removed,
    })
    return true
  }

  /** Takes a new state of which nobody knows how it came about, and tells it whole. */
  restart(session: SessionSummary, torrents: readonly TorrentSummary[]): void {
    this.#session = session
    this.#torrents = byId(torrents)
    this.#number += 1
    this.tell(this.snapshot())
  }

  /** Hands an update to every listener as it is, without taking it for the new state. */
  tell(update: Update): void {
    for (const listener of this.#listeners) listener(update)
  }

  /** Gives a snapshot after this turn of the event loop's current job, then every diff. Answers how to stop. */
  watch(listener: Listener): () => void {
    let isStopped = false
    queueMicrotask(() => {
      if (isStopped) return
      this.#listeners.add(listener)
      listener(this.snapshot())
    })
    return () => {
      isStopped = true
      this.#listeners.delete(listener)
    }
  }

  /** Forgets all listeners. */
  close(): void {
    this.#listeners.clear()
  }
}

function byId(torrents: readonly TorrentSummary[]): ReadonlyMap<string, TorrentSummary> {
  return new Map(torrents.map((torrent) => [torrent.id, torrent]))
}

/** Compares flat records; a `problem` within is compared by its own fields. */
export function sameFields(one: object, other: object): boolean {
  if (one === other) return true
  const entries = Object.entries(one)
  const others = new Map<string, unknown>(Object.entries(other))
  if (entries.length !== others.size) return false
  return entries.every(([key, value]) => sameValue(value, others.get(key)))
}

function sameValue(one: unknown, other: unknown): boolean {
  if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
    return sameFields(one, other)
  }
  return Object.is(one, other)
}
