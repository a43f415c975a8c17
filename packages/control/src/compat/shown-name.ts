import type { TorrentSummary } from '../contract.ts'

/** What clients are shown as a torrent's name: never empty, for a magnet without one goes by its hash. */
export function shownName({ name, id }: TorrentSummary): string {
  return name === '' ? id : name
}
