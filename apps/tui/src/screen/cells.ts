/**
 * Text measured in terminal cells: what the layout of every row is made of. Callers hand in text that is fit to show.
 */
import stringWidth from 'string-width'

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts to at most `cells`, ending in an ellipsis where something is missing. Never cuts a character in two. */
export function cutToCells(text: string, cells: number): string {
  if (cells <= 0) return ''
  if (stringWidth(text) <= cells) return text
  return `${headOf(graphemes(text), cells - 1)}…`
}

/** As `cutToCells`, but the beginning gives way. */
export function tailToCells(text: string, cells: number): string {
  if (cells <= 0) return ''
  if (stringWidth(text) <= cells) return text
  const parts = graphemes(text)
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
  const space = ' '.repeat(Math.max(0, cells - stringWidth(cut)))
  return align === 'left' ? cut + space : space + cut
}

/** Broken between words where that is possible, into lines of at most `cells`; what is past `maxLines` is cut. */
export function wrapToCells(text: string, cells: number, maxLines: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (lines.length < maxLines - 1 && stringWidth(rest) > cells) {
    const head = headOf(graphemes(rest), cells)
    if (head === '') break
    const space = head.lastIndexOf(' ')
    const isAtSpace = rest[head.length] === ' ' || space <= 0
    const line = isAtSpace ? head : head.slice(0, space)
    lines.push(line)
    rest = rest.slice(line.length).trimStart()
  }
  return [...lines, cutToCells(rest, cells)]
}

/** The text without its last character, as a reader counts characters. */
export function withoutLast(text: string): string {
  return graphemes(text).slice(0, -1).join('')
}

function graphemes(text: string): readonly string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
}

function headOf(parts: readonly string[], cells: number): string {
  let head = ''
  let used = 0
  for (const part of parts) {
    used += stringWidth(part)
    if (used > cells) break
    head += part
  }
  return head
}
