/** The piece map: what is here, what is on its way, and how rare the rest is. */
import { formatBytes } from '@pigeon/control/units'
import type { DetailTab, Shown } from './detail-view.ts'
import { availabilityOf, brailleOf, PieceSet, shadeOf, sharesOf } from './graphs.ts'
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { type Line, type Role, type Size, span, type Span, spanLine, textLine } from './lines.ts'
import { Scrolled } from './scrolled.ts'
import { STRINGS } from './strings.ts'

const WORDS = STRINGS.pieces
/** Above and below the map. */
const OTHER_ROWS = 6

export class PiecesTab implements DetailTab {
  readonly #scrolled = new Scrolled()

  lines({ detail }: Shown, { width, height }: Size): readonly Line[] {
    const { pieces } = detail
    if (pieces.count === 0) return [textLine(WORDS.none, width, 'dim')]
    const set = new PieceSet(pieces.verified, pieces.count)
    const here = set.countIn(0, pieces.count)
    const size = formatBytes(pieces.lengthBytes)
    const rows = Math.max(1, height - OTHER_ROWS)
    return this.#scrolled.cut(
      [
        textLine(WORDS.sum(here, pieces.count, size, pieces.active.length), width),
        ...mapLines(set, new Set(pieces.active), width, rows),
        textLine('', width),
        ...availabilityLines(pieces.availability, pieces.count, width),
      ],
      height,
    )
  }

  onAction(action: Action): boolean {
    return this.#scrolled.onAction(action)
  }

  onMouse(mouse: MousePress): void {
    this.#scrolled.onMouse(mouse)
  }

  hints(): readonly Action[] {
    return []
  }
}

/** As many pieces to a cell as there must be: one, two in half blocks, or eight dots, each an equal share of them. */
function mapLines(
  set: PieceSet,
  active: ReadonlySet<number>,
  width: number,
  rows: number,
): readonly Line[] {
  const room = width * rows
  const perCell = DENSITIES.find((each) => set.count <= room * each) ?? 8
  const shares = Math.min(set.count, room * perCell)
  const cells = Math.ceil(shares / perCell)
  const lines: Line[] = []
  for (let at = 0; at < cells; at += width) {
    const row: Span[] = []
    for (let cell = at; cell < Math.min(at + width, cells); cell += 1) {
      const { text, role, from, to } = mapCell(set, cell, perCell, shares)
      push(row, text, isActive(active, from, to) ? 'busy' : role)
    }
    lines.push(spanLine(row, width))
  }
  return [...lines, textLine(perCell === 8 ? WORDS.legendMany : WORDS.legendFew, width, 'dim')]
}

const DENSITIES = [1, 2, 8] as const
type Density = (typeof DENSITIES)[number]

interface MapCell {
  readonly text: string
  readonly role: Role
  readonly from: number
  readonly to: number
}

function mapCell(set: PieceSet, cell: number, perCell: Density, shares: number): MapCell {
  const ranges = Array.from({ length: perCell }, (_, part) => cell * perCell + part)
    .filter((share) => share < shares)
    .map((share) => sharesOf(share, shares, set.count))
  const wholes = ranges.map(([from, to]) => set.countIn(from, to) === to - from)
  const isWhole = wholes.every(Boolean)
  const isEmpty = !wholes.some(Boolean)
  return {
    text: isEmpty
      ? '·'
      : perCell === 8
        ? brailleOf(wholes)
        : halfBlock(isWhole, wholes[0] === true),
    role: isEmpty ? 'dim' : isWhole ? 'good' : 'plain',
    from: ranges[0]?.[0] ?? 0,
    to: ranges.at(-1)?.[1] ?? 0,
  }
}

/** Of two pieces the first is above. */
function halfBlock(isWhole: boolean, isFirst: boolean): string {
  return isWhole ? '█' : isFirst ? '▀' : '▄'
}

function isActive(active: ReadonlySet<number>, from: number, to: number): boolean {
  if (to - from > active.size) return [...active].some((piece) => piece >= from && piece < to)
  for (let piece = from; piece < to; piece += 1) if (active.has(piece)) return true
  return false
}

/** Of neighbours in one role, one span. */
function push(row: Span[], text: string, role: Role): void {
  const last = row.at(-1)
  if (last?.role === role) row[row.length - 1] = span(last.text + text, role)
  else row.push(span(text, role))
}

function availabilityLines(base64: string, count: number, width: number): readonly Line[] {
  const bins = availabilityOf(base64, count, width)
  if (bins.length === 0) return []
  const most = Math.max(...bins)
  const fewest = Math.min(...bins)
  const bars: Span[] = []
  for (const peers of bins)
    push(bars, peers === 0 ? '_' : shadeOf(peers, Math.max(most, 4)), peers === 0 ? 'bad' : 'plain')
  return [spanLine(bars, width), textLine(WORDS.availability(fewest, most), width, 'dim')]
}
