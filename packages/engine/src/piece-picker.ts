/**
 * Which blocks to ask a peer for: pieces under way first, then the rarest of the highest priority (the first few at
 * random, or in order when sequential), and near the end a second copy of what is still missing. It also keeps count of
 * what each peer has that we want. No call but the whole-set ones costs time proportional to the number of pieces.
 *
 * Peers are named by a number that is never 0.
 */
import type { RandomInt } from '@pigeon/protocol/machine'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import { PartialPiece } from './picking/partial-piece.ts'
import { PieceBits } from './picking/piece-bits.ts'
import { PieceBuckets } from './picking/piece-buckets.ts'

export interface PickerOptions {
  readonly pieceCount: number
  readonly pieceLengthOf: (pieceIndex: number) => number
  readonly blockBytes: number
  readonly random: RandomInt
}

/** A peer that blocks are to be asked of. */
export interface PickingPeer {
  readonly id: number
  /** It gets no second copies, and its blocks may be asked of others before the end. */
  readonly isSlow: boolean
}

/** Called before a piece is begun; `false` (no buffer is free) leaves only pieces under way. */
export type OpenPiece = (pieceIndex: number) => boolean

export interface ReceivedBlock {
  /** `false`: nobody asked for it, or it had come before; drop it. */
  readonly isNew: boolean
  readonly isPieceDone: boolean
  /** Peers that need not send it any more. */
  readonly alsoAskedFrom: readonly number[]
}

export const SKIP = 0
export const LOW = 1
export const NORMAL = 2
export const HIGH = 3

/** A client with nothing to give begins with pieces that come fast, not with rare ones. */
const RANDOM_FIRST_PIECES = 4

const MISSING = 0
const PARTIAL = 1
const HASHING = 2
const HAVE = 3

interface KnownPeer {
  readonly pieces: PieceBits
  /** Its pieces are counted as one whole copy, not one by one. */
  isCountedWhole: boolean
  /** Wanted and not verified. */
  wantedCount: number
  /** Wanted and not begun. */
  openableCount: number
  isSlow: boolean
  /** The piece it was given last: it is given the rest of it first. */
  lastPiece: number
  /** The piece that was chosen for it when no buffer was free; -1 for none. */
  postponedPiece: number
  /** It had a hand in a piece that proved good. */
  isTrusted: boolean
  /** While it is not trusted: the one piece that it may spoil; -1 for none. */
  trialPiece: number
}

export class PiecePicker {
  readonly #options: PickerOptions
  readonly #states: Uint8Array
  readonly #priorities: Uint8Array
  /** Peers that have a piece, whole copies left out. */
  readonly #availability: Uint16Array
  /** By priority: pieces that may be begun. */
  readonly #openable: readonly PieceBits[]
  readonly #wanted: PieceBits
  readonly #buckets: PieceBuckets
  readonly #peers = new Map<number, KnownPeer>()
  /** Under way or being hashed. */
  readonly #partials = new Map<number, PartialPiece>()
  /** Those of the partials that have blocks nobody was asked for. */
  readonly #unasked = new Map<number, PartialPiece>()
  /** Pieces that failed with several senders. */
  readonly #suspicious = new Set<number>()
  #wholeCopies = 0
  #haveCount = 0
  #isSequential = false

  /** All pieces are missing and of normal priority at first. */
  constructor(options: PickerOptions) {
    const { pieceCount } = options
    this.#options = options
    this.#states = new Uint8Array(pieceCount)
    this.#priorities = new Uint8Array(pieceCount).fill(NORMAL)
    this.#availability = new Uint16Array(pieceCount)
    this.#openable = [SKIP, LOW, NORMAL, HIGH].map(() => new PieceBits(pieceCount))
    this.#wanted = new PieceBits(pieceCount)
    this.#buckets = new PieceBuckets(pieceCount)
    for (let pieceIndex = 0; pieceIndex < pieceCount; pieceIndex += 1) {
      this.#wanted.add(pieceIndex)
      this.#enter(pieceIndex)
    }
  }

  get haveCount(): number {
    return this.#haveCount
  }

  /** Wanted pieces that are not verified. 0: the download is done. */
  get wantedCount(): number {
    return this.#wanted.count
  }

