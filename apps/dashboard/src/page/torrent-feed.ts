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

/** Takes one update in; `gap` when updates were missed, and only a new snapshot can help. */
export function applyUpdate(feed: Feed, update: Update): Feed | 'gap' {
  if (update.kind === 'offline') return { ...feed, nodeProblem: update.problem }
  if (update.kind === 'diff') return applyDiff(feed, update)
  return {
    number: update.number,
    session: update.session,
    torrents: new Map(update.torrents.map((torrent) => [torrent.id, torrent])),
    nodeProblem: null,
  }
}

function applyDiff(feed: Feed, diff: Extract<Update, { kind: 'diff' }>): Feed | 'gap' {
  if (feed.number === null || diff.number > feed.number + 1) return 'gap'
  // Told already: a snapshot taken after this diff contains it.
  if (diff.number <= feed.number) return feed
  const torrents = new Map(feed.torrents)
  for (const torrent of diff.changed) torrents.set(torrent.id, torrent)
  for (const id of diff.removed) torrents.delete(id)
  return { ...feed, number: diff.number, session: diff.session ?? feed.session, torrents }
}
