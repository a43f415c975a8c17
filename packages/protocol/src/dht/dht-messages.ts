/** What goes into the DHT machine and what comes out. Hosts are numeric. */
import type { NodeFamily } from '../bep/0032-nodes.ts'
import type { MutableItem } from '../bep/0044-items.ts'
import type { DhtAddress } from './place.ts'

export type { DhtAddress } from './place.ts'
export type { NodeFamily } from '../bep/0032-nodes.ts'

/** `operationId` is the caller's own number, unique among those under way. */
export type DhtInput =
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly from: DhtAddress }
  | { readonly kind: 'tick' }
  /** Nodes to begin with; they are remembered and asked again whenever nobody else is known. */
  | { readonly kind: 'bootstrap'; readonly addresses: readonly DhtAddress[] }
  /** A node that somebody named: pinged, and taken in if it answers. */
  | { readonly kind: 'add-node'; readonly address: DhtAddress }
  | { readonly kind: 'set-read-only'; readonly isReadOnly: boolean }
  | { readonly kind: 'ping'; readonly operationId: number; readonly address: DhtAddress }
  | {
      readonly kind: 'find-peers'
      readonly operationId: number
      /** 20 bytes. */
      readonly infoHash: Uint8Array
      readonly isScrape: boolean
      /** Said to the nodes nearest to the hash afterwards; `null` announces nothing. */
      readonly announce: DhtAnnounce | null
    }
  /** `salt`: of a mutable item (may be empty); `null` asks for an immutable one. */
  | {
      readonly kind: 'get'
      readonly operationId: number
      readonly target: Uint8Array
      readonly salt: Uint8Array | null
    }
  | { readonly kind: 'put'; readonly operationId: number; readonly item: DhtPutItem }
  | { readonly kind: 'sample'; readonly operationId: number; readonly target: Uint8Array }
  /** Nothing more is heard of the operation. */
  | { readonly kind: 'cancel'; readonly operationId: number }

export interface DhtAnnounce {
  readonly port: number
  /** Nodes shall take the port that our datagrams come from. */
  readonly isPortImplied: boolean
  readonly isSeed: boolean
}

export type DhtPutItem =
  | { readonly kind: 'immutable'; readonly value: Uint8Array }
  | { readonly kind: 'mutable'; readonly item: MutableItem; readonly cas: bigint | null }

export type DhtEffect =
  | { readonly kind: 'send'; readonly to: DhtAddress; readonly bytes: Uint8Array }
  | {
      readonly kind: 'peers'
      readonly operationId: number
      readonly family: NodeFamily
      readonly peers: readonly DhtAddress[]
    }
  /** The last of an operation. */
  | { readonly kind: 'done'; readonly operationId: number; readonly outcome: DhtOutcome }
  /** Enough others agree on the address that they see of us. */
  | { readonly kind: 'external-address'; readonly family: NodeFamily; readonly host: string }

export type DhtOutcome =
  | {
      readonly kind: 'pong'
      readonly nodeId: Uint8Array
      readonly version: Uint8Array | null
      readonly roundTripMs: number
    }
  | {
      readonly kind: 'peers'
      readonly nodesAsked: number
      /** Nodes that took the announce. */
      readonly announcedTo: number
      /** BEP 33; `null` where no node gave a filter. */
      readonly scrape: { readonly seeds: number; readonly downloaders: number } | null
    }
  | { readonly kind: 'value'; readonly value: Uint8Array | null; readonly nodesAsked: number }
  | { readonly kind: 'mutable'; readonly item: MutableItem | null; readonly nodesAsked: number }
  | {
      readonly kind: 'stored'
      readonly target: Uint8Array
      readonly nodes: number
      /** The error codes of those that refused. */
      readonly refusals: readonly number[]
    }
  | {
      readonly kind: 'samples'
      readonly infoHashes: readonly Uint8Array[]
      readonly nodesAsked: number
    }
  | { readonly kind: 'failed'; readonly why: 'too-many' | 'bad-address' | 'timed-out' }

export interface DhtFamilyStatus {
  readonly family: NodeFamily
  readonly state: 'bootstrapping' | 'ready' | 'lonely'
  readonly nodeId: Uint8Array
  /** BEP 42: whether the id belongs to the address that others see of us. */
  readonly isVerified: boolean
  readonly externalHost: string | null
  /** Good nodes. */
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
