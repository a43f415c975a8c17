/** Commands for many torrents at once. */
import type { Command, TorrentSummary } from '@pigeon/control/contract'
import type { Host } from './view.ts'

/** Of one command; more go in parts. */
const IDS_AT_ONCE = 10_000

type Chosen = readonly TorrentSummary[]

export function nameOf(torrent: TorrentSummary): string {
  return torrent.name === '' ? torrent.id : torrent.name
}

export function runOn(
  host: Host,
  chosen: Chosen,
  make: (ids: string[]) => Command,
  done: string,
): void {
  runInParts(
    host,
    chosen.map(({ id }) => id),
    make,
    done,
  )
}

export function runInParts(
  host: Host,
  ids: readonly string[],
  make: (ids: string[]) => Command,
  done: string,
): void {
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE)
    void host.run(make(ids.slice(at, at + IDS_AT_ONCE)), done)
}
