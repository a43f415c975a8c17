/**
 * BEP 6: Fast Extension. <https://www.bittorrent.org/beps/bep_0006.html>, "allowed fast set generation"
 *
 * Its messages stand in `wire/messages.ts` (all that need `fast`), its rules for requests in `peer-wire.ts`.
 * Divergence: a piece that was never requested does not close the connection at once (the text: "MUST close"), since
 * large clients send late blocks; see `fault-reactions.ts`. There is no set for IPv6: the text has none.
 */
import { concatBytes, ByteReader } from '../bytes.ts'
import { invariant } from '../machine.ts'

export interface AllowedFastOptions {
  /** The receiver's address, 4 bytes. */
  readonly ipv4: Uint8Array
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  readonly pieceCount: number
  /** How many pieces are wanted; a torrent of fewer gives all of its own. */
  readonly setSize: number
  readonly sha1: (bytes: Uint8Array) => Uint8Array
}

/** The text's own choice of k. */
export const ALLOWED_FAST_SET_SIZE = 10
/** Larger sets are not made; finding the last pieces of a set takes ever longer. */
export const ALLOWED_FAST_SET_LIMIT = 64

/**
 * The pieces that a choked peer of this address may have, in canonical order: all who follow the text name the same.
 * The address is cut to its /24, so that several addresses of one network get one set.
 */
export function allowedFastSet(options: AllowedFastOptions): readonly number[] {
  const { ipv4, infoHash, pieceCount, setSize, sha1 } = options
  invariant(ipv4.length === 4, 'the allowed-fast set is made for IPv4 addresses')
  invariant(infoHash.length === 20, 'a name on the wire has 20 bytes')
  const wanted = Math.min(setSize, pieceCount, ALLOWED_FAST_SET_LIMIT)
  const set = new Set<number>()
  let state = concatBytes([ipv4.subarray(0, 3), Uint8Array.of(0), infoHash])
  for (let round = 0; set.size < wanted && round < ROUNDS_LIMIT; round++) {
    state = sha1(state)
    const numbers = new ByteReader(state)
    for (let i = 0; i < 5 && set.size < wanted; i++) set.add(numbers.u32() % pieceCount)
  }
  return [...set]
}

/** A set of 64 out of 64 takes about 60 rounds; no chance makes it take so many. */
const ROUNDS_LIMIT = 10_000
