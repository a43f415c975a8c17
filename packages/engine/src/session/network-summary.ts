/** What a session shows of its network. Texts are raw. Times are milliseconds, wall times from 1970. */
import type { IoProblem } from '../problem.ts'
import type { EncryptionPolicy } from '../settings.ts'
import type { PeerSource } from '../swarm/peer.ts'

export interface NetworkSummary {
  readonly listening: readonly string[]
  readonly external: readonly ExternalAddress[]
  readonly reachability: 'unknown' | 'reachable' | 'unreachable'
  readonly lastIncomingAtMs: number | null
  readonly portMapping: PortMappingSummary
  readonly dht: readonly DhtSummary[]
  readonly lsd: { readonly isOn: boolean; readonly lastHeardAtMs: number | null }
  readonly isPexOn: boolean
  readonly utp: { readonly isOn: boolean; readonly connections: number }
  readonly webRtc: { readonly state: 'off' | 'missing' | 'ready'; readonly help: string }
  readonly encryption: EncryptionPolicy
  readonly isAnonymous: boolean
  readonly blocklist: BlocklistSummary | null
  readonly trackers: readonly TrackerHost[]
  readonly peersBySource: Readonly<Record<PeerSource, number>>
  readonly peersByTransport: Readonly<Record<'tcp' | 'utp' | 'webrtc', number>>
  readonly encryptedPeers: number
}

export interface ExternalAddress {
  readonly address: string
  readonly saidBy: 'tracker' | 'dht' | 'router' | 'peers'
}

export interface PortMappingSummary {
  readonly state: 'off' | 'searching' | 'mapped' | 'failed'
  readonly method: 'upnp' | 'nat-pmp' | 'pcp' | null
  readonly external: string | null
  readonly problem: IoProblem | null
}

export interface DhtSummary {
  readonly family: 4 | 6
  readonly state: 'bootstrapping' | 'ready' | 'lonely'
  /** Hex. */
  readonly nodeId: string
  readonly isVerified: boolean
  readonly isReadOnly: boolean
  readonly nodes: number
  readonly storedHashes: number
  readonly storedPeers: number
  readonly storedItems: number
  readonly queriesIn: number
  readonly queriesOut: number
  readonly refusedIn: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface BlocklistSummary {
  readonly source: string
  readonly ranges: number
  readonly blocked: number
  readonly loadedAtMs: number | null
  readonly problem: IoProblem | null
}

export interface TrackerHost {
  readonly host: string
  readonly torrents: number
  readonly working: number
  readonly failing: number
  readonly message: string
}

/** Of a session that talks to nobody. */
export function silentNetwork(encryption: EncryptionPolicy): NetworkSummary {
  return {
    listening: [],
    external: [],
    reachability: 'unknown',
    lastIncomingAtMs: null,
    portMapping: { state: 'off', method: null, external: null, problem: null },
    dht: [],
    lsd: { isOn: false, lastHeardAtMs: null },
    isPexOn: false,
    utp: { isOn: false, connections: 0 },
    webRtc: { state: 'off', help: '' },
    encryption,
    isAnonymous: false,
    blocklist: null,
    trackers: [],
    peersBySource: { tracker: 0, magnet: 0, incoming: 0, user: 0, dht: 0, pex: 0, lsd: 0 },
    peersByTransport: { tcp: 0, utp: 0, webrtc: 0 },
    encryptedPeers: 0,
  }
}
