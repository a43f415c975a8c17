/**
 * Carries out whom to serve: asks the choker every ten seconds, and in between when interest changes or a slot falls free.
 */
import type { Millis, RandomInt } from '@pigeon/protocol/machine'
import type { ChokeMemory } from '../choker.ts'
import { CHOKE_ROUND_MS, chooseUnchoked } from '../choker.ts'
import type { Peer } from './peer.ts'

export interface ChokeRoundsInit {
  readonly slots: () => number
  readonly random: RandomInt
  readonly isSeeding: () => boolean
}

/** Slots among them that try out peers who have given nothing yet. */
const OPTIMISTIC_SLOTS = 1

export class ChokeRounds {
  readonly #init: ChokeRoundsInit
  #memory: ChokeMemory | null = null
  #lastRoundMs: Millis = Number.NEGATIVE_INFINITY

  constructor(init: ChokeRoundsInit) {
    this.#init = init
  }

  /** Holds the round when it is due. */
  tick(peers: readonly Peer[], nowMs: Millis): void {
    if (nowMs - this.#lastRoundMs < CHOKE_ROUND_MS) return
    this.#lastRoundMs = nowMs
    this.#choose(peers, nowMs, true)
  }

  /** Gives free slots away: a peer that wants something need not wait for the next round. */
  fillSlots(peers: readonly Peer[], nowMs: Millis): void {
    this.#choose(peers, nowMs, false)
  }

  #choose(peers: readonly Peer[], nowMs: Millis, isRound: boolean): void {
    const choice = chooseUnchoked(
      peers.map((peer) => ({
        id: peer.number,
        isInterested: peer.wire.isRemoteInterested,
        downRate: peer.down.rate(nowMs),
        upRate: peer.up.rate(nowMs),
        isSnubbed: peer.isSnubbed,
        isUnchoked: !peer.wire.isChokingRemote,
        lastUnchokedMs: peer.lastUnchokedMs,
      })),
      {
        slots: this.#init.slots(),
        optimisticSlots: OPTIMISTIC_SLOTS,
        isSeeding: this.#init.isSeeding(),
        isRound,
        nowMs,
        random: this.#init.random,
        memory: this.#memory,
      },
    )
    this.#memory = choice.memory
    for (const peer of peers) {
      const isServed = choice.unchoked.has(peer.number)
      if (isServed === !peer.wire.isChokingRemote) continue
      if (isServed) peer.lastUnchokedMs = nowMs
      peer.feed({ kind: isServed ? 'send-unchoke' : 'send-choke' })
    }
  }
}
