/**
 * Turns successive states of a node into one numbered stream of updates for any number of listeners. What did not change
 * costs one comparison of two references: neither lists nor maps are built anew.
 */
import type { SessionSummary, TorrentSummary, Update } from './contract.ts'
import { rememberBefore } from './wire-updates.ts'

type Listener = (update: Update) => void
type Snapshot = Extract<Update, { kind: 'snapshot' }>

/** Remembers the last state, tells listeners what differs. Numbers rise by one with each diff. */
export class UpdateFeed {
  #number = 1
  #session: SessionSummary
  readonly #torrents = new Map<string, TorrentSummary>()
  /** The torrents in order as they were last published; `null` when only the map has them. */
  #list: readonly TorrentSummary[] | null
  /** Of the present number; the same for all who begin with it. */
  #snapshot: Snapshot | null = null
  readonly #listeners = new Set<Listener>()

  constructor(session: SessionSummary, torrents: readonly TorrentSummary[]) {
    this.#session = session
    this.#list = torrents
    for (const torrent of torrents) this.#torrents.set(torrent.id, torrent)
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
  snapshot(): Snapshot {
    this.#list ??= [...this.#torrents.values()]
    this.#snapshot ??= {
      kind: 'snapshot',
      number: this.#number,
      session: this.#session,
      torrents: this.#list,
    }
    return this.#snapshot
  }

  /** Takes the new state and tells the difference; answers whether there was one. */
  publish(session: SessionSummary, torrents: readonly TorrentSummary[]): boolean {
    const changed: TorrentSummary[] = []
    let newCount = 0
    if (torrents !== this.#list) {
      for (const [index, torrent] of torrents.entries()) {
        if (torrent === this.#list?.[index]) continue
        const before = this.#torrents.get(torrent.id)
        if (before === undefined) newCount += 1
        if (before === undefined || !sameFields(before, torrent)) changed.push(torrent)
      }
    }
    const isShorter = this.#torrents.size + newCount > torrents.length
    const removed = isShorter ? missingIn(this.#torrents, torrents) : []
    const didChange = this.advance(session, changed, removed)
    this.#list = torrents
    return didChange
  }

  /** As `publish`, by somebody who knows what differs. */
  advance(
    session: SessionSummary,
    changed: readonly TorrentSummary[],
    removed: readonly string[],
  ): boolean {
    const sessionBefore = this.#session
    const isSameSession = sameFields(sessionBefore, session)
    if (changed.length === 0 && removed.length === 0 && isSameSession) return false
    const before = changed.map(({ id }) => this.#torrents.get(id))
    for (const torrent of changed) this.#torrents.set(torrent.id, torrent)
    for (const id of removed) this.#torrents.delete(id)
    this.#session = session
    this.#list = null
    this.#snapshot = null
    this.#number += 1
    const update = {
      kind: 'diff',
      number: this.#number,
      session: isSameSession ? null : session,
      changed,
      removed,
    } as const
    rememberBefore(update, { session: sessionBefore, torrents: before })
    this.tell(update)
    return true
  }

  /** Takes a new state of which nobody knows how it came about, and tells it whole. */
  restart(session: SessionSummary, torrents: readonly TorrentSummary[]): void {
    this.#session = session
    this.#torrents.clear()
    for (const torrent of torrents) this.#torrents.set(torrent.id, torrent)
    this.#list = torrents
    this.#snapshot = null
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

function missingIn(
  before: ReadonlyMap<string, TorrentSummary>,
  torrents: readonly TorrentSummary[],
): readonly string[] {
  const ids = new Set(torrents.map(({ id }) => id))
  return [...before.keys()].filter((id) => !ids.has(id))
}

/** Compares records of plain values; records and lists within are compared by their own fields. */
export function sameFields(one: object, other: object): boolean {
  if (one === other) return true
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && sameField(one, other, key))
}

function sameField(one: object, other: object, key: string): boolean {
  const first: unknown = Reflect.get(one, key)
  const second: unknown = Reflect.get(other, key)
  if (isRecord(first) && isRecord(second)) return sameFields(first, second)
  return Object.is(first, second)
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
