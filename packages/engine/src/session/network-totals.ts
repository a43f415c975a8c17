/** What a session's network summary counts over all its torrents. */
import type { TrackerStatus } from '../announce/tracker-state.ts'
import type { Peer, PeerSource } from '../swarm/peer.ts'
import type { NetworkSummary, TrackerHost } from './network-summary.ts'

export interface CountedTorrent {
  readonly peers: Iterable<Peer>
  readonly trackers: readonly TrackerStatus[]
}

/** Hosts that are told; a session with more of them is looked at torrent by torrent. */
export const TRACKER_HOSTS_LIMIT = 500

type Totals = Pick<
  NetworkSummary,
  'peersBySource' | 'peersByTransport' | 'encryptedPeers' | 'trackers'
>

export function networkTotals(torrents: Iterable<CountedTorrent>): Totals {
  const peersBySource: Record<PeerSource, number> = {
    tracker: 0,
    magnet: 0,
    incoming: 0,
    user: 0,
    dht: 0,
    pex: 0,
    lsd: 0,
  }
  const peersByTransport = { tcp: 0, utp: 0, webrtc: 0 }
  const hosts = new Map<string, TrackerHost>()
  let encryptedPeers = 0
  for (const { peers, trackers } of torrents) {
    for (const peer of peers) {
      peersBySource[peer.source] += 1
      peersByTransport[peer.socket.transport] += 1
      if (peer.socket.isEncrypted) encryptedPeers += 1
    }
    countTrackers(trackers, hosts)
  }
  return { peersBySource, peersByTransport, encryptedPeers, trackers: [...hosts.values()] }
}

/** Each torrent counts once a host. */
function countTrackers(trackers: readonly TrackerStatus[], hosts: Map<string, TrackerHost>): void {
  const mine = new Map<string, TrackerStatus>()
  for (const tracker of trackers) {
    const host = hostOf(tracker.url)
    const known = mine.get(host)
    if (known === undefined || known.state !== 'working') mine.set(host, tracker)
  }
  for (const [host, { state, message }] of mine) {
    const before = hosts.get(host)
    if (before === undefined && hosts.size >= TRACKER_HOSTS_LIMIT) continue
    const isFailing = state === 'failing' || state === 'disabled'
    hosts.set(host, {
      host,
      torrents: (before?.torrents ?? 0) + 1,
      working: (before?.working ?? 0) + (state === 'working' ? 1 : 0),
      failing: (before?.failing ?? 0) + (isFailing ? 1 : 0),
      message: isFailing && message !== '' ? message : (before?.message ?? ''),
    })
  }
}

/** Without path and query, which hold passkeys. */
function hostOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/@?#]*@)?([^/?#]+)/i.exec(url)?.[1] ?? ''
}
