/** When a torrent is done with seeding, by what it, its category and the session say. */
import type { SessionSummary, TorrentSummary } from '../contract.ts'

export interface Goals {
  readonly ratio: number | null
  readonly seedMs: number | null
  readonly idleMs: number | null
}

/** `null`: no such goal. */
export function goalsOf(torrent: TorrentSummary, session: SessionSummary): Goals {
  const category = session.categories.find(({ name }) => name === torrent.category)?.limits
  return {
    ratio: settled(torrent.limits.ratio ?? category?.ratio, session.ratioGoal),
    seedMs: settled(torrent.limits.seedMs ?? category?.seedMs, session.seedMsGoal),
    idleMs: settled(torrent.limits.idleMs, session.idleMsGoal),
  }
}

/** Whether it stopped because it reached a goal, as far as its summary tells. */
export function hasReachedGoal(torrent: TorrentSummary, session: SessionSummary): boolean {
  if (torrent.state !== 'paused' || !isComplete(torrent)) return false
  const { ratio, seedMs } = goalsOf(torrent, session)
  const hasRatio = ratio !== null && torrent.ratio !== null && torrent.ratio >= ratio
  return hasRatio || (seedMs !== null && torrent.seededMs >= seedMs)
}

export function isComplete(torrent: TorrentSummary): boolean {
  return torrent.hasMetadata && torrent.doneBytes >= torrent.wantedBytes
}

function settled(own: number | 'never' | null | undefined, session: number | null): number | null {
  if (own === 'never') return null
  return own ?? session
}
