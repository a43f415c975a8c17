/**
 * Text measured in terminal cells: what the layout of every row is made of. Whatever comes in is made fit to show here
 * once more, so that no row can carry a control to the terminal.
 */
import { toDisplay } from '@pigeon/protocol/display'
import stringWidth from 'string-width'

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const PLAIN = /^[\x20-\x7e]*$/
/** Longest text that a row may be made of; no terminal is wider. */
const LONGEST = 4096
/** Terminals disagree on the width of what variation selectors ask for, and piles of marks leave their line. */
const UNSTEADY = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]|(?<=\p{M}{3})\p{M}+/gu

/** How many cells a text takes. */
export function cellsOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/** As `toDisplay`, and of the same width on every terminal. */
export function clean(text: string): string {
  return PLAIN.test(text) ? text : toDisplay(text, LONGEST).replace(UNSTEADY, '')
}

/** Cuts to at most `cells`, ending in an ellipsis where something is missing. Never cuts a character in two. */
export function cutToCells(text: string, cells: number): string {
  if (cells <= 0) return ''
  const shown = clean(text)
  if (cellsOf(shown) <= cells) return shown
  return `${headOf(shown, cells - 1)}…`
}

/** As `cutToCells`, but the beginning gives way. */
export function tailToCells(text: string, cells: number): string {
  if (cells <= 0) return ''
  const shown = clean(text)
  if (cellsOf(shown) <= cells) return shown
  const parts = graphemesOf(shown)
  let first = parts.length
  let used = 1
  while (first > 0) {
    used += stringWidth(parts[first - 1] ?? '')
    if (used > cells) break
    first -= 1
  }
  return `…${parts.slice(first).join('')}`
}

/** Exactly `cells` wide, cut or filled up with spaces. */
export function fitToCells(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutToCells(text, cells)
  const space = ' '.repeat(Math.max(0, cells - cellsOf(cut)))
  return align === 'left' ? cut + space : space + cut
}

/** Broken between words where that is possible, into lines of at most `cells`; what is past `maxLines` is cut. */
export function wrapToCells(text: string, cells: number, maxLines: number): readonly string[] {
  const lines: string[] = []
  let rest = clean(text)
  while (lines.length < maxLines - 1 && cellsOf(rest) > cells) {
    const head = headOf(rest, cells)
    if (head === '') break
    const space = head.lastIndexOf(' ')
    const isAtSpace = rest[head.length] === ' ' || space <= 0
    const line = isAtSpace ? head : head.slice(0, space)
    lines.push(line)
    rest = rest.slice(line.length).trimStart()
  }
  return [...lines, cutToCells(rest, cells)]
}

/** As a reader counts characters. */
export function graphemesOf(text: string): readonly string[] {
  return PLAIN.test(text)
    ? Array.from(text)
    : Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
}

function headOf(text: string, cells: number): string {
  if (PLAIN.test(text)) return text.slice(0, cells)
  let head = ''
  let used = 0
  for (const { segment } of SEGMENTER.segment(text)) {
    used += stringWidth(segment)
    if (used > cells) break
    head += segment
  }
  return head
}
