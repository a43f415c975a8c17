/** Texts that try to take over a terminal: each family of control sequences, invisible marks, and chance. */

/** The same seed gives the same numbers. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Stands in many payloads: no sequence of our own has this number in it, so wherever it takes effect is a leak. */
export const MARK = 7331

type Random = (below: number) => number

const ESC = '\u001b'
const FINALS = '@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstuvwxyz{|}~'
const ENDS = ['\u0007', `${ESC}\\`, '\u009c', '']
const INVISIBLE = [
  ...[
    '\u00ad',
    '\u061c',
    '\u180e',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u200f',
    '\u2028',
    '\u2029',
  ],
  ...[
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2060',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ],
  ...['\ufeff', '\ufff9', '\ufffa', '\ufffb', '\u{e0001}', '\u{e0041}', '\u{e007f}'],
]

const FAMILIES: readonly ((random: Random) => string)[] = [
  // CSI, in 7 and in 8 bits: colours, movement, erasing, modes, queries.
  (random) => `${csi(random)}${parameters(random)}${pick(FINALS, random)}`,
  (random) => `${csi(random)}?${parameters(random)}${pick('hlnsurJK', random)}`,
  (random) =>
    `${csi(random)}${pick('>=<!$" ', random)}${parameters(random)}${pick(FINALS, random)}`,
  // OSC: titles, links, the clipboard, notifications, colours.
  (random) =>
    `${pick([`${ESC}]`, '\u009d'], random)}${pick(['0', '2', '4', '7', '8', '9', '52', '133', '777', '1337'], random)};${MARK};eA==${pick(ENDS, random)}`,
  // DCS, SOS, PM, APC: all that swallows what follows.
  (random) =>
    `${pick(
      ['P', 'X', '^', '_', '\u0090', '\u0098', '\u009e', '\u009f'].map((each) =>
        each < '\u0080' ? ESC + each : each,
      ),
      random,
    )}${MARK}q"x${pick(ENDS, random)}`,
  // Escapes of two or three characters: resets, character sets, saved cursors.
  (random) => `${ESC}${pick('7878cDEHMNOZ=>nol|}~', random)}`,
  (random) => `${ESC}${pick('()*+-./#% ', random)}${pick('0AB8@GF', random)}`,
  // Single controls.
  (random) => String.fromCharCode(random(0x20)),
  (random) => String.fromCharCode(0x7f + random(0x21)),
  (random) => pick(INVISIBLE, random),
  // Halves of characters, alone and in the wrong order.
  (random) => String.fromCharCode(0xd800 + random(0x800)),
  () => `\udc00\ud800${ESC}[${MARK}m`,
  // Combining marks by the dozen, joiners, widths that terminals disagree on.
  (random) => `e${'\u0301\u0489\u20dd'.repeat(1 + random(12))}`,
  (random) =>
    pick(
      ['👩\u200d👩\u200d👧', '🏳\ufe0f\u200d🌈', '👍🏽', '🇩🇪', '한', '\u1100\u1161', 'ｱﾞ', '﷽'],
      random,
    ),
  // An escape that is cut by what cuts long texts.
  (random) => `${'x'.repeat(random(8))}${ESC}`,
  (random) => `${ESC}[${'1;'.repeat(random(40))}`,
  // Bytes as they come, read as Latin-1 and as UTF-8.
  (random) => String.fromCharCode(...bytes(random)),
  (random) => new TextDecoder().decode(Uint8Array.from(bytes(random))),
  (random) => Array.from({ length: 1 + random(6) }, () => randomCharacter(random)).join(''),
  // What opens a paste, reports the mouse, or looks like our own frame.
  (random) =>
    pick(
      [
        `${ESC}[200~:quit\r${ESC}[201~`,
        `${ESC}[M   `,
        `${ESC}[<0;1;1M`,
        `\r\n│`,
        '\b\b\b',
        '\t\v\f',
      ],
      random,
    ),
]

/** One payload. */
export function payload(random: Random): string {
  return FAMILIES[random(FAMILIES.length)]?.(random) ?? ''
}

/** Several payloads as one text, and how many they are. */
export function hostileText(random: Random, count: number): string {
  return Array.from({ length: count }, () => payload(random)).join('')
}

function csi(random: Random): string {
  return random(3) === 0 ? '\u009b' : `${ESC}[`
}

function parameters(random: Random): string {
  const count = random(4)
  const numbers = Array.from({ length: count }, () => pick(['', '0', '1', '38', '999'], random))
  return [...numbers, random(2) === 0 ? String(MARK) : ''].join(pick(';;;:', random))
}

function bytes(random: Random): number[] {
  return Array.from({ length: 1 + random(8) }, () => random(256))
}

function randomCharacter(random: Random): string {
  return String.fromCodePoint(random(8) === 0 ? random(0x110000) : random(0x3000))
}

function pick<T>(from: ArrayLike<T>, random: Random): T {
  const picked = from[random(from.length)]
  if (picked === undefined) throw new Error('There is nothing to choose from.')
  return picked
}
