/** The frame around a dialog. */
import { cellsOf, cutToCells, fitToCells } from './cells.ts'
import { type Line, span, spanLine, toHeight } from './lines.ts'
import type { View } from './view.ts'

/** No dialog gets wider: long lines are hard to read. */
const WIDEST = 100
/** Frame and padding, left and right. */
const FRAME_CELLS = 4
/** Frame, above and below; the hint stands in the frame. */
const FRAME_ROWS = 2
/** What is under a dialog keeps as much, or gives way altogether. */
export const LEAST_VIEW_ROWS = 4

export function frameWidth(width: number): number {
  return Math.min(width, WIDEST)
}

/** Rows of the whole dialog in a body of so many. */
export function frameRows(view: View, width: number, body: number): number {
  const wanted = (view.dialog?.rows(frameWidth(width) - FRAME_CELLS) ?? 0) + FRAME_ROWS
  return body - wanted < LEAST_VIEW_ROWS ? body : wanted
}

export function framed(view: View, width: number, rows: number): readonly Line[] {
  const outer = frameWidth(width)
  const inner = outer - FRAME_CELLS
  const title = cutToCells(` ${view.dialog?.title ?? ''} `, inner)
  const hint = cutToCells(` ${view.dialog?.hint ?? ''} `, inner)
  const wanted = Math.min(rows - FRAME_ROWS, view.dialog?.rows(inner) ?? 0)
  const content = view.lines({ width: inner, height: Math.max(1, wanted) })
  const edge = (start: string, text: string, end: string): Line =>
    spanLine(
      [
        span(`${start}─`, 'key'),
        span(text, 'title'),
        span(`${'─'.repeat(Math.max(0, inner + 1 - cellsOf(text)))}${end}`, 'key'),
      ],
      width,
    )
  const lines = [
    edge('╭', title, '╮'),
    ...content.map((line) => sided(line, inner, width)),
    edge('╰', hint, '╯'),
  ]
  return toHeight(lines, Math.max(rows, 0))
}

function sided(line: Line, inner: number, width: number): Line {
  const cells = line.spans.reduce((sum, { text }) => sum + cellsOf(text), 0)
  const fill = fitToCells('', Math.max(0, inner - cells))
  const spans = line.isCursor === true ? markCursor(line) : line.spans
  return spanLine([span('│ ', 'key'), ...spans, span(`${fill} │`, 'key')], width)
}

/** Only what is inside the frame is for the keys. */
function markCursor(line: Line): Line['spans'] {
  return line.spans.map(({ text, role }) => ({
    text,
    role: role === 'plain' || role === 'dim' ? 'chosen' : role,
  }))
}
