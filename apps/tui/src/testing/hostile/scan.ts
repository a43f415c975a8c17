/**
 * Reads what goes to a terminal, and says what in it is not ours: a list of all sequences that the screen may use, and
 * nothing else. Stricter than any terminal, which forgives what it does not know.
 */
/* oxlint-disable no-control-regex -- Controls are what is looked for. */

/** What was found, where, and what stood around it, made visible. */
export interface Foreign {
  readonly what: string
  readonly at: number
  readonly around: string
}

/** Every sequence that the screen, Ink and its line between frames send. */
const OURS: readonly RegExp[] = [
  // Wrapping, alternate screen, cursor, bracketed paste, focus, mouse, synchronised output.
  /^\u001b\[\?(?:7|25|1000|1002|1004|1006|1049|2004|2026)[hl]$/,
  // Cursor: up, down, forward, back, to a line or column, home.
  /^\u001b\[[0-9]{0,3}[ABCDEFG]$/,
  /^\u001b\[(?:[0-9]{1,3};[0-9]{1,3})?H$/,
  // Erase: the line, the rest of the screen, all of it.
  /^\u001b\[[0-3]?[JK]$/,
  // Styles: reset, bold, dim, italic, underline, inverse, the 16 colours, 256 colours, true colours.
  /^\u001b\[(?:0|1|2|3|4|7|9|2[1-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7])?m$/,
  /^\u001b\[[34]8;(?:5;[0-9]{1,3}|2;[0-9]{1,3};[0-9]{1,3};[0-9]{1,3})m$/,
]

const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[^[]|$)/y
/** What may stand between sequences: anything but controls, invisible and directional marks, and halves of characters. */
const UNFIT =
  /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u

/** Most findings that are reported: one is enough to fail. */
const FINDINGS = 5

export function foreignIn(text: string): readonly Foreign[] {
  const found: Foreign[] = []
  let at = 0
  while (at < text.length && found.length < FINDINGS) {
    if (text[at] === '\u001b') {
      SEQUENCE.lastIndex = at
      const sequence = SEQUENCE.exec(text)?.[0] ?? '\u001b'
      if (!OURS.some((form) => form.test(sequence))) found.push(findingAt(text, at, sequence))
      at += sequence.length
      continue
    }
    const next = text.indexOf('\u001b', at)
    const end = next < 0 ? text.length : next
    // Lines end between rows; a carriage return goes back to the first column.
    const plain = text.slice(at, end).replaceAll(/\r?\n|\r/g, '')
    const unfit = UNFIT.exec(plain)
    if (unfit !== null) found.push(findingAt(text, at + unfit.index, unfit[0]))
    at = end
  }
  return found
}

function findingAt(text: string, at: number, what: string): Foreign {
  return { what: visible(what), at, around: visible(text.slice(Math.max(0, at - 40), at + 40)) }
}

function visible(text: string): string {
  return JSON.stringify(text)
}
