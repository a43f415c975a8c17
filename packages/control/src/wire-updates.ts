/**
 * Updates as they pass over a WebSocket: a diff holds of each torrent, and of the session, only the fields that changed.
 * Pure, and free of any runtime: the page reads with it too.
 */
import type { SessionSummary, TorrentSummary, Update } from './contract.ts'

type Diff = Extract<Update, { kind: 'diff' }>

/** Fields with their new values; the others stay as they were. */
export type TorrentChange = Partial<TorrentSummary> & { readonly id: string }

export interface WireDiff {
  readonly kind: 'diff'
  readonly number: number
  readonly session: Partial<SessionSummary> | null
  /** A torrent that is new is there with all its fields. */
  readonly changed: readonly TorrentChange[]
  readonly removed: readonly string[]
}

export type WireUpdate = Exclude<Update, { kind: 'diff' }> | WireDiff

interface Before {
  readonly session: SessionSummary
  /** As long as `changed`; of new torrents nothing. */
  readonly torrents: readonly (TorrentSummary | undefined)[]
}

/** Of the diffs that are on their way to listeners in this process. */
const befores = new WeakMap<Diff, Before>()

/** For who makes diffs: what there was before this one. */
export function rememberBefore(diff: Diff, before: Before): void {
  befores.set(diff, before)
}

/** The same update with what changed alone; whole where nobody remembers what there was before. */
export function toWire(update: Update): WireUpdate {
  if (update.kind !== 'diff') return update
  const before = befores.get(update)
  if (before === undefined) return update
  return {
    kind: 'diff',
    number: update.number,
    session: update.session === null ? null : changedFields(before.session, update.session),
    changed: update.changed.map((torrent, index) => {
      const was = before.torrents[index]
      return was === undefined ? torrent : { ...changedFields(was, torrent), id: torrent.id }
    }),
    removed: update.removed,
  }
}

/** Puts what comes over the wire together again. */
export class UpdateReader {
  #number = 0
  #session: SessionSummary | null = null
  readonly #torrents = new Map<string, TorrentSummary>()

  /** The whole update; `null` when something is missing before it: ask for a snapshot. */
  read(update: WireUpdate): Update | null {
    if (update.kind === 'snapshot') return this.#begin(update)
    return update.kind === 'diff' ? this.#advance(update) : update
  }

  #begin(snapshot: Extract<Update, { kind: 'snapshot' }>): Update {
    this.#number = snapshot.number
    this.#session = snapshot.session
    this.#torrents.clear()
    for (const torrent of snapshot.torrents) this.#torrents.set(torrent.id, torrent)
    return snapshot
  }

  #advance(diff: WireDiff): Update | null {
    if (this.#session === null || diff.number !== this.#number + 1) return null
    const changed: TorrentSummary[] = []
    for (const change of diff.changed) {
      const torrent = { ...this.#torrents.get(change.id), ...change }
      if (!isWhole(torrent)) return null
      changed.push(torrent)
    }
    this.#number = diff.number
    for (const torrent of changed) this.#torrents.set(torrent.id, torrent)
    for (const id of diff.removed) this.#torrents.delete(id)
    const session = diff.session === null ? null : { ...this.#session, ...diff.session }
    this.#session = session ?? this.#session
    return { kind: 'diff', number: diff.number, session, changed, removed: diff.removed }
  }
}

/** Whether this was a change of a torrent that is known, or a torrent that is new and all there. */
function isWhole(torrent: TorrentChange): torrent is TorrentSummary {
  return 'name' in torrent && 'state' in torrent && 'limits' in torrent
}

function changedFields<T extends object>(before: T, now: T): Partial<T> {
  const changed: Partial<T> = {}
  for (const key in now) {
    if (!sameValue(before[key], now[key])) changed[key] = now[key]
  }
  return changed
}

function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  // Lists and records within a summary are short, and their keys always stand in the same order.
  return typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other)
}
