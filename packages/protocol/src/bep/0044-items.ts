/**
 * Values that the DHT keeps: where they are stored, what is signed, and what a put may hold.
 *
 * Spec: BEP 44 <https://www.bittorrent.org/beps/bep_0044.html>
 * Divergence: a put that has any of `k`, `seq` and `sig` must have all three, so that no broken mutable item is kept as
 * an immutable one. Values nested more than 15 deep inside a message are not read.
 */
import { sha1 } from '@noble/hashes/legacy.js'
import { decodeBencode } from '../bencode.ts'
import { concatBytes, equalBytes, latin1Encode } from '../bytes.ts'
import type { KrpcBody, KrpcErrorCode } from './0005-krpc.ts'

/** "any bencoded type, whose encoded size <= 1000" */
export const MAX_VALUE_BYTES = 1_000
/** "The salt string MUST NOT be longer than 64 bytes." */
export const MAX_SALT_BYTES = 64
export const MAX_SEQ: bigint = (1n << 63n) - 1n

/** Whether the 64 bytes of `signature` are the key's over `message`; false for anything malformed. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean

export interface MutableItem {
  readonly publicKey: Uint8Array
  readonly salt: Uint8Array
  readonly seq: bigint
  readonly signature: Uint8Array
  /** Bencoded, as it was signed. */
  readonly value: Uint8Array
}

export function immutableTarget(value: Uint8Array): Uint8Array {
  return sha1(value)
}

export function mutableTarget(publicKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return sha1(salt.length === 0 ? publicKey : concatBytes([publicKey, salt]))
}

/** What is signed: the salt where there is one, the sequence number, and the value's own bytes. */
export function signedBytes(item: Pick<MutableItem, 'salt' | 'seq' | 'value'>): Uint8Array {
  const salt = item.salt.length === 0 ? [] : [latin1Encode(`4:salt${item.salt.length}:`), item.salt]
  return concatBytes([...salt, latin1Encode(`3:seqi${item.seq}e1:v`), item.value])
}

/** Whether the bytes are one value in canonical bencode. */
export function isCanonicalValue(value: Uint8Array): boolean {
  return decodeBencode(value, VALUE_LIMITS).ok
}

export type PutVerdict =
  | { readonly kind: 'immutable'; readonly value: Uint8Array }
  | { readonly kind: 'mutable'; readonly item: MutableItem; readonly cas: bigint | null }
  | { readonly kind: 'refused'; readonly code: KrpcErrorCode; readonly message: string }

/** Judges the arguments of a `put`, but for its token and for what is stored already. */
export function judgePut(body: KrpcBody, verify: VerifySignature): PutVerdict {
  const { value, publicKey, signature, seq } = body
  const salt = body.salt ?? NO_BYTES
  if (body.isMalformed || value === null) return refused(203, 'malformed put')
  if (value.length > MAX_VALUE_BYTES) return refused(205, 'v is longer than 1000 bytes')
  if (salt.length > MAX_SALT_BYTES) return refused(207, 'salt is longer than 64 bytes')
  if (!isCanonicalValue(value)) return refused(203, 'v is not canonical bencode')
  if (publicKey === null && signature === null && seq === null) return { kind: 'immutable', value }
  if (publicKey === null || signature === null || seq === null) {
    return refused(203, 'k, seq and sig belong together')
  }
  const item = { publicKey, signature, seq, salt, value }
  if (!verify(publicKey, signedBytes(item), signature)) return refused(206, 'invalid signature')
  return { kind: 'mutable', item, cas: body.cas }
}

/** The item in the answer to a `get`, where it proves to be the one that was asked for; `null` where it does not. */
export function provenItem(
  body: KrpcBody,
  target: Uint8Array,
  salt: Uint8Array,
  verify: VerifySignature,
): MutableItem | null {
  const { value, publicKey, signature, seq } = body
  if (value === null || publicKey === null || signature === null || seq === null) return null
  if (value.length > MAX_VALUE_BYTES || !isCanonicalValue(value)) return null
  if (!equalBytes(mutableTarget(publicKey, salt), target)) return null
  const item = { publicKey, signature, seq, salt, value }
  return verify(publicKey, signedBytes(item), signature) ? item : null
}

const NO_BYTES = new Uint8Array(0)
const VALUE_LIMITS = { maxDepth: 100, maxTokens: 500, strict: true, maxBytes: MAX_VALUE_BYTES }

function refused(code: KrpcErrorCode, message: string): PutVerdict {
  return { kind: 'refused', code, message }
}
