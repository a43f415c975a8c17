/** Notices when a torrent becomes complete. */
import type { ControlledSession, RawTorrentSummary } from '@pigeon/control/controlled-session'

/** The list is looked at this often at most, however often it changes. */
const LOOK_MS = 500

/**
 * Calls back once for each torrent that becomes complete from now on: also for one that came and was fetched between two
 * looks, but not for one whose files were here already. Answers how to stop.
 */
export function watchCompletions(
  session: Pick<ControlledSession, 'list' | 'onChange'>,
  onComplete: (torrent: RawTorrentSummary) => void,
): () => void {
  let known = new Map(session.list().map((torrent) => [torrent.id, isComplete(torrent)]))
  let timer: ReturnType<typeof setTimeout> | null = null
  const look = (): void => {
    timer = null
    const torrents = session.list()
    const before = known
    known = new Map(torrents.map((torrent) => [torrent.id, isComplete(torrent)]))
    for (const torrent of torrents) {
      const wasFetched = before.get(torrent.id) === false || isNewAndFetched(before, torrent)
      if (isComplete(torrent) && wasFetched) onComplete(torrent)
    }
  }
  const stop = session.onChange(() => {
    timer ??= setTimeout(look, LOOK_MS)
  })
  return () => {
    stop()
    if (timer !== null) clearTimeout(timer)
  }
}

function isComplete({ finishedAtMs }: RawTorrentSummary): boolean {
  return finishedAtMs !== null
}

function isNewAndFetched(
  before: ReadonlyMap<string, boolean>,
  { id, downloadedBytes }: RawTorrentSummary,
): boolean {
  return !before.has(id) && downloadedBytes > 0
}
