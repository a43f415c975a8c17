/** What may be asked of the DHT from outside the engine. Values are bencoded bytes; a problem says why nobody was asked. */
import type { Address } from '../ports.ts'
import type { IoProblem, Refusal } from '../problem.ts'

export interface DhtAccess {
  /** `node`: `host:port`, by name or numeric. */
  ping(node: string): Promise<DhtPong | Refusal | IoProblem>
  findPeers(infoHash: Uint8Array): Promise<DhtPeers>
  get(target: Uint8Array): Promise<DhtValue>
  getMutable(publicKey: Uint8Array, salt: Uint8Array): Promise<DhtMutable>
  put(value: Uint8Array): Promise<DhtStored | Refusal | IoProblem>
  putMutable(item: SignedItem): Promise<DhtStored | Refusal | IoProblem>
}

export interface DhtPong {
  readonly kind: 'pong'
  readonly nodeId: Uint8Array
  /** The bytes of `v`. */
  readonly client: Uint8Array | null
  readonly roundTripMs: number
}

export interface DhtPeers {
  readonly kind: 'peers'
  readonly peers: readonly Address[]
  /** BEP 33's estimate; `null` where no node gave one. */
  readonly seeds: number | null
  readonly downloaders: number | null
  readonly nodesAsked: number
}

export interface DhtValue {
  readonly kind: 'value'
  readonly value: Uint8Array | null
  readonly nodesAsked: number
}

export interface DhtMutable {
  readonly kind: 'mutable'
  readonly value: Uint8Array | null
  readonly seq: bigint | null
  readonly signature: Uint8Array | null
  readonly nodesAsked: number
}

export interface DhtStored {
  readonly kind: 'stored'
  readonly target: Uint8Array
  /** That took it. */
  readonly nodes: number
}

export interface SignedItem {
  readonly value: Uint8Array
  readonly publicKey: Uint8Array
  readonly salt: Uint8Array
  readonly seq: bigint
  readonly signature: Uint8Array
  readonly cas: bigint | null
}
