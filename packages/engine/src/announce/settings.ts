/** What a user may set about trackers, and the bounds on what they may make us do. */
import type { Millis } from '@pigeon/protocol/machine'

export interface TrackerSettings {
  /** The least time between two announces to one tracker that no event demands. */
  minIntervalMs: Millis
  /** Whether trackers at loopback and private addresses may be asked. Redirects from public ones never reach them. */
  readonly allowPrivate: boolean
  /** `proxied`: it would go around the proxy; `anonymous`: it would tell our addresses. In both it stays off. */
  webRtc: 'on' | 'off' | 'proxied' | 'anonymous'
}

export const DEFAULT_TRACKER_SETTINGS: TrackerSettings = {
  minIntervalMs: 5 * 60_000,
  allowPrivate: true,
  webRtc: 'on',
}

export const TRACKER_LIMITS = {
  /** Announces and scrapes under way in the whole session. */
  asksAtOnce: 50,
  asksPerHost: 1,
  /** Torrents say `stopped` in a hurry: that many a host may go at once. */
  urgentAsksPerHost: 8,
  /** Asks that wait for their turn. */
  waitingAsks: 20_000,
  /** After a host failed as a tracker, the least time until it is asked again, by whichever torrent. */
  hostPauseMs: 5_000,
  /** Hosts and addresses whose failures are remembered. */
  rememberedHosts: 1_000,
  answerBytes: 1_048_576,
  answerMs: 30_000,
  stopMs: 5_000,
  /** Waits of 15, 30 and 60 s; then it is another tracker's turn. */
  udpRetransmissions: 2,
  /** An address that never answered over UDP is left out for so long, while the host has others. */
  silentAddressMs: 1_800_000,
  /** Used when a tracker gives no usable interval. */
  defaultIntervalMs: 1_800_000,
  /** No tracker can silence us for longer by its interval. */
  maxIntervalMs: 21_600_000,
  firstRetryMs: 30_000,
  lastRetryMs: 3_600_000,
  /** A user who asks for an announce at once does not reach a failing tracker more often than this. */
  forcedRetryMs: 10_000,
  /** After a WebRTC connection did not come about, no sooner than this are others asked for. */
  missedRetryMs: 30_000,
  scrapeMs: 1_800_000,
  peersWanted: 200,
  peersPerAnswer: 200,
  /** Peers that are named instead of numbered; each name costs a look-up. */
  peerNamesPerAnswer: 5,
} as const
