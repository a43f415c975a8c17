/**
 * Which torrents have their turn, and when one has seeded enough.
 */
import type { Millis } from '@pigeon/protocol/machine'

export interface QueuedTorrent {
  /** Paused and broken torrents want no turn. */
  readonly wantsTurn: boolean
  /** All that is wanted is here: it only gives. */
  readonly isFinished: boolean
  /** It runs whatever the queue says, and takes nobody's place. */
  readonly isForced: boolean
}

/** Those that may be active: of a queue in order, those that still download first. Takes one look at each. */
export function chooseActive<T extends QueuedTorrent>(
  queue: Iterable<T>,
  maxActive: number,
): ReadonlySet<T> {
  const active = new Set<T>()
  const downloading: T[] = []
  const finished: T[] = []
  for (const torrent of queue) {
    if (!torrent.wantsTurn) continue
    if (torrent.isForced) active.add(torrent)
    else if (downloading.length < maxActive && !torrent.isFinished) downloading.push(torrent)
    else if (finished.length < maxActive && torrent.isFinished) finished.push(torrent)
  }
  for (const torrent of [...downloading, ...finished].slice(0, Math.max(0, maxActive)))
    active.add(torrent)
  return active
}

export type QueueMove = 'top' | 'up' | 'down' | 'bottom'

/** The order after moving `ids`, which keep their order among themselves. Unknown ids are ignored. */
export function moveInQueue(
  order: readonly string[],
  ids: readonly string[],
  to: QueueMove,
): readonly string[] {
  const moved = new Set(ids)
  const chosen = order.filter((id) => moved.has(id))
  const others = order.filter((id) => !moved.has(id))
  if (to === 'top') return [...chosen, ...others]
  if (to === 'bottom') return [...others, ...chosen]
  return to === 'up' ? moveUp(order, moved) : moveUp(order.toReversed(), moved).toReversed()
}

export interface SeedingGoal {
  /** Uploaded over downloaded bytes; `null` for no such goal. */
  readonly ratio: number | null
  readonly seedMs: Millis | null
  /** Without a byte going out. */
  readonly idleMs: Millis | null
}

export interface SeedingDone {
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  readonly wantedBytes: number
  readonly seededMs: Millis
  /** Since the last byte went out, or since it began to seed. */
  readonly idleMs: Millis
}

/** Whether any goal is reached. A torrent that was here from the start counts its size as downloaded. */
export function isGoalReached(done: SeedingDone, goal: SeedingGoal): boolean {
  if (goal.seedMs !== null && done.seededMs >= goal.seedMs) return true
  if (goal.idleMs !== null && done.idleMs >= goal.idleMs) return true
  if (goal.ratio === null) return false
  const gotBytes = done.downloadedBytes > 0 ? done.downloadedBytes : done.wantedBytes
  return done.uploadedBytes >= goal.ratio * gotBytes
}

function moveUp(order: readonly string[], moved: ReadonlySet<string>): readonly string[] {
  const result = [...order]
  for (let at = 1; at < result.length; at += 1) {
    const id = result[at]
    const above = result[at - 1]
    if (id === undefined || above === undefined) continue
    if (!moved.has(id) || moved.has(above)) continue
    result[at - 1] = id
    result[at] = above
  }
  return result
}
