/** Counts and plurals of one language. Sizes, rates and times are no words of a language: `@pigeon/control/units`. */

export interface Counting {
  /** A whole number, its thousands apart. */
  readonly count: (value: number) => string
  /** The number and its noun: `1 file`, `2 files`. */
  readonly counted: (value: number, one: string, other: string) => string
}

/**
 * Of a locale. Where the client shows decimals with a point everywhere, a locale whose thousands are parted by a point
 * would be read wrong: German counts as `de-AT` writes them, with a narrow space.
 */
export function countingIn(locale: string): Counting {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const rules = new Intl.PluralRules(locale)
  const count = (value: number): string => numbers.format(value)
  return {
    count,
    counted: (value, one, other) =>
      `${count(value)} ${rules.select(value) === 'one' ? one : other}`,
  }
}
