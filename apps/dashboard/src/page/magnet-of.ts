import type { TorrentSummary } from '@pigeon/control/contract'

/** The shortest link to a torrent: its info-hashes and its name. The details have one with trackers. */
export function magnetOf(torrent: TorrentSummary): string {
  const topics = [
    torrent.infoHashV1 === null ? null : `xt=urn:btih:${torrent.infoHashV1}`,
    torrent.infoHashV2 === null ? null : `xt=urn:btmh:1220${torrent.infoHashV2}`,
  ].filter((topic) => topic !== null)
  return `magnet:?${topics.join('&')}&dn=${encodeURIComponent(torrent.name)}`
}
