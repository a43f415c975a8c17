/**
 * The order of the queue, for any number of torrents: each has a sort key of its own, so that moving one changes the
 * record of that one alone. What is shown is the place among those that still download.
 */
import type { QueueMove } from '../queue.ts'
import { moveInQueue } from '../queue.ts'

/** What of a torrent the queue reads and writes. */
export interface Queued {
  readonly id: string
  /** Lowest first; any number, each once. */
  queueKey: number
  readonly isFinished: boolean
  /** 0-based, among those that still download; `null` for others. */
  queuePosition: number | null
}

export class QueueOrder<T extends Queued> {
  #sorted: T[] = []
  #isSorted = true
  #arePositionsDue = false

  /** In the order of the queue. */
  get torrents(): readonly T[] {
    if (!this.#isSorted) this.#sort()
    return this.#sorted
  }

  /** The key of a torrent that is to stand behind all others. */
  get lastKey(): number {
    return (this.torrents.at(-1)?.queueKey ?? -1) + 1
  }

  /** The key of a torrent that is to stand before all others. */
  get firstKey(): number {
    return (this.torrents[0]?.queueKey ?? 1) - 1
  }

  add(torrent: T): void {
    const last = this.#sorted.at(-1)
    if (last !== undefined && torrent.queueKey <= last.queueKey) this.#isSorted = false
    this.#sorted.push(torrent)
    this.#arePositionsDue = true
  }

  remove(torrent: T): void {
    const at = this.torrents.indexOf(torrent)
    if (at >= 0) this.#sorted.splice(at, 1)
    this.#arePositionsDue = true
  }

  /** A torrent finished, or has something to fetch again. */
  kindChanged(): void {
    this.#arePositionsDue = true
  }

  /** Moves these together; answers those whose key changed. Finished torrents are passed over by the others. */
  move(ids: readonly string[], to: QueueMove): readonly T[] {
    const moved = new Set(ids)
    const changed =
      to === 'top' || to === 'bottom' ? this.#moveToEnd(moved, to) : this.#moveByOne(moved, to)
    this.#isSorted = false
    this.#arePositionsDue = true
    return changed
  }

  /** Brings the shown places up to date; tells which torrents' place is another now. */
  renumber(onChanged: (torrent: T) => void): void {
    if (!this.#arePositionsDue) return
    this.#arePositionsDue = false
    let next = 0
    for (const torrent of this.torrents) {
      const position = torrent.isFinished ? null : next
      if (position !== null) next += 1
      if (torrent.queuePosition === position) continue
      torrent.queuePosition = position
      onChanged(torrent)
    }
  }

  #moveToEnd(moved: ReadonlySet<string>, to: 'top' | 'bottom'): readonly T[] {
    const chosen = this.torrents.filter((torrent) => moved.has(torrent.id))
    const from = to === 'top' ? this.firstKey - chosen.length + 1 : this.lastKey
    for (const [place, torrent] of chosen.entries()) torrent.queueKey = from + place
    return chosen
  }

  #moveByOne(moved: ReadonlySet<string>, to: 'up' | 'down'): readonly T[] {
    const changed: T[] = []
    for (const isFinished of [false, true]) {
      const kind = this.torrents.filter((torrent) => torrent.isFinished === isFinished)
      const byId = new Map(kind.map((torrent) => [torrent.id, torrent]))
      const keys = kind.map((torrent) => torrent.queueKey)
      const order = moveInQueue([...byId.keys()], [...moved], to)
      for (const [place, id] of order.entries()) {
        const torrent = byId.get(id)
        const key = keys[place]
        if (torrent === undefined || key === undefined || torrent.queueKey === key) continue
        torrent.queueKey = key
        changed.push(torrent)
      }
    }
    return changed
  }

  #sort(): void {
    this.#isSorted = true
    this.#sorted.sort((one, other) => one.queueKey - other.queueKey)
    // Records of two that were added at once may have the same key.
    let last = Number.NEGATIVE_INFINITY
    for (const torrent of this.#sorted) {
      if (torrent.queueKey <= last) torrent.queueKey = last + 1
      last = torrent.queueKey
    }
  }
}
