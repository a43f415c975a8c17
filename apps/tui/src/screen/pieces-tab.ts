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
/** Dots of a braille cell. */
const DOTS = 8
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

/** A cell a piece where they fit; else eight to a cell, each dot an equal share of the pieces. */
function mapLines(
  set: PieceSet,
  active: ReadonlySet<number>,
  width: number,
  rows: number,
): readonly Line[] {
  const isOneEach = set.count <= width * rows
  const dots = isOneEach ? set.count : Math.min(set.count, width * rows * DOTS)
  const cells = isOneEach ? set.count : Math.ceil(dots / DOTS)
  const lines: Line[] = []
  for (let at = 0; at < cells; at += width) {
    const row: Span[] = []
    for (let cell = at; cell < Math.min(at + width, cells); cell += 1) {
      const each = isOneEach ? oneCell(set, cell) : brailleCell(set, cell, dots)
      push(row, each.text, isActive(active, each.from, each.to) ? 'busy' : each.role)
    }
    lines.push(spanLine(row, width))
  }
  return [...lines, textLine(isOneEach ? WORDS.legendOne : WORDS.legendMany, width, 'dim')]
}

interface MapCell {
  readonly text: string
  readonly role: Role
  readonly from: number
  readonly to: number
}

function oneCell(set: PieceSet, piece: number): MapCell {
  const isHere = set.has(piece)
  return { text: isHere ? '█' : '░', role: isHere ? 'good' : 'dim', from: piece, to: piece + 1 }
}

function brailleCell(set: PieceSet, cell: number, dots: number): MapCell {
  const shares = Array.from({ length: DOTS }, (_, dot) => cell * DOTS + dot)
    .filter((dot) => dot < dots)
    .map((dot) => sharesOf(dot, dots, set.count))
  const wholes = shares.map(([from, to]) => set.countIn(from, to) === to - from)
  const from = shares[0]?.[0] ?? 0
  const to = shares.at(-1)?.[1] ?? 0
  if (!wholes.some(Boolean)) return { text: '·', role: 'dim', from, to }
  return { text: brailleOf(wholes), role: wholes.every(Boolean) ? 'good' : 'plain', from, to }
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
