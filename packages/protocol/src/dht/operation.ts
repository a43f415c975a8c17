/** What a walk is for: which question it asks of each node, what it makes of the answers, and what it stores at its end. */
import type { KrpcBody, KrpcBodyDraft } from '../bep/0005-krpc.ts'
import type { NodeFamily } from '../bep/0032-nodes.ts'
import type { DhtAddress, DhtOutcome } from './dht-messages.ts'
import type { Candidate, Lookup } from './lookup.ts'

export interface Operation {
  /** `null` for our own upkeep, which nobody waits for. */
  readonly operationId: number | null
  readonly target: Uint8Array
  readonly method: 'find_node' | 'get_peers' | 'get' | 'sample_infohashes'
  /** How many nodes shall have answered at the end. */
  readonly wantedAnswers: number
  /** The question's arguments but for our id. */
  readonly question: KrpcBodyDraft
  /** Takes an answer in; gives the peers that are new by it. */
  answered(body: KrpcBody, from: Candidate, family: NodeFamily): readonly DhtAddress[]
  /** Nothing more need be asked. */
  readonly isSatisfied: boolean
  /** What to send when the walk of one family has ended. */
  stores(lookup: Lookup): readonly StoreQuery[]
  /** The answer to one of those: an error's code, `null` where it was kept. Time-outs are not told. */
  stored(errorCode: number | null): void
  outcome(nodesAsked: number): DhtOutcome
}

export interface StoreQuery {
  readonly to: Candidate
  readonly method: 'announce_peer' | 'put'
  /** But for our id. */
  readonly body: KrpcBodyDraft
}
