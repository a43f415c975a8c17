/** Keys by name, as the keymap writes them: `j`, `J`, `C-d`, `M-x`, `Enter`, `PgDn`, `Space`, `F1`. */
import type { Key } from 'ink'
import { graphemesOf } from './cells.ts'

export interface KeyPress {
  readonly name: string
  /** What it types; empty for keys that type nothing. */
  readonly text: string
}

export interface MousePress {
  readonly kind: 'click' | 'wheel-up' | 'wheel-down'
  /** 0-based cells. */
  readonly column: number
  readonly row: number
}

export const NAMED_KEYS = [
  ...['Enter', 'Esc', 'Tab', 'S-Tab', 'Space', 'Backspace', 'Delete', 'Up', 'Down', 'Left'],
  ...['Right', 'PgUp', 'PgDn', 'Home', 'End', 'F1'],
] as const

/** Whether a keymap may name it: a named key, one character, or one with `C-` or `M-` before it. */
export function isKeyName(name: string): boolean {
  if (NAMED_KEYS.some((key) => key === name)) return true
  if (/^C-[a-z]$/.test(name)) return true
  return graphemesOf(name.replace(/^M-/, '')).length === 1 && !/[\s\p{C}]/u.test(name)
}

const FLAGS: readonly (readonly [keyof Key, string])[] = [
  ['escape', 'Esc'],
  ['return', 'Enter'],
  ['upArrow', 'Up'],
  ['downArrow', 'Down'],
  ['leftArrow', 'Left'],
  ['rightArrow', 'Right'],
  ['pageUp', 'PgUp'],
  ['pageDown', 'PgDn'],
  ['home', 'Home'],
  ['end', 'End'],
  ['backspace', 'Backspace'],
  ['delete', 'Delete'],
]

/** What came from the terminal as keys, in order: fast typing comes as one chunk. */
export function keysOf(input: string, key: Key): readonly KeyPress[] {
  if (key.tab) return [{ name: key.shift ? 'S-Tab' : 'Tab', text: '' }]
  const named = FLAGS.find(([flag]) => key[flag] === true)
  // Esc sets `meta` too.
  if (named !== undefined) return [{ name: named[1], text: '' }]
  if (key.ctrl) return input === '' ? [] : [{ name: `C-${input.toLowerCase()}`, text: '' }]
  // Ink names no function keys; all that come without a name ask for help.
  if (input === '') return [{ name: 'F1', text: '' }]
  if (key.meta) return [{ name: `M-${input}`, text: '' }]
  return graphemesOf(input).map(keyOfCharacter)
}

function keyOfCharacter(character: string): KeyPress {
  if (/^[\r\n]+$/.test(character)) return { name: 'Enter', text: '' }
  if (character === '\t') return { name: 'Tab', text: '' }
  if (character === ' ') return { name: 'Space', text: ' ' }
  return { name: character, text: /\p{Cc}/u.test(character) ? '' : character }
}

/** A report of the mouse (SGR 1006), the escape before it gone; `null` for anything else. */
export function mouseOf(input: string): MousePress | 'ignored' | null {
  const found = /^\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])$/.exec(input)
  if (found === null) return null
  const [, button, column, row, end] = found
  const at = { column: Number(column) - 1, row: Number(row) - 1 }
  if (button === '64') return { kind: 'wheel-up', ...at }
  if (button === '65') return { kind: 'wheel-down', ...at }
  return button === '0' && end === 'M' ? { kind: 'click', ...at } : 'ignored'
}
