/**
 * Whom we serve. While we download: tit for tat, those who give us most, with optimistic slots that try others. While
 * we seed: turns, so that everyone is served and the fastest keep their slot only while nobody waits.
 *
 * Pure: call it every `CHOKE_ROUND_MS`, and with `isRound: false` in between when interest changes or a peer leaves.
 *
 * Spec: BEP 3, "choking"
 */
import type { Millis, RandomInt } from '@pigeon/protocol/machine'

export const CHOKE_ROUND_MS = 10_000
export const OPTIMISTIC_TURN_MS = 30_000
/** While seeding, nobody loses a slot before this. */
export const SEEDING_TURN_MS = 60_000
export const DEFAULT_SLOTS = 8
/** With little to give, fewer get a useful share. */
export const FEW_SLOTS = 4
const FEW_SLOTS_BELOW = 128 * 1024
/** "New connections are three times as likely to start as the current optimistic unchoke." */
const NEWCOMER_WEIGHT = 3

export interface ChokePeer {
  readonly id: number
  readonly isInterested: boolean
  /** Bytes a second that it sends us. */
  readonly downRate: number
  /** Bytes a second that we send it. */
  readonly upRate: number
  /** It has unchoked us and sent nothing for a minute: it gets optimistic slots only. */
  readonly isSnubbed: boolean
  /** Whether we unchoke it now. */
  readonly isUnchoked: boolean
  /** When its present turn began, or its last one; `-Infinity` when it never had one. */
  readonly lastUnchokedMs: Millis
}

/** What one call hands to the next. */
export interface ChokeMemory {
  readonly optimistic: readonly number[]
  readonly optimisticSinceMs: Millis
}

export interface ChokeOptions {
  /** All slots, the optimistic ones included. */
  readonly slots: number
  readonly optimisticSlots: number
  readonly isSeeding: boolean
  /** Whether ten seconds are over: only then does anyone lose a slot. */
  readonly isRound: boolean
  readonly nowMs: Millis
  readonly random: RandomInt
  readonly memory: ChokeMemory | null
}

export interface ChokeChoice {
  /** Ids to be unchoked; all others are to be choked. */
  readonly unchoked: ReadonlySet<number>
  readonly memory: ChokeMemory
}

export function chooseUnchoked(peers: readonly ChokePeer[], options: ChokeOptions): ChokeChoice {
  const interested = peers.filter((peer) => peer.isInterested)
  if (options.isSeeding) return chooseTurns(interested, options)
  return chooseReciprocal(interested, options)
}

/** How many slots suit an upload limit (bytes a second, `null` for none). */
export function slotsFor(upLimit: number | null): number {
  return upLimit !== null && upLimit < FEW_SLOTS_BELOW ? FEW_SLOTS : DEFAULT_SLOTS
}

function chooseReciprocal(interested: readonly ChokePeer[], options: ChokeOptions): ChokeChoice {
  const { nowMs, slots } = options
  const old = options.memory ?? { optimistic: [], optimisticSinceMs: nowMs }
  const isRotating = options.isRound && nowMs - old.optimisticSinceMs >= OPTIMISTIC_TURN_MS
  const unchoked = new Set<number>()
  const room = Math.max(0, slots - Math.min(options.optimisticSlots, slots))
  const wasOptimistic = new Set(old.optimistic)
  for (const peer of earners(interested, options, wasOptimistic)) {
    if (unchoked.size >= room) break
    unchoked.add(peer.id)
  }
  // Slots that nobody earned are optimistic too: so a swarm gets going, and so a snubbed client finds others.
  const optimistic: number[] = []
  const others = interested.filter((peer) => !unchoked.has(peer.id))
  if (!isRotating) {
    for (const peer of others) {
      if (unchoked.size >= slots) break
      if (!wasOptimistic.has(peer.id)) continue
      optimistic.push(peer.id)
      unchoked.add(peer.id)
    }
  }
  while (unchoked.size < slots) {
    const peer = drawOptimistic(
      others.filter((other) => !unchoked.has(other.id)),
      options.random,
    )
    if (peer === null) break
    optimistic.push(peer.id)
    unchoked.add(peer.id)
  }
  const isFresh = isRotating || options.memory === null
  return {
    unchoked,
    memory: { optimistic, optimisticSinceMs: isFresh ? nowMs : old.optimisticSinceMs },
  }
}

/** Those who give us something, the best first; between rounds, those who hold an earned slot. */
function earners(
  interested: readonly ChokePeer[],
  options: ChokeOptions,
  wasOptimistic: ReadonlySet<number>,
): readonly ChokePeer[] {
  return interested
    .filter((peer) => {
      if (!options.isRound) return peer.isUnchoked && !wasOptimistic.has(peer.id)
      return peer.downRate > 0 && !peer.isSnubbed
    })
    .sort(
      (a, b) =>
        b.downRate - a.downRate || Number(b.isUnchoked) - Number(a.isUnchoked) || a.id - b.id,
    )
}

function drawOptimistic(peers: readonly ChokePeer[], random: RandomInt): ChokePeer | null {
  let weights = 0
  for (const peer of peers) weights += weightOf(peer)
  if (weights === 0) return null
  let drawn = random(weights)
  for (const peer of peers) {
    drawn -= weightOf(peer)
    if (drawn < 0) return peer
  }
  return null
}

function weightOf(peer: ChokePeer): number {
  return peer.lastUnchokedMs === Number.NEGATIVE_INFINITY ? NEWCOMER_WEIGHT : 1
}

function chooseTurns(interested: readonly ChokePeer[], options: ChokeOptions): ChokeChoice {
  const { nowMs, slots } = options
  const inTurn: ChokePeer[] = []
  const finished: ChokePeer[] = []
  const waiting: ChokePeer[] = []
  for (const peer of interested) {
    if (!peer.isUnchoked) waiting.push(peer)
    else if (!options.isRound || nowMs - peer.lastUnchokedMs < SEEDING_TURN_MS) {
      inTurn.push(peer)
    } else finished.push(peer)
  }
  inTurn.sort((a, b) => b.upRate - a.upRate || a.id - b.id)
  waiting.sort((a, b) => byTime(a.lastUnchokedMs, b.lastUnchokedMs) || a.id - b.id)
  finished.sort((a, b) => b.upRate - a.upRate || a.id - b.id)
  const ranked = [...inTurn, ...waiting, ...finished].slice(0, slots)
  return {
    unchoked: new Set(ranked.map((peer) => peer.id)),
    memory: { optimistic: [], optimisticSinceMs: nowMs },
  }
}

function byTime(a: Millis, b: Millis): number {
  return a < b ? -1 : a > b ? 1 : 0
}
