/** What a metric is: a row that is read when somebody asks, so that nothing is measured for nobody. */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface Metric {
  /** As Prometheus has it: `pigeon_`, what it is, and the unit. */
  readonly name: string
  readonly help: string
  /** A counter only grows while the process lives. */
  readonly kind: 'gauge' | 'counter'
  readonly labels: readonly string[]
  read(): Iterable<Sample>
}

/** Different values of labels that one counter keeps apart; further ones are not counted. */
export const SERIES_PER_COUNTER = 200

/** Counts what happened, by labels. */
export class Tally {
  readonly #series = new Map<string, { readonly labels: Labels; value: number }>()

  add(labels: Labels, by = 1): void {
    const key = JSON.stringify(labels)
    const series = this.#series.get(key)
    if (series !== undefined) series.value += by
    else if (this.#series.size < SERIES_PER_COUNTER) this.#series.set(key, { labels, value: by })
  }

  read(): Iterable<Sample> {
    return this.#series.values()
  }
}

/** A metric without labels; `null`: nothing is known now. */
export function single(value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels: {}, value }]
}
