/**
 * The values that others have us keep. When all room is taken, what is nearer to our own id stays.
 *
 * Spec: BEP 44, "Mutable Items", "CAS", "Expiration"
 */
import { immutableTarget, mutableTarget, type PutVerdict } from '../bep/0044-items.ts'
import type { KrpcErrorCode } from '../bep/0005-krpc.ts'
import { equalBytes } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import { BlockCounter } from './block-counter.ts'
import type { DhtLimits } from './dht-limits.ts'
import { compareDistance, idKey } from './node-id.ts'
import type { Place } from './place.ts'

/** "Without re-announcement, these items MAY expire in 2 hours." */
export const ITEM_EXPIRY_MS: Millis = 2 * 3_600_000

export interface StoredItem {
  readonly target: Uint8Array
  readonly value: Uint8Array
  /** Of a mutable item. */
  readonly proof: {
    readonly publicKey: Uint8Array
    readonly signature: Uint8Array
    readonly seq: bigint
  } | null
}

export type PutOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly code: KrpcErrorCode; readonly message: string }

type GoodPut = Exclude<PutVerdict, { kind: 'refused' }>

/** Where a put that was judged belongs. */
export function targetOfPut(put: GoodPut): Uint8Array {
  return put.kind === 'immutable'
    ? immutableTarget(put.value)
    : mutableTarget(put.item.publicKey, put.item.salt)
}

export class ItemStore {
  readonly #limits: DhtLimits
  readonly #items = new Map<string, Kept>()
  readonly #blocks: BlockCounter

  constructor(limits: DhtLimits) {
    this.#limits = limits
    this.#blocks = new BlockCounter(limits.storedPerBlock)
  }

  get size(): number {
    return this.#items.size
  }

  get(target: Uint8Array): StoredItem | null {
    return this.#items.get(idKey(target))?.item ?? null
  }

  /** Whether a put under this target would be kept; if not, no token is given. */
  hasRoomFor(target: Uint8Array, from: Place, own: Uint8Array): boolean {
    if (this.#items.has(idKey(target))) return true
    if (!this.#blocks.hasRoom(from)) return false
    return this.#items.size < this.#limits.storedItems || this.#farther(target, own) !== null
  }

  put(put: GoodPut, from: Place, own: Uint8Array, nowMs: Millis): PutOutcome {
    const target = targetOfPut(put)
    const known = this.#items.get(idKey(target))
    if (known !== undefined) return this.#update(known, put, nowMs)
    if (!this.hasRoomFor(target, from, own)) return refused(202, 'no room')
    if (this.#items.size >= this.#limits.storedItems) {
      const farthest = this.#farther(target, own)
      if (farthest !== null) this.#remove(farthest)
    }
    this.#items.set(idKey(target), { item: itemOf(target, put), from, seenMs: nowMs })
    this.#blocks.add(from)
    return STORED
  }

  expire(nowMs: Millis): void {
    for (const kept of this.#items.values()) {
      if (nowMs - kept.seenMs >= ITEM_EXPIRY_MS) this.#remove(kept)
    }
  }

  #update(known: Kept, put: GoodPut, nowMs: Millis): PutOutcome {
    const proof = known.item.proof
    if (put.kind === 'mutable' && proof !== null) {
      const isSame = put.item.seq === proof.seq && equalBytes(put.item.value, known.item.value)
      // "An implementation MUST emit 301 errors if the cas mismatches."
      if (put.cas !== null && put.cas !== proof.seq) return refused(301, 'cas mismatch')
      if (put.item.seq < proof.seq || (put.item.seq === proof.seq && !isSame)) {
        return refused(302, 'sequence number less than current')
      }
      if (!isSame) known.item = itemOf(known.item.target, put)
    }
    known.seenMs = nowMs
    return STORED
  }

  #remove(kept: Kept): void {
    this.#items.delete(idKey(kept.item.target))
    this.#blocks.remove(kept.from)
  }

  /** The item that is farthest from our id, where that is farther than the target. */
  #farther(target: Uint8Array, own: Uint8Array): Kept | null {
    let farthest: Kept | null = null
    for (const kept of this.#items.values()) {
      const than = farthest?.item.target ?? target
      if (compareDistance(own, than, kept.item.target) < 0) farthest = kept
    }
    return farthest
  }
}

interface Kept {
  item: StoredItem
  readonly from: Place
  seenMs: Millis
}

const STORED: PutOutcome = { kind: 'stored' }

function refused(code: KrpcErrorCode, message: string): PutOutcome {
  return { kind: 'refused', code, message }
}

/** Copies: what came in a datagram does not live on. */
function itemOf(target: Uint8Array, put: GoodPut): StoredItem {
  if (put.kind === 'immutable') return { target, value: put.value.slice(), proof: null }
  const { publicKey, signature, seq, value } = put.item
  return {
    target,
    value: value.slice(),
    proof: { publicKey: publicKey.slice(), signature: signature.slice(), seq },
  }
}
