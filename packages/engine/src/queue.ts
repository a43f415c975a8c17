/**
 * Which torrents have their turn, and when one has seeded enough.
 */
import type { Millis } from '@pigeon/protocol/machine'

export interface QueuedTorrent {
  readonly id: string
  /** Place in the queue, lowest first. */
  readonly position: number
  /** Paused and broken torrents want no turn. */
  readonly wantsTurn: boolean
  /** All that is wanted is here: it only gives. */
  readonly isFinished: boolean
}

/** The ids that may be active: those that still download first, each kind in the order of the queue. */
export function chooseActive(
  torrents: readonly QueuedTorrent[],
  maxActive: number,
): ReadonlySet<string> {
  const ranked = torrents
    .filter((torrent) => torrent.wantsTurn)
    .sort((a, b) => Number(a.isFinished) - Number(b.isFinished) || a.position - b.position)
  return new Set(ranked.slice(0, Math.max(0, maxActive)).map((torrent) => torrent.id))
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
}

export interface SeedingDone {
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  readonly wantedBytes: number
  readonly seededMs: Millis
}

/** Whether any goal is reached. A torrent that was here from the start counts its size as downloaded. */
export function isGoalReached(done: SeedingDone, goal: SeedingGoal): boolean {
  if (goal.seedMs !== null && done.seededMs >= goal.seedMs) return true
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
