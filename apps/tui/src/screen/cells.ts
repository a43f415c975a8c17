/**
 * Text measured in terminal cells: what the layout of every row is made of. Callers hand in text that is fit to show.
 */
import stringWidth from 'string-width'

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts to at most `cells`, ending in an ellipsis where something is missing. Never cuts a character in two. */
export function cutToCells(text: string, cells: number): string {
  if (cells <= 0) return ''
  if (stringWidth(text) <= cells) return text
  let cut = ''
  let used = 0
  for (const { segment } of SEGMENTER.segment(text)) {
    const width = stringWidth(segment)
    if (used + width > cells - 1) break
    cut += segment
    used += width
  }
  return `${cut}…`
}

/** Exactly `cells` wide, cut or filled up with spaces. */
export function fitToCells(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutToCells(text, cells)
  const space = ' '.repeat(Math.max(0, cells - stringWidth(cut)))
  return align === 'left' ? cut + space : space + cut
}
