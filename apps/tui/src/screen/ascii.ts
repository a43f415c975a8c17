/**
 * For terminals that cannot show more than ASCII: every character becomes one that they can, of the same width.
 */
import { cellsOf, graphemesOf } from './cells.ts'

const PLAIN = /^[\x20-\x7e]*$/

const MARKS: Readonly<Record<string, string>> = {
  '…': '.',
  '–': '-',
  '—': '-',
  '∞': '~',
  '·': '.',
  µ: 'u',
  '•': '*',
  '✓': '*',
  '▌': '>',
  '▸': '+',
  '▾': '-',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '│': '|',
  '─': '-',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '░': '.',
  '▒': ':',
  '▓': '+',
  '█': '#',
  '▀': '"',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '%',
}

export function toAscii(text: string): string {
  if (PLAIN.test(text)) return text
  return graphemesOf(text).map(asciiOf).join('')
}

function asciiOf(grapheme: string): string {
  const known = MARKS[grapheme]
  if (known !== undefined) return known
  const braille = brailleOf(grapheme)
  if (braille !== null) return braille
  const [letter = '?'] = grapheme.normalize('NFD')
  return (PLAIN.test(letter) ? letter : '?').padEnd(cellsOf(grapheme), '?')
}

/** By how many of its eight dots are set. */
function brailleOf(grapheme: string): string | null {
  const bits = grapheme.charCodeAt(0) - BRAILLE
  if (grapheme.length !== 1 || bits < 0 || bits > 255) return null
  let dots = 0
  for (let rest = bits; rest > 0; rest >>= 1) dots += rest & 1
  return dots === 0 ? ' ' : dots === 8 ? '#' : dots > 3 ? '+' : '.'
}

const BRAILLE = 0x2800