  /** Pieces under way, those being hashed included. */
  get partialCount(): number {
    return this.#partials.size
  }

  /** Pieces under way, `limit` at most. */
  active(limit: number): readonly number[] {
    const active: number[] = []
    for (const pieceIndex of this.#partials.keys()) {
      if (active.length >= limit) break
      active.push(pieceIndex)
    }
    return active
  }

  /** Whether every block that anybody has was asked for. */
  get isEndgame(): boolean {
    const unavailable = this.#wholeCopies > 0 ? 0 : this.#buckets.unavailableCount
    if (this.#buckets.size > unavailable) return false
    for (const partial of this.#unasked.values()) {
      if (this.#isWanted(partial.pieceIndex) && this.availabilityOf(partial.pieceIndex) > 0) {
        return false
      }
    }
    return true
  }

  has(pieceIndex: number): boolean {
    return this.#states[pieceIndex] === HAVE
  }

  availabilityOf(pieceIndex: number): number {
    return (this.#availability[pieceIndex] ?? 0) + this.#wholeCopies
  }

  /** Whether the peer has a piece that we want: what `interested` should say. */
  isInteresting(peerId: number): boolean {
    return (this.#peers.get(peerId)?.wantedCount ?? 0) > 0
  }

  /** The whole set that a peer has; replaces what was known. Costs time by the pieces that it has. */
  peerHas(peerId: number, bits: Uint8Array): void {
    const isTrusted = this.#peers.get(peerId)?.isTrusted ?? false
    this.peerGone(peerId)
    const pieces = new PieceBits(this.#options.pieceCount)
    pieces.assign(bits)
    const isWhole = pieces.count === this.#options.pieceCount
    const peer = {
      pieces,
      isCountedWhole: isWhole,
      wantedCount: 0,
      openableCount: 0,
      isSlow: false,
      lastPiece: -1,
      postponedPiece: -1,
      isTrusted,
      trialPiece: -1,
    }
    this.#peers.set(peerId, peer)
    this.#recount(peer)
    if (isWhole) this.#wholeCopies += 1
    else this.#forEach(pieces, (pieceIndex) => this.#changeAvailability(pieceIndex, 1))
  }

  peerHasPiece(peerId: number, pieceIndex: number): void {
    if (!this.#peers.has(peerId)) this.peerHas(peerId, new Uint8Array(0))
    const peer = this.#peers.get(peerId)
    if (peer === undefined || !peer.pieces.add(pieceIndex)) return
    if (this.#wanted.has(pieceIndex)) peer.wantedCount += 1
    if (this.#isOpenable(pieceIndex)) peer.openableCount += 1
    this.#changeAvailability(pieceIndex, 1)
  }

  /** The peer has proved itself elsewhere. */
  trust(peerId: number): void {
    const peer = this.#peers.get(peerId)
    if (peer !== undefined) peer.isTrusted = true
  }

  /** BEP 54: it has the piece no more. */
  peerLost(peerId: number, pieceIndex: number): void {
    const peer = this.#peers.get(peerId)
    if (peer === undefined || !peer.pieces.has(pieceIndex)) return
    this.#countSingly(peer)
    peer.pieces.delete(pieceIndex)
    if (this.#wanted.has(pieceIndex)) peer.wantedCount -= 1
    if (this.#isOpenable(pieceIndex)) peer.openableCount -= 1
    this.#changeAvailability(pieceIndex, -1)
  }

  /** Forgets a peer, and frees the blocks that it was asked for. */
  peerGone(peerId: number): void {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return
    this.#peers.delete(peerId)
    if (peer.isCountedWhole) this.#wholeCopies -= 1
    else this.#forEach(peer.pieces, (pieceIndex) => this.#changeAvailability(pieceIndex, -1))
    for (const partial of this.#partials.values()) {
      if (partial.releaseAll(peerId)) this.#unasked.set(partial.pieceIndex, partial)
    }
  }

  /** The piece is verified and on disk. */
  setHave(pieceIndex: number): void {
    if (this.#states[pieceIndex] === HAVE) return
    this.#forgetPartial(pieceIndex)
    this.#setState(pieceIndex, HAVE)
    this.#haveCount += 1
    this.#suspicious.delete(pieceIndex)
    this.#setWanted(pieceIndex, false)
  }

  /** The piece turned out not to be on disk after all. */
  setMissing(pieceIndex: number): void {
    if (this.#states[pieceIndex] !== HAVE) return
    this.#haveCount -= 1
    this.#setState(pieceIndex, MISSING)
    this.#setWanted(pieceIndex, this.#isWanted(pieceIndex))
  }

  /** 0 is skip, 1 low, 2 normal, 3 high. */
  setPriority(pieceIndex: number, priority: number): void {
    if (pieceIndex >= this.#options.pieceCount || this.#priorities[pieceIndex] === priority) return
    if (this.#isOpenable(pieceIndex)) this.#leave(pieceIndex)
    this.#priorities[pieceIndex] = priority
    if (this.#isOpenable(pieceIndex)) this.#enter(pieceIndex)
    if (this.#states[pieceIndex] !== HAVE) this.#setWanted(pieceIndex, priority > SKIP)
  }

  /** All priorities at once, by piece. */
  setPriorities(priorities: Uint8Array): void {
    // Recounting each peer once is far cheaper than correcting it at each piece.
    const peers = [...this.#peers]
    this.#peers.clear()
    for (const [pieceIndex, priority] of priorities.entries()) {
      if (this.#priorities[pieceIndex] !== priority) this.setPriority(pieceIndex, priority)
    }
    for (const [peerId, peer] of peers) {
      this.#peers.set(peerId, peer)
      this.#recount(peer)
    }
  }

  setSequential(isSequential: boolean): void {
    this.#isSequential = isSequential
  }

  /**
   * Up to `count` blocks to ask of an unchoked peer, in an order good to send: runs of one piece after another. A peer
   * that has proved nothing yet is given one piece, and the next when that is verified: so a liar costs one piece.
   */
  pick(peer: PickingPeer, count: number, openPiece: OpenPiece): BlockRef[] {
    const picked: BlockRef[] = []
    const known = this.#peers.get(peer.id)
    if (known === undefined) return picked
    known.isSlow = peer.isSlow
    if (known.wantedCount === 0) return picked
    if (!known.isTrusted) {
      this.#pickTrial(peer, known, count, picked, openPiece)
      return picked
    }
    this.#takeUnasked(peer.id, known, count, picked)
    let hasRoom = true
    while (picked.length < count && hasRoom && known.openableCount > 0) {
      const pieceIndex = this.#open(known, openPiece)
      hasRoom = pieceIndex !== null
      if (pieceIndex === -1) break
      if (pieceIndex !== null) this.#take(pieceIndex, peer.id, known, count, picked)
    }
    if (picked.length < count && !peer.isSlow)
      this.#takeCopies(peer.id, known, count, picked, hasRoom)
    return picked
  }

  /** The same among `pieces` alone: what a choking peer allows fast (BEP 6). */
  pickWithin(
    peer: PickingPeer,
    count: number,
    pieces: Iterable<number>,
    openPiece: OpenPiece,
  ): BlockRef[] {
    const picked: BlockRef[] = []
    const known = this.#peers.get(peer.id)
    if (known === undefined || known.wantedCount === 0) return picked
    for (const pieceIndex of pieces) {
      if (picked.length >= count) break
      if (!known.isTrusted && known.trialPiece >= 0 && known.trialPiece !== pieceIndex) continue
      if (!known.pieces.has(pieceIndex) || !this.#isWanted(pieceIndex)) continue
      if (this.#isOpenable(pieceIndex) && !this.#begin(pieceIndex, openPiece)) continue
      if (!this.#unasked.has(pieceIndex)) continue
      known.trialPiece = known.isTrusted ? -1 : pieceIndex
      this.#take(pieceIndex, peer.id, known, count, picked)
    }
    return picked
  }

  /** Whether the block is under way and has not come yet. */
  needsBlock(pieceIndex: number, begin: number): boolean {
    return this.#partials.get(pieceIndex)?.needs(begin) ?? false
  }

  blockReceived(pieceIndex: number, begin: number, peerId: number): ReceivedBlock {
    const partial = this.#partials.get(pieceIndex)
    const alsoAskedFrom = partial?.receive(begin, peerId) ?? null
    if (partial === undefined || alsoAskedFrom === null) return NOT_NEW
    if (partial.freeCount === 0) this.#unasked.delete(pieceIndex)
    if (partial.isDone) this.#setState(pieceIndex, HASHING)
    return { isNew: true, isPieceDone: partial.isDone, alsoAskedFrom }
  }

  /** The peer will not send this block: it rejected, choked, timed out, or we cancelled. */
  requestGone(block: BlockRef, peerId: number): void {
    const partial = this.#partials.get(block.pieceIndex)
    if (partial?.release(block.begin, peerId) === true) {
      this.#unasked.set(block.pieceIndex, partial)
    }
  }

  /** By block, the peer that sent it (0: none yet). Empty for a piece that is not under way. */
  sendersOf(pieceIndex: number): readonly number[] {
    const partial = this.#partials.get(pieceIndex)
    return partial === undefined ? [] : Array.from(partial.senders)
  }

  pieceVerified(pieceIndex: number): void {
    this.#endTrials(pieceIndex, true)
    this.setHave(pieceIndex)
  }

  /** The piece is to be fetched again; from one peer alone where several had sent it, so that the next failure has a name. */
  pieceFailed(pieceIndex: number): void {
    if (new Set(this.sendersOf(pieceIndex)).size > 1) this.#suspicious.add(pieceIndex)
    this.#endTrials(pieceIndex, false)
    if (this.#forgetPartial(pieceIndex)) this.#setState(pieceIndex, MISSING)
  }

  /** Gives up what was gathered of a piece. Requests under way for it are forgotten. */
  dropPartial(pieceIndex: number): void {
    if (!this.#forgetPartial(pieceIndex)) return
    this.#setState(pieceIndex, MISSING)
    for (const peer of this.#peers.values()) {
      if (peer.trialPiece === pieceIndex) peer.trialPiece = -1
    }
  }

  /** A piece under way that nobody is asked for and nobody connected can finish: its buffer serves another better. */
  evictable(): number | null {
    for (const partial of this.#unasked.values()) {
      if (partial.requestedCount > 0) continue
      const isWanted = this.#isWanted(partial.pieceIndex)
      if (!isWanted || this.availabilityOf(partial.pieceIndex) === 0) return partial.pieceIndex
    }
    return null
  }

  #takeUnasked(peerId: number, known: KnownPeer, count: number, into: BlockRef[]): void {
    if (this.#unasked.size === 0) return
    if (this.#unasked.has(known.lastPiece) && this.#isWanted(known.lastPiece)) {
      this.#take(known.lastPiece, peerId, known, count, into)
    }
    for (let priority = HIGH; priority > SKIP && into.length < count; priority -= 1) {
      for (const pieceIndex of this.#unasked.keys()) {
        if (into.length >= count) return
        if (this.#priorities[pieceIndex] !== priority || !known.pieces.has(pieceIndex)) continue
        this.#take(pieceIndex, peerId, known, count, into)
      }
    }
  }

  #take(
    pieceIndex: number,
    peerId: number,
    known: KnownPeer,
    count: number,
    into: BlockRef[],
  ): void {
    const partial = this.#unasked.get(pieceIndex)
    if (partial === undefined || !known.pieces.has(pieceIndex)) return
    const before = into.length
    partial.takeFree(peerId, count, into)
    if (into.length > before) known.lastPiece = pieceIndex
    if (partial.freeCount === 0) this.#unasked.delete(pieceIndex)
  }

  #takeCopies(
    peerId: number,
    known: KnownPeer,
    count: number,
    into: BlockRef[],
    hasRoom: boolean,
  ): void {
    const isEndgame = this.isEndgame
    if (!isEndgame && hasRoom) return
    // With every buffer taken, pieces that wait for slow peers hold up everyone.
    const mayCopy = (asked: number): boolean => isEndgame || this.#peers.get(asked)?.isSlow === true
    for (const partial of this.#partials.values()) {
      if (into.length >= count) return
      if (!known.pieces.has(partial.pieceIndex) || !this.#isWanted(partial.pieceIndex)) continue
      partial.takeCopies(peerId, count, into, mayCopy)
    }
  }

  /** Begins the best piece for a peer: answers it, -1 when there is none to begin, `null` when no buffer is free. */
  #open(known: KnownPeer, openPiece: OpenPiece): number | null {
    const pieceIndex = this.#postponedOf(known) ?? this.#choose(known)
    if (pieceIndex < 0) return -1
    const hasRoom = this.#begin(pieceIndex, openPiece)
    known.postponedPiece = hasRoom ? -1 : pieceIndex
    return hasRoom ? pieceIndex : null
  }

  #pickTrial(
    peer: PickingPeer,
    known: KnownPeer,
    count: number,
    into: BlockRef[],
    openPiece: OpenPiece,
  ): void {
    let trial = known.trialPiece
    if (trial >= 0 && (!this.#isWanted(trial) || this.has(trial))) trial = -1
    if (trial < 0 && known.openableCount > 0) {
      trial = this.#open(known, openPiece) ?? -1
      const own = this.#partials.get(trial)
      if (own !== undefined) own.isExclusive = true
    }
    if (trial < 0) trial = this.#joinable(peer, known)
    known.trialPiece = trial
    if (trial < 0) return
    // After a failure the piece is begun anew by whoever comes first.
    if (this.#isOpenable(trial) && !this.#begin(trial, openPiece)) return
    this.#take(trial, peer.id, known, count, into)
    if (into.length === 0 && !peer.isSlow && this.isEndgame) {
      this.#partials.get(trial)?.takeCopies(peer.id, count, into, () => true)
    }
  }

  /** A piece under way that an untrusted peer may help with when none can be begun. */
  #joinable(peer: PickingPeer, known: KnownPeer): number {
    const isFit = (pieceIndex: number): boolean =>
      known.pieces.has(pieceIndex) && this.#isWanted(pieceIndex)
    for (const pieceIndex of this.#unasked.keys()) if (isFit(pieceIndex)) return pieceIndex
    if (peer.isSlow || !this.isEndgame) return -1
    for (const partial of this.#partials.values()) {
      if (partial.requestedCount > 0 && isFit(partial.pieceIndex)) return partial.pieceIndex
    }
    return -1
  }

  /** What became of a piece decides about those that it was the trial of. */
  #endTrials(pieceIndex: number, isGood: boolean): void {
    const senders = new Set(this.sendersOf(pieceIndex))
    for (const [peerId, peer] of this.#peers) {
      const isSender = senders.has(peerId)
      if (isGood && isSender) peer.isTrusted = true
      // Whoever had a hand in a bad piece gets no other before it is known whose fault it was.
      if (peer.trialPiece === pieceIndex && (isGood || !isSender)) peer.trialPiece = -1
    }
  }

  #postponedOf(known: KnownPeer): number | null {
    const pieceIndex = known.postponedPiece
    if (pieceIndex < 0 || !this.#isOpenable(pieceIndex)) return null
    return known.pieces.has(pieceIndex) ? pieceIndex : null
  }

  #choose(known: KnownPeer): number {
    if (this.#isSequential) return this.#search(known, 0)
    const isFirst = this.#haveCount + this.#partials.size < RANDOM_FIRST_PIECES
    if (!isFirst) {
      // Every piece of a peer that is not counted whole is counted at least once: for itself.
      const least = known.isCountedWhole ? 0 : 1
      const has = (pieceIndex: number): boolean => known.pieces.has(pieceIndex)
      const rarest = this.#buckets.rarest(has, least, this.#options.random)
      if (rarest >= 0) return rarest
    }
    const from = this.#options.random(this.#options.pieceCount)
    return this.#search(known, from)
  }

  /** The next piece that the peer has and that may be begun, of the highest priority, from `from` round to it again. */
  #search(known: KnownPeer, from: number): number {
    for (let priority = HIGH; priority > SKIP; priority -= 1) {
      const openable = this.#openable[priority]
      if (openable === undefined || openable.count === 0) continue
      const found = openable.nextCommon(known.pieces, from)
      if (found >= 0) return found
      const wrapped = from === 0 ? -1 : openable.nextCommon(known.pieces, 0)
      if (wrapped >= 0) return wrapped
    }
    return -1
  }

  #begin(pieceIndex: number, openPiece: OpenPiece): boolean {
    if (!openPiece(pieceIndex)) return false
    const lengthBytes = this.#options.pieceLengthOf(pieceIndex)
    const partial = new PartialPiece(pieceIndex, lengthBytes, this.#options.blockBytes)
    partial.isSuspicious = this.#suspicious.has(pieceIndex)
    partial.isExclusive = partial.isSuspicious
    this.#setState(pieceIndex, PARTIAL)
    this.#partials.set(pieceIndex, partial)
    this.#unasked.set(pieceIndex, partial)
    return true
  }

  #forgetPartial(pieceIndex: number): boolean {
    this.#unasked.delete(pieceIndex)
    return this.#partials.delete(pieceIndex)
  }

  #isWanted(pieceIndex: number): boolean {
    return (this.#priorities[pieceIndex] ?? SKIP) > SKIP
  }

  #isOpenable(pieceIndex: number): boolean {
    return this.#states[pieceIndex] === MISSING && this.#isWanted(pieceIndex)
  }

  #setState(pieceIndex: number, state: number): void {
    const wasOpenable = this.#isOpenable(pieceIndex)
    if (wasOpenable && state !== MISSING) this.#leave(pieceIndex)
    this.#states[pieceIndex] = state
    if (!wasOpenable && this.#isOpenable(pieceIndex)) this.#enter(pieceIndex)
  }

  #enter(pieceIndex: number): void {
    const priority = this.#priorities[pieceIndex] ?? SKIP
    this.#openable[priority]?.add(pieceIndex)
    this.#buckets.add(pieceIndex, priority, this.#availability[pieceIndex] ?? 0)
    for (const peer of this.#peers.values()) {
      if (peer.pieces.has(pieceIndex)) peer.openableCount += 1
    }
  }

  #leave(pieceIndex: number): void {
    const priority = this.#priorities[pieceIndex] ?? SKIP
    this.#openable[priority]?.delete(pieceIndex)
    this.#buckets.remove(pieceIndex, priority, this.#availability[pieceIndex] ?? 0)
    for (const peer of this.#peers.values()) {
      if (peer.pieces.has(pieceIndex)) peer.openableCount -= 1
    }
  }

  #setWanted(pieceIndex: number, isWanted: boolean): void {
    const isChanged = isWanted ? this.#wanted.add(pieceIndex) : this.#wanted.delete(pieceIndex)
    if (!isChanged) return
    for (const peer of this.#peers.values()) {
      if (peer.pieces.has(pieceIndex)) peer.wantedCount += isWanted ? 1 : -1
    }
  }

  #recount(peer: KnownPeer): void {
    peer.wantedCount = peer.pieces.countCommon(this.#wanted)
    peer.openableCount = 0
    for (const openable of this.#openable) peer.openableCount += peer.pieces.countCommon(openable)
  }

  /** A whole copy that is to change is counted piece by piece from then on. */
  #countSingly(peer: KnownPeer): void {
    if (!peer.isCountedWhole) return
    peer.isCountedWhole = false
    this.#wholeCopies -= 1
    this.#forEach(peer.pieces, (pieceIndex) => this.#changeAvailability(pieceIndex, 1))
  }

  #changeAvailability(pieceIndex: number, by: 1 | -1): void {
    const before = this.#availability[pieceIndex] ?? 0
    this.#availability[pieceIndex] = before + by
    if (!this.#isOpenable(pieceIndex)) return
    this.#buckets.move(pieceIndex, this.#priorities[pieceIndex] ?? SKIP, before, before + by)
  }

  #forEach(pieces: PieceBits, visit: (pieceIndex: number) => void): void {
    let pieceIndex = pieces.nextCommon(pieces, 0)
    while (pieceIndex >= 0) {
      visit(pieceIndex)
      pieceIndex =
        pieceIndex + 1 < pieces.pieceCount ? pieces.nextCommon(pieces, pieceIndex + 1) : -1
    }
  }
}

const NOT_NEW: ReceivedBlock = { isNew: false, isPieceDone: false, alsoAskedFrom: [] }
