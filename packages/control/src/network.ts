/**
 * What a node says of its network, what may be asked of the DHT through it, and the wire of a peer as it is watched. All
 * texts in answers were made fit to show. Times are milliseconds, rates bytes a second.
 */
import { z } from 'zod'
import type { Problem } from './contract.ts'

/** How peers are found and reached, and what stands in the way. */
export interface NetworkStatus {
  /** `address:port` of each socket that takes connections. */
  readonly listening: readonly string[]
  /** Addresses that others see of us. */
  readonly external: readonly ExternalAddress[]
  /** `reachable` once a stranger came in by itself; `unreachable` when nobody did for long although we are known. */
  readonly reachability: 'unknown' | 'reachable' | 'unreachable'
  readonly lastIncomingAtMs: number | null
  readonly portMapping: PortMappingStatus
  /** One for each family that is in use. */
  readonly dht: readonly DhtStatus[]
  readonly lsd: { readonly isOn: boolean; readonly lastHeardAtMs: number | null }
  readonly isPexOn: boolean
  readonly utp: { readonly isOn: boolean; readonly connections: number }
  /** `missing`: the optional package is not installed; `help` says what to do. */
  readonly webRtc: { readonly state: 'off' | 'missing' | 'ready'; readonly help: string }
  readonly encryption: 'off' | 'prefer' | 'require'
  /** `null`: none is used. */
  readonly proxy: { readonly address: string; readonly problem: Problem | null } | null
  readonly isAnonymous: boolean
  readonly blocklist: BlocklistStatus | null
  /** The embedded tracker; `null` while it is off. */
  readonly tracker: TrackerServerStatus | null
  /** Trackers of all torrents, by host. */
  readonly trackers: readonly TrackerHost[]
  /** Connected peers, by where they came from. */
  readonly peersBySource: Readonly<Record<PeerSource, number>>
  readonly peersByTransport: Readonly<Record<'tcp' | 'utp' | 'webrtc', number>>
  readonly encryptedPeers: number
}

export const PEER_SOURCES = ['tracker', 'magnet', 'incoming', 'user', 'dht', 'pex', 'lsd'] as const
export type PeerSource = (typeof PEER_SOURCES)[number]

export interface ExternalAddress {
  readonly address: string
  readonly saidBy: 'tracker' | 'dht' | 'router' | 'peers'
}

export interface PortMappingStatus {
  readonly state: 'off' | 'searching' | 'mapped' | 'failed'
  readonly method: 'upnp' | 'nat-pmp' | 'pcp' | null
  /** `address:port` on the router's other side. */
  readonly external: string | null
  readonly problem: Problem | null
}

export interface DhtStatus {
  readonly family: 4 | 6
  readonly state: 'bootstrapping' | 'ready' | 'lonely'
  /** Hex. */
  readonly nodeId: string
  /** BEP 42: whether the id belongs to the address that others see of us. */
  readonly isVerified: boolean
  readonly isReadOnly: boolean
  /** Good nodes in the table. */
  readonly nodes: number
  /** What others have us keep. */
  readonly storedHashes: number
  readonly storedPeers: number
  readonly storedItems: number
  readonly queriesIn: number
  readonly queriesOut: number
  readonly refusedIn: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface BlocklistStatus {
  readonly source: string
  readonly ranges: number
  /** Connections refused because of it. */
  readonly blocked: number
  readonly loadedAtMs: number | null
  readonly problem: Problem | null
}

export interface TrackerServerStatus {
  readonly listening: string
  /** Announce addresses to give to others. */
  readonly urls: readonly string[]
  readonly torrents: number
  readonly peers: number
  readonly announces: number
  readonly problem: Problem | null
}

export interface TrackerHost {
  readonly host: string
  readonly torrents: number
  readonly working: number
  readonly failing: number
  /** What it said last where it fails. */
  readonly message: string
}

const node = z.string().min(3).max(270).describe('host:port')
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
/** Bencoded, then base64. */
const value = z.base64().max(1_400)
const seq = z.string().regex(/^\d{1,19}$/, 'not a whole number from 0 to 2^63-1')

/** What may be asked of the DHT. */
export const DhtQuery = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('ping'), node }),
  z.strictObject({ do: z.literal('peers'), infoHash: hex(20) }),
  z.strictObject({ do: z.literal('get'), target: hex(20) }),
  z.strictObject({ do: z.literal('get-mutable'), publicKey: hex(32), salt: z.base64().max(88) }),
  z.strictObject({ do: z.literal('put'), value }),
  /** Signed by the caller: the key stays with its owner. */
  z.strictObject({
    do: z.literal('put-mutable'),
    value,
    publicKey: hex(32),
    salt: z.base64().max(88),
    seq,
    signature: hex(64),
    /** Only over this sequence number. */
    cas: seq.optional(),
  }),
])
export type DhtQuery = z.infer<typeof DhtQuery>

export type DhtAnswer =
  | {
      readonly kind: 'pong'
      readonly nodeId: string
      readonly client: string | null
      readonly roundTripMs: number
    }
  /** `seeds` and `downloaders` are BEP 33's estimate; `null` where no node gave one. */
  | {
      readonly kind: 'peers'
      readonly peers: readonly string[]
      readonly seeds: number | null
      readonly downloaders: number | null
      readonly nodesAsked: number
    }
  /** Values are bencoded, then base64; `null`: nobody has it. */
  | { readonly kind: 'value'; readonly value: string | null; readonly nodesAsked: number }
  | {
      readonly kind: 'mutable'
      readonly value: string | null
      readonly seq: string | null
      readonly signature: string | null
      readonly nodesAsked: number
    }
  /** `target`: where it can be fetched from. */
  | { readonly kind: 'stored'; readonly target: string; readonly nodes: number }

/** A message of a peer connection, decoded. */
export interface WireMessage {
  /** Counts up within one watch; a gap means that messages were left out to keep within the rate. */
  readonly number: number
  /** Wall time. */
  readonly atMs: number
  readonly direction: 'in' | 'out'
  /** Such as `piece`, `ut_pex`, `handshake`. */
  readonly name: string
  /** The BEP that it belongs to; `null` for what none describes. */
  readonly bep: number | null
  readonly lengthBytes: number
  /** Decoded, in order; long values are cut. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export type WireEvent =
  /** `leftOut`: messages since the last event that were not kept. */
  | {
      readonly kind: 'messages'
      readonly messages: readonly WireMessage[]
      readonly leftOut: number
    }
  /** The peer is gone, or was never there; nothing follows. */
  | { readonly kind: 'ended'; readonly problem: Problem | null }

export interface WireTarget {
  /** A torrent's id. */
  readonly torrent: string
  /** `PeerDetail.number`. */
  readonly peer: number
}

/** Messages that one event holds at most, and events a second. */
export const WIRE_MESSAGES = 200
export const WIRE_EVENTS_PER_SECOND = 4
