/** What happened to torrents while the page was open: finished, or in need of help. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { create } from 'zustand'

/** The oldest entry goes. */
export const MAX_NEWS = 100

export interface NewsEntry {
  readonly number: number
  readonly kind: 'finished' | 'failed'
  readonly torrentId: string
  readonly name: string
  /** What to do; empty for what is finished. */
  readonly text: string
  readonly atMs: number
}

interface News {
  readonly entries: readonly NewsEntry[]
  readonly unread: number
}

export const useNews = create<News>()(() => ({ entries: [], unread: 0 }))

export function readNews(): void {
  useNews.setState({ unread: 0 })
}

export function clearNews(): void {
  useNews.setState({ entries: [], unread: 0 })
}

export function addNews(found: readonly Omit<NewsEntry, 'number'>[]): void {
  if (found.length === 0) return
  useNews.setState(({ entries, unread }) => {
    const first = (entries[0]?.number ?? 0) + 1
    const numbered = found.map((entry, index) => ({ ...entry, number: first + index })).toReversed()
    return { entries: [...numbered, ...entries].slice(0, MAX_NEWS), unread: unread + found.length }
  })
}

type Torrents = ReadonlyMap<string, TorrentSummary>

/** What changed between two states of the list that is worth telling. Torrents that were not there before are no news. */
export function newsBetween(
  before: Torrents,
  after: Torrents,
  atMs: number,
): readonly Omit<NewsEntry, 'number'>[] {
  const found: Omit<NewsEntry, 'number'>[] = []
  for (const [id, torrent] of after) {
    const earlier = before.get(id)
    if (earlier === undefined || earlier === torrent) continue
    const { name, problem } = torrent
    if (earlier.finishedAtMs === null && torrent.finishedAtMs !== null)
      found.push({ kind: 'finished', torrentId: id, name, text: '', atMs })
    if (earlier.state !== 'error' && torrent.state === 'error') {
      const text = problem === null ? '' : `${problem.message} ${problem.help}`
      found.push({ kind: 'failed', torrentId: id, name, text, atMs })
    }
  }
  return found
}
