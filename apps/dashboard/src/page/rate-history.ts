/** Speeds over time, noted once a second for an hour at most. The oldest is forgotten first. */

export const SAMPLES = 3_600
export const SAMPLE_MS = 1_000

/** Columns as a plot takes them: seconds since 1970, bytes a second down, bytes a second up. */
export type RateColumns = readonly [readonly number[], readonly number[], readonly number[]]

export interface RateSummary {
  readonly now: number
  readonly mean: number
  readonly most: number
}

export class RateHistory {
  readonly #times: number[] = []
  readonly #down: number[] = []
  readonly #up: number[] = []

  get count(): number {
    return this.#times.length
  }

  /** What comes within the same second as the last one is left out. */
  note(atMs: number, down: number, up: number): void {
    const last = this.#times.at(-1)
    if (last !== undefined && Math.floor(atMs / 1000) <= Math.floor(last)) return
    this.#times.push(atMs / 1000)
    this.#down.push(down)
    this.#up.push(up)
    if (this.#times.length > SAMPLES)
      for (const column of [this.#times, this.#down, this.#up]) column.shift()
  }

  /** All from a time on. */
  since(atMs: number): RateColumns {
    const first = this.#times.findIndex((time) => time * 1000 >= atMs)
    if (first < 0) return [[], [], []]
    return [this.#times.slice(first), this.#down.slice(first), this.#up.slice(first)]
  }

  clear(): void {
    for (const column of [this.#times, this.#down, this.#up]) column.length = 0
  }
}

export function summaryOf(rates: readonly number[]): RateSummary {
  const sum = rates.reduce((total, rate) => total + rate, 0)
  return {
    now: rates.at(-1) ?? 0,
    mean: rates.length === 0 ? 0 : sum / rates.length,
    most: rates.reduce((most, rate) => Math.max(most, rate), 0),
  }
}
