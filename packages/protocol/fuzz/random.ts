/** A small seeded generator: every input of a run follows from the run's seed and the input's number. */

export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  /** True once in `n`. */
  oneIn(n: number): boolean
}

/** splitmix32: each state gives a good number, so neighbouring inputs do not resemble each other. */
export function seededRandom(seed: number, inputNumber: number): Random {
  let state = Math.imul(seed, 0x85eb_ca6b) ^ Math.imul(inputNumber + 1, 0xc2b2_ae35)
  const next = (): number => {
    state = (state + 0x9e37_79b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit)
  return {
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    oneIn: (n) => below(n) === 0,
  }
}
