/**
 * KRPC: the messages of the DHT, one bencoded dictionary a datagram.
 *
 * Spec: BEP 5, "KRPC Protocol" <https://www.bittorrent.org/beps/bep_0005.html>; the fields of BEP 32, 33, 42, 43, 44
 * and 51 travel in the same dictionaries and are read here.
 * Divergence: unsorted keys are tolerated outside of `v`, since nodes that send them exist; a field that is given twice
 * makes the message unreadable.
 */
import { dictOf, encodeBencode, RawBencode, type BencodeInput } from '../bencode.ts'
import { latin1Encode } from '../bytes.ts'
import { readKrpc } from '../dht/krpc-reader.ts'

/** Inclusive limits of a message; deeper or longer ones are not read. */
export const KRPC_LIMITS: KrpcLimits = { maxBytes: 2_048, maxDepth: 16, maxTokens: 500 }

export interface KrpcLimits {
  readonly maxBytes: number
  readonly maxDepth: number
  readonly maxTokens: number
}

/** "A node obeying this specification must not send UDP datagrams with a payload larger than 1024 octets" (BEP 32). */
export const MAX_SENT_BYTES = 1_024
export const NODE_ID_BYTES = 20
/** Transaction ids are echoed byte for byte; longer ones are not worth a reply. */
export const MAX_TRANSACTION_ID_BYTES = 64

export type KrpcErrorCode = 201 | 202 | 203 | 204 | 205 | 206 | 207 | 301 | 302

export interface KrpcMessage {
  readonly kind: 'query' | 'response' | 'error'
  /** The transaction id. */
  readonly t: Uint8Array
  /** The sender's client and version. */
  readonly v: Uint8Array | null
  /** BEP 42: our address as the sender sees it, compact. */
  readonly ip: Uint8Array | null
  /** BEP 43: the sender answers nobody. */
  readonly isReadOnly: boolean
  /** Of a query; else empty. */
  readonly method: string
  /** Of an error; else 0. */
  readonly errorCode: number
  readonly errorMessage: Uint8Array | null
  /** Arguments of a query, values of a response. Absent fields are `null`. */
  readonly body: KrpcBody
}

/** All byte strings are views of the datagram. */
export interface KrpcBody {
  readonly id: Uint8Array | null
  readonly target: Uint8Array | null
  readonly infoHash: Uint8Array | null
  readonly token: Uint8Array | null
  readonly port: number | null
  readonly isPortImplied: boolean
  readonly isSeed: boolean
  readonly isWithoutSeeds: boolean
  readonly isScrape: boolean
  /** BEP 32: which lists of nodes are wanted; `null` where nothing is said. */
  readonly want: { readonly nodes: boolean; readonly nodes6: boolean } | null
  readonly nodes: Uint8Array | null
  readonly nodes6: Uint8Array | null
  readonly values: readonly Uint8Array[] | null
  /** BEP 33 filters of 256 bytes. */
  readonly seedFilter: Uint8Array | null
  readonly peerFilter: Uint8Array | null
  /** BEP 44: the bencoded bytes as they came. */
  readonly value: Uint8Array | null
  readonly publicKey: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly salt: Uint8Array | null
  readonly seq: bigint | null
  readonly cas: bigint | null
  /** BEP 51. */
  readonly samples: Uint8Array | null
  readonly sampleCount: number | null
  readonly intervalS: number | null
  /** Whether a field that we know has another type or length than it must. */
  readonly isMalformed: boolean
}

export type KrpcFaultCode =
  | 'too-long'
  | 'truncated'
  | 'bad-byte'
  | 'bad-integer'
  | 'bad-length'
  | 'too-deep'
  | 'too-many-tokens'
  | 'key-repeated'
  | 'trailing-bytes'
  | 'not-a-message'

export type KrpcResult =
  | { readonly ok: true; readonly message: KrpcMessage }
  | { readonly ok: false; readonly fault: { readonly code: KrpcFaultCode } }

/** Reads one datagram. A message that lacks `t` or `y`, or what its kind must have, is `not-a-message`. */
export function decodeKrpc(bytes: Uint8Array, limits: KrpcLimits = KRPC_LIMITS): KrpcResult {
  return readKrpc(bytes, limits)
}

/** What is said of a message to be written; absent fields are left out. */
export type KrpcDraft = {
  readonly [K in Exclude<keyof KrpcMessage, 'body' | 'kind' | 't'>]?: KrpcMessage[K]
} & {
  readonly kind: KrpcMessage['kind']
  readonly t: Uint8Array
  readonly body?: KrpcBodyDraft
}

export type KrpcBodyDraft = {
  readonly [K in Exclude<keyof KrpcBody, 'isMalformed'>]?: KrpcBody[K]
}

/** The one canonical form of a message. */
export function encodeKrpc(draft: KrpcDraft): Uint8Array {
  const root: Record<string, BencodeInput> = { t: draft.t, y: LETTERS[draft.kind] }
  if (draft.v) root['v'] = draft.v
  if (draft.ip) root['ip'] = draft.ip
  if (draft.isReadOnly === true) root['ro'] = 1
  if (draft.kind === 'error') {
    root['e'] = [draft.errorCode ?? 201, draft.errorMessage ?? new Uint8Array(0)]
  } else {
    root[draft.kind === 'query' ? 'a' : 'r'] = bodyInput(draft.body ?? {})
  }
  if (draft.kind === 'query') root['q'] = latin1Encode(draft.method ?? '')
  return encodeBencode(dictOf(root))
}

const LETTERS: { readonly [K in KrpcMessage['kind']]: string } = {
  query: 'q',
  response: 'r',
  error: 'e',
}

function bodyInput(body: KrpcBodyDraft): BencodeInput {
  const wanted: string[] = []
  if (body.want?.nodes === true) wanted.push('n4')
  if (body.want?.nodes6 === true) wanted.push('n6')
  const fields: Record<string, BencodeInput | null | undefined> = {
    BFpe: body.peerFilter,
    BFsd: body.seedFilter,
    cas: body.cas,
    id: body.id,
    implied_port: body.isPortImplied === true ? 1 : null,
    info_hash: body.infoHash,
    interval: body.intervalS,
    k: body.publicKey,
    nodes: body.nodes,
    nodes6: body.nodes6,
    noseed: body.isWithoutSeeds === true ? 1 : null,
    num: body.sampleCount,
    port: body.port,
    salt: body.salt,
    samples: body.samples,
    scrape: body.isScrape === true ? 1 : null,
    seed: body.isSeed === true ? 1 : null,
    seq: body.seq,
    sig: body.signature,
    target: body.target,
    token: body.token,
    v: body.value ? new RawBencode(body.value) : null,
    values: body.values,
    want: body.want ? wanted : null,
  }
  return dictOf(fields)
}
