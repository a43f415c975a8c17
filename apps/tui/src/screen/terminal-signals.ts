/** Sequences that tell the terminal something without moving its cursor. */
import { toDisplay } from '@pigeon/protocol/display'

export const BELL = '\u0007'
const NOTE_CHARACTERS = 200

/** Clicks and the wheel, reported as SGR 1006. */
export const MOUSE_ON = '\u001b[?1000h\u001b[?1006h'
export const MOUSE_OFF = '\u001b[?1006l\u001b[?1000l'

/** Whether what does not fit into a row goes on in the next. */
export const WRAP_OFF = '\u001b[?7l'
export const WRAP_ON = '\u001b[?7h'

/** OSC 52: puts a text into the terminal's clipboard, where the user allows that. */
export function copySequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`
}

/** OSC 9: a notification of the desktop. */
export function noteSequence(text: string): string {
  return `\u001b]9;${toDisplay(text, NOTE_CHARACTERS)}\u0007`
}
