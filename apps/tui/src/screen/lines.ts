/**
 * What a view draws: lines of styled spans. Nothing here knows a terminal; `app.tsx` turns them into one.
 */
import { cellsOf, clean, fitToCells } from './cells.ts'

/** What a text means, not how it looks; `theme.ts` says that. */
export type Role =
  | 'plain'
  | 'dim'
  | 'title'
  /** The header of the screen. */
  | 'banner'
  /** The chosen one of several tabs. */
  | 'chosen'
  | 'key'
  | 'good'
  | 'busy'
  | 'warn'
  | 'bad'
  /** Where the next letter goes. */
  | 'caret'

export interface Span {
  readonly text: string
  readonly role: Role
}

export interface Line {
  readonly spans: readonly Span[]
  /** The keys of the user are for this line. */
  readonly isCursor?: boolean
}

export interface Size {
  readonly width: number
  readonly height: number
}

export const EMPTY_LINE: Line = { spans: [] }

export function span(text: string, role: Role = 'plain'): Span {
  return { text, role }
}

/** A line of one text, cut to the width. */
export function textLine(text: string, width: number, role: Role = 'plain'): Line {
  return { spans: [span(fitToCells(text, width), role)] }
}

/** Spans in a row, made fit to show and cut where the width ends. */
export function spanLine(spans: readonly Span[], width: number, isCursor = false): Line {
  const kept: Span[] = []
  let room = width
  for (const { text, role } of spans) {
    if (room <= 0) break
    const fit = clean(text)
    const shown = cellsOf(fit) <= room ? fit : fitToCells(fit, room)
    kept.push({ text: shown, role })
    room -= cellsOf(shown)
  }
  if (isCursor && room > 0) kept.push(span(' '.repeat(room)))
  return isCursor ? { spans: kept, isCursor } : { spans: kept }
}

/** Exactly as many lines as there is height: cut, or filled with empty ones. */
export function toHeight(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length >= height) return lines.slice(0, Math.max(0, height))
  return [...lines, ...Array.from({ length: height - lines.length }, () => EMPTY_LINE)]
}

/** What is left of the parts, from the first on, in a width; two spaces between. */
export function fitParts(parts: readonly string[], cells: number): string {
  const kept = [...parts]
  while (kept.length > 0 && cellsOf(kept.join('  ')) > cells) kept.pop()
  return kept.join('  ')
}

export function plainText(line: Line): string {
  return line.spans.map(({ text }) => text).join('')
}
