/**
 * Keeps strangers from using us as a weapon: whose address may be forged never gets more than three times what came
 * in, in any one answer; and one address gets only so many answers.
 *
 * An address is proven once it answered a query of ours or brought back a token. Answers to proven addresses may be
 * longer, within a rate for all of them together.
 */
import type { Millis } from '../machine.ts'
import type { DhtLimits } from './dht-limits.ts'

/** "bytes out at most 3 x bytes in" for whoever may be forged. */
export const MAX_AMPLIFICATION = 3
export const PROVEN_MS: Millis = 15 * 60_000

export class RateGuard {
  readonly #limits: DhtLimits
  readonly #sources = new Map<string, Source>()
  /** What may still go out in large answers. */
  #large: number
  #largeMs: Millis = 0

  constructor(limits: DhtLimits) {
    this.#limits = limits
    this.#large = limits.largeAnswerRate
  }

  get sourceCount(): number {
    return this.#sources.size
  }

  /** Counts a query; answers whether it may be answered at all. */
  admits(owner: string, nowMs: Millis): boolean {
    const source = this.#source(owner, nowMs)
    if (nowMs < source.mutedUntilMs) return false
    const earned = ((nowMs - source.countedMs) / 1_000) * this.#limits.queriesPerSecond
    source.allowance = Math.min(this.#limits.queryBurst, source.allowance + earned)
    source.countedMs = nowMs
    if (source.allowance < 1) {
      source.mutedUntilMs = nowMs + this.#limits.muteMs
      return false
    }
    source.allowance--
    return true
  }

  /** The address is whose it says: it answered us, or brought a token back. */
  prove(owner: string, nowMs: Millis): void {
    this.#source(owner, nowMs).provenUntilMs = nowMs + PROVEN_MS
  }

  isProven(owner: string, nowMs: Millis): boolean {
    return nowMs < (this.#sources.get(owner)?.provenUntilMs ?? 0)
  }

  /** How long the answer to a query of `queryBytes` may be. */
  answerBytes(owner: string, queryBytes: number, maxBytes: number, nowMs: Millis): number {
    const small = Math.min(maxBytes, queryBytes * MAX_AMPLIFICATION)
    if (small === maxBytes || !this.isProven(owner, nowMs)) return small
    this.#refill(nowMs)
    return this.#large >= maxBytes ? maxBytes : small
  }

  /** An answer went out; long ones are charged. */
  answered(queryBytes: number, answerBytes: number): void {
    if (answerBytes > queryBytes * MAX_AMPLIFICATION) this.#large -= answerBytes
  }

  #refill(nowMs: Millis): void {
    const earned = ((nowMs - this.#largeMs) / 1_000) * this.#limits.largeAnswerRate
    this.#large = Math.min(this.#limits.largeAnswerRate, this.#large + earned)
    this.#largeMs = nowMs
  }

  #source(owner: string, nowMs: Millis): Source {
    const known = this.#sources.get(owner)
    if (known !== undefined) return known
    if (this.#sources.size >= this.#limits.rememberedSources) this.#forgetOne(nowMs)
    const source = {
      allowance: this.#limits.queryBurst,
      countedMs: nowMs,
      mutedUntilMs: 0,
      provenUntilMs: 0,
    }
    this.#sources.set(owner, source)
    return source
  }

  /** The oldest that is neither muted nor proven, among a few; else the oldest. */
  #forgetOne(nowMs: Millis): void {
    let looked = 0
    let oldest: string | null = null
    for (const [owner, source] of this.#sources) {
      oldest ??= owner
      if (nowMs >= source.mutedUntilMs && nowMs >= source.provenUntilMs) {
        this.#sources.delete(owner)
        return
      }
      if (++looked >= LOOKS) break
    }
    if (oldest !== null) this.#sources.delete(oldest)
  }
}

interface Source {
  allowance: number
  countedMs: Millis
  mutedUntilMs: Millis
  provenUntilMs: Millis
}

const LOOKS = 8
