/** What the page knows of the node, kept current from one numbered stream of updates. */
import type { Problem, SessionSummary, TorrentSummary, Update } from '@pigeon/control/contract'

export interface Feed {
  /** Of the last update taken in; `null` before the first snapshot. */
  readonly number: number | null
  readonly session: SessionSummary | null
  readonly torrents: ReadonlyMap<string, TorrentSummary>
  /** Set while the server has lost the node that it drives. */
  readonly nodeProblem: Problem | null
}

export const EMPTY_FEED: Feed = {
  number: null,
  session: null,
  torrents: new Map(),
  nodeProblem: null,
}

/**
 * Takes in any number of updates at little cost: the list of ten thousand is copied when somebody looks at it, not for
 * every update.
 */
export class FeedBuffer {
  #feed: Feed = EMPTY_FEED
  #torrents = new Map<string, TorrentSummary>()
  #hasNewTorrents = false

  /** Answers whether the update fitted; not when updates were missed, and only a new snapshot can help. */
  take(update: Update): boolean {
    switch (update.kind) {
      case 'offline':
        this.#feed = { ...this.#feed, nodeProblem: update.problem }
        return true
      case 'diff':
        return this.#takeDiff(update)
      case 'snapshot':
        this.#torrents = new Map(update.torrents.map((torrent) => [torrent.id, torrent]))
        this.#hasNewTorrents = true
        this.#feed = {
          ...this.#feed,
          number: update.number,
          session: update.session,
          nodeProblem: null,
        }
        return true
      default:
        return update satisfies never
    }
  }

  /** All that was taken so far. What did not change is the same object as before. */
  read(): Feed {
    if (this.#hasNewTorrents) {
      this.#feed = { ...this.#feed, torrents: new Map(this.#torrents) }
      this.#hasNewTorrents = false
    }
    return this.#feed
  }

  #takeDiff(diff: Extract<Update, { kind: 'diff' }>): boolean {
    const { number, session } = this.#feed
    if (number === null || diff.number > number + 1) return false
    // Told already: a snapshot taken after this diff contains it.
    if (diff.number <= number) return true
    for (const torrent of diff.changed) this.#torrents.set(torrent.id, torrent)
    for (const id of diff.removed) this.#torrents.delete(id)
    if (diff.changed.length > 0 || diff.removed.length > 0) this.#hasNewTorrents = true
    this.#feed = { ...this.#feed, number: diff.number, session: diff.session ?? session }
    return true
  }
}
