/** A typed line as words, and words as a line: quotes as in a shell, but nothing else of a shell. */

export interface SplitLine {
  readonly words: readonly string[]
  /** Where in the line the last word begins: the one that is being typed, empty after a space. */
  readonly lastAt: number
  /** A quote was not closed. */
  readonly isOpen: boolean
}

/** Longer lines are cut. */
export const LINE_CHARACTERS = 65_536

/**
 * Words are apart at spaces. Quotes around a word (or around the value of a flag) are taken off; quotes within a word
 * hold it together and stay, as a filter wants them: `name~"big buck"`. A backslash takes the next character as it is.
 */
export function splitWords(line: string): SplitLine {
  const text = line.slice(0, LINE_CHARACTERS)
  const words: string[] = []
  let at = 0
  for (;;) {
    while (text[at] === ' ') at += 1
    const lastAt = at
    const { word, end, isOpen } = wordAt(text, at)
    if (end >= text.length) return { words: [...words, word], lastAt, isOpen }
    words.push(word)
    at = end
  }
}

function wordAt(text: string, from: number): { word: string; end: number; isOpen: boolean } {
  const stripsAll = text[from] === '-' || text[from] === '"' || text[from] === "'"
  let word = ''
  let quote = ''
  let at = from
  for (; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\' && quote !== "'" && at + 1 < text.length) {
      at += 1
      word += text[at] ?? ''
    } else if (quote === character && quote !== '') {
      if (!stripsAll) word += character
      quote = ''
    } else if (quote === '' && (character === '"' || (character === "'" && stripsAll))) {
      if (!stripsAll) word += character
      quote = character
    } else if (quote === '' && character === ' ') break
    else word += character
  }
  return { word, end: at, isOpen: quote !== '' }
}

/** A line that `splitWords` takes apart again. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

/** A word as it can stand in a line. */
export function quoteWord(word: string): string {
  if (word !== '' && /^[^\s"'\\]+$/u.test(word)) return word
  return `"${word.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`
}
