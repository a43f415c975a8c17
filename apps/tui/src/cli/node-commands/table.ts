/** Rows of text under each other, for the answers of one-shot commands. */
import stringWidth from 'string-width'
import { UNKNOWN } from '@pigeon/control/units'
import type { Around } from './around.ts'

const GAP = '  '
const LEAST_FIRST_CELLS = 12

/** A table for the eye, or a sentence for each of its rows. Cells are fit to show. */
export function printTable(
  around: Around,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = around.isSpoken
    ? rows.map((row) => spokenRow(titles, row))
    : tableLines(titles, rows, around.columns)
  for (const line of lines) around.print(line)
}

/** Lines of a title and a text, one below the other; those without a text are left out. */
export function printFacts(
  around: Around,
  facts: readonly (readonly [title: string, text: string])[],
): void {
  const rows = facts.filter(([, text]) => text !== '')
  const width = rows.reduce((most, [title]) => Math.max(most, title.length), 0)
  for (const [title, text] of rows) {
    around.print(around.isSpoken ? `${title}: ${text}` : `${title.padEnd(width)}  ${text}`)
  }
}

/** The first cell, then each other that says something, after its title. */
function spokenRow(titles: readonly string[], row: readonly string[]): string {
  const parts = row.flatMap((text, at) => {
    if (at === 0) return [text.trim()]
    return text === '' || text === UNKNOWN ? [] : [`${titles[at] ?? ''} ${text}`]
  })
  return `${parts.join(', ')}.`
}

/**
 * Lines of a table with a head, columns as wide as they need; the first column gives way where `columns` (cells of the
 * line, `null` for any number) are too few. Cells are fit to show. Numbers stand right, as do their titles.
 */
export function tableLines(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | null,
): readonly string[] {
  const widths = titles.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[at] ?? '')), stringWidth(title)),
  )
  if (columns !== null) {
    const rest = widths.slice(1).reduce((sum, width) => sum + width + GAP.length, 0)
    widths[0] = Math.min(widths[0] ?? 0, Math.max(LEAST_FIRST_CELLS, columns - rest))
  }
  const isRight = titles.map(
    (_, at) => rows.every((row) => isNumber(row[at] ?? '')) && rows.length > 0,
  )
  return [titles, ...rows].map((row) =>
    row
      .map((text, at) => fit(text, widths[at] ?? 0, isRight[at] === true))
      .join(GAP)
      .trimEnd(),
  )
}

/** A size, rate, share, ratio or count, or what stands for one that is not known. */
function isNumber(text: string): boolean {
  return /^(?:[\d.]+( ?[A-Za-z/%]+)*|\d[\dydhms ]*|[–∞]|unlimited|)$/.test(text)
}

function fit(text: string, cells: number, isRight: boolean): string {
  const cut = cutTo(text, cells)
  const space = ' '.repeat(Math.max(0, cells - stringWidth(cut)))
  return isRight ? space + cut : cut + space
}

function cutTo(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text
  let head = ''
  let used = 1
  for (const { segment } of SEGMENTER.segment(text)) {
    used += stringWidth(segment)
    if (used > cells) break
    head += segment
  }
  return `${head}…`
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
