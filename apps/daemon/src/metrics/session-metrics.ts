/** The metrics of a session and of its torrents. Bytes, seconds and counts; rates are bytes a second. */
import type { TorrentState } from '@pigeon/control/contract'
import type {
  ControlledSession,
  RawSessionSummary,
  RawTorrentSummary,
} from '@pigeon/control/controlled-session'
import { toDisplay } from '@pigeon/protocol/display'
import { type Labels, type Metric, type Sample, single } from './metric.ts'

export type MeteredSession = Pick<ControlledSession, 'list' | 'summary'>

const STATES: { readonly [S in TorrentState]: true } = {
  queued: true,
  metadata: true,
  checking: true,
  downloading: true,
  seeding: true,
  paused: true,
  moving: true,
  error: true,
}

export function sessionMetrics(session: MeteredSession, version: string): readonly Metric[] {
  const of = (
    kind: Metric['kind'],
    name: string,
    help: string,
    value: (summary: RawSessionSummary) => number | null,
  ): Metric => ({ name, help, kind, labels: [], read: () => single(value(session.summary())) })
  return [
    {
      name: 'pigeon_info',
      help: 'Always 1; its label is the version.',
      kind: 'gauge',
      labels: ['version'],
      read: () => [{ labels: { version }, value: 1 }],
    },
    of('gauge', 'pigeon_listening', 'Whether peers can reach this node.', (now) =>
      now.listening === null ? 0 : 1,
    ),
    of(
      'counter',
      'pigeon_downloaded_bytes_total',
      'Bytes of pieces downloaded since the start.',
      (now) => now.downloadedBytes,
    ),
    of(
      'counter',
      'pigeon_uploaded_bytes_total',
      'Bytes of pieces uploaded since the start.',
      (now) => now.uploadedBytes,
    ),
    of(
      'gauge',
      'pigeon_all_time_downloaded_bytes',
      'Bytes downloaded since the state folder exists.',
      (now) => now.allDownloadedBytes,
    ),
    of(
      'gauge',
      'pigeon_all_time_uploaded_bytes',
      'Bytes uploaded since the state folder exists.',
      (now) => now.allUploadedBytes,
    ),
    of('gauge', 'pigeon_download_rate_bytes', 'Bytes a second now.', (now) => now.downRate),
    of('gauge', 'pigeon_upload_rate_bytes', 'Bytes a second now.', (now) => now.upRate),
    of(
      'gauge',
      'pigeon_download_limit_bytes',
      'Bytes a second; absent without a limit.',
      (now) => now.downLimit,
    ),
    of(
      'gauge',
      'pigeon_upload_limit_bytes',
      'Bytes a second; absent without a limit.',
      (now) => now.upLimit,
    ),
    of('gauge', 'pigeon_alternative_limits', 'Whether the alternative limits hold.', (now) =>
      now.alternative.isOn ? 1 : 0,
    ),
    of('gauge', 'pigeon_peers', 'Connected peers.', (now) => now.peersConnected),
    of('gauge', 'pigeon_peers_limit', 'The most peers at once.', (now) => now.maxPeers),
    of(
      'gauge',
      'pigeon_disk_free_bytes',
      'Free on the disk of the default folder; absent when unknown.',
      (now) => now.freeBytes,
    ),
    {
      name: 'pigeon_torrents',
      help: 'Torrents in each state.',
      kind: 'gauge',
      labels: ['state'],
      read: () => countStates(session.list()),
    },
  ]
}

function countStates(torrents: readonly RawTorrentSummary[]): readonly Sample[] {
  const counts = new Map<string, number>(Object.keys(STATES).map((state) => [state, 0]))
  for (const { state } of torrents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, value]) => ({ labels: { state }, value }))
}

/** Of the name, which is a label of one metric only. */
const NAME_CHARACTERS = 120

/** Series of single torrents, of at most `most`: those where a byte went last, for each costs the reader's memory. */
export function torrentMetrics(session: MeteredSession, most: number): readonly Metric[] {
  const shown = (): readonly RawTorrentSummary[] => {
    const torrents = session.list()
    if (torrents.length <= most) return torrents
    return torrents.toSorted((a, b) => activityOf(b) - activityOf(a)).slice(0, most)
  }
  const each = (
    name: string,
    help: string,
    value: (torrent: RawTorrentSummary) => number | null,
  ): Metric => ({
    name,
    help,
    kind: 'gauge',
    labels: ['id'],
    read: () =>
      shown().flatMap((torrent) => {
        const now = value(torrent)
        return now === null ? [] : [{ labels: { id: torrent.id }, value: now }]
      }),
  })
  return [
    {
      name: 'pigeon_torrent_info',
      help: 'Always 1; its labels say which torrent an id is.',
      kind: 'gauge',
      labels: ['id', 'name', 'category', 'state'],
      read: () => shown().map((torrent) => ({ labels: labelsOf(torrent), value: 1 })),
    },
    each('pigeon_torrent_progress_ratio', '0 to 1.', (torrent) => torrent.progress),
    each('pigeon_torrent_wanted_bytes', 'Of the wanted files.', (torrent) => torrent.wantedBytes),
    each('pigeon_torrent_done_bytes', 'Verified.', (torrent) => torrent.doneBytes),
    each('pigeon_torrent_downloaded_bytes', 'In all.', (torrent) => torrent.downloadedBytes),
    each('pigeon_torrent_uploaded_bytes', 'In all.', (torrent) => torrent.uploadedBytes),
    each('pigeon_torrent_download_rate_bytes', 'A second now.', (torrent) => torrent.downRate),
    each('pigeon_torrent_upload_rate_bytes', 'A second now.', (torrent) => torrent.upRate),
    each('pigeon_torrent_peers', 'Connected peers.', (torrent) => torrent.peersConnected),
    {
      name: 'pigeon_torrents_without_series',
      help: 'Torrents beyond metrics-torrents, for which there are no series.',
      kind: 'gauge',
      labels: [],
      read: () => single(Math.max(0, session.list().length - most)),
    },
  ]
}

function activityOf({ activeAtMs, addedAtMs }: RawTorrentSummary): number {
  return activeAtMs ?? addedAtMs
}

function labelsOf({ id, name, category, state }: RawTorrentSummary): Labels {
  return { id, name: toDisplay(name, NAME_CHARACTERS), category: category ?? '', state }
}
