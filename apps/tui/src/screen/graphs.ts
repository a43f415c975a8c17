/** Shares, pieces and rates as characters, one cell each. */
import type { RatePoint } from './node-store.ts'

const SHADES = [' ', '░', '▒', '▓', '█'] as const
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A share from 0 to 1 as a bar; full only when nothing is missing. */
export function shareBar(share: number, cells: number): string {
  const filled = Math.floor(Math.max(0, Math.min(1, share)) * cells)
  return '█'.repeat(filled) + '░'.repeat(cells - filled)
}

/** The last values, the newest at the right, against the greatest of them (or `top`, such as a limit). */
export function sparkline(values: readonly number[], cells: number, top = 0): string {
  const shown = values.slice(-Math.max(0, cells))
  const most = Math.max(top, 1, ...shown)
  const line = shown.map((value) => {
    const level = Math.ceil((value / most) * LEVELS.length) - 1
    return value <= 0 ? ' ' : (LEVELS[Math.max(0, Math.min(level, LEVELS.length - 1))] ?? ' ')
  })
  return line.join('').padStart(Math.max(0, cells))
}

export function downsOf(points: readonly RatePoint[]): readonly number[] {
  return points.map(({ down }) => down)
}

export function upsOf(points: readonly RatePoint[]): readonly number[] {
  return points.map(({ up }) => up)
}

/** Which pieces are here. */
export class PieceSet {
  readonly #bits: Uint8Array
  readonly count: number

  /** `verified` is base64 of one bit a piece, most significant first. */
  constructor(verified: string, count: number) {
    this.#bits = Buffer.from(verified, 'base64')
    this.count = count
  }

  has(piece: number): boolean {
    return ((this.#bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0
  }

  /** How many of the pieces from `from` on, before `to`, are here. */
  countIn(from: number, to: number): number {
    let here = 0
    for (let piece = from; piece < to; piece += 1) if (this.has(piece)) here += 1
    return here
  }
}

/** What is here, in one line; each cell stands for an equal share of the pieces. */
export function pieceBar(pieces: PieceSet, cells: number): string {
  const shown = Math.min(cells, pieces.count)
  let bar = ''
  for (let cell = 0; cell < shown; cell += 1) {
    const [from, to] = sharesOf(cell, shown, pieces.count)
    bar += shadeOf(pieces.countIn(from, to), to - from)
  }
  return bar
}

/** A cell is full only when nothing is missing, and empty only when nothing is here. */
export function shadeOf(here: number, all: number): string {
  if (here === all) return SHADES[4]
  if (here === 0) return SHADES[0]
  return SHADES[Math.max(1, Math.min(3, Math.round((here / all) * 4)))] ?? ' '
}

/** The dots of braille in reading order, four rows of two. */
const DOTS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const

/** Eight pieces (or equal shares of them) in a cell, in reading order: a dot for each that is whole. */
export function brailleOf(wholes: readonly boolean[]): string {
  let bits = 0
  wholes.forEach((isWhole, index) => {
    if (isWhole) bits |= DOTS[index] ?? 0
  })
  return String.fromCharCode(0x2800 + bits)
}

/** Which pieces the cell of so many stands for. */
export function sharesOf(cell: number, cells: number, count: number): readonly [number, number] {
  const from = Math.floor((cell * count) / cells)
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * count) / cells))]
}

/** The fewest peers that have the pieces of each cell, from the bins of the contract. */
export function availabilityOf(
  base64: string,
  pieceCount: number,
  cells: number,
): readonly number[] {
  const bins = Buffer.from(base64, 'base64')
  if (bins.length === 0 || pieceCount === 0) return []
  const shown = Math.min(cells, bins.length)
  return Array.from({ length: shown }, (_, cell) => {
    const [from, to] = sharesOf(cell, shown, bins.length)
    return Math.min(...bins.subarray(from, to))
  })
}
