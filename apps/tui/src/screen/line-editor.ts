/** One line of text that the user types or pastes, with a caret. */
import { toDisplay } from '@pigeon/protocol/display'
import { cellsOf, clean, graphemesOf } from './cells.ts'
import type { KeyPress } from './keys.ts'
import { span, type Span } from './lines.ts'

/** UTF-16 units; longer input is cut. */
export const LONGEST_INPUT = 8_192

export class LineEditor {
  /** As a reader counts characters. */
  #before: readonly string[]
  #after: readonly string[] = []

  constructor(initial = '') {
    this.#before = graphemesOf(oneLine(initial))
  }

  get text(): string {
    return this.#before.join('') + this.#after.join('')
  }

  get beforeCaret(): string {
    return this.#before.join('')
  }

  set(text: string, after = ''): void {
    this.#before = graphemesOf(oneLine(text))
    this.#after = graphemesOf(oneLine(after))
  }

  /** What is pasted: its first line only. */
  paste(text: string): void {
    this.#insert(oneLine(text))
  }

  /** Answers whether the key was one for editing. */
  onKey(key: KeyPress): boolean {
    const edit = EDITS[key.name]
    if (edit !== undefined) {
      const [before, after] = edit(this.#before, this.#after)
      this.#before = before
      this.#after = after
      return true
    }
    if (key.text === '') return false
    this.#insert(key.text)
    return true
  }

  /** The word before the caret, as far as all words that begin with it agree. */
  completeWord(words: readonly string[]): void {
    const started = /[\w-]*$/.exec(this.beforeCaret)?.[0] ?? ''
    const found = words.filter((word) => word.startsWith(started))
    if (started !== '') this.#insert(commonStart(found).slice(started.length))
  }

  /** As much of it around the caret as fits. */
  spans(cells: number, isActive: boolean): readonly Span[] {
    if (!isActive) return [span(clean(this.text))]
    const [under = ' ', ...rest] = this.#after
    const shown = this.#before.map((each) => toDisplay(each))
    let used = 1 + cellsOf(clean(under))
    let first = shown.length
    while (first > 0 && used + cellsOf(shown[first - 1] ?? '') <= cells) {
      first -= 1
      used += cellsOf(shown[first] ?? '')
    }
    const before = first > 0 ? `…${shown.slice(first + 1).join('')}` : shown.join('')
    return [span(clean(before)), span(clean(under), 'caret'), span(clean(rest.join('')))]
  }

  #insert(text: string): void {
    const room = Math.max(0, LONGEST_INPUT - this.text.length)
    this.#before = graphemesOf(this.beforeCaret + text.slice(0, room))
  }
}

type Halves = readonly [before: readonly string[], after: readonly string[]]

const home = (before: readonly string[], after: readonly string[]): Halves => [
  [],
  [...before, ...after],
]
const end = (before: readonly string[], after: readonly string[]): Halves => [
  [...before, ...after],
  [],
]
const left = (before: readonly string[], after: readonly string[]): Halves => [
  before.slice(0, -1),
  [...before.slice(-1), ...after],
]
const right = (before: readonly string[], after: readonly string[]): Halves => [
  [...before, ...after.slice(0, 1)],
  after.slice(1),
]
const erase = (before: readonly string[], after: readonly string[]): Halves => [
  before.slice(0, -1),
  after,
]

/** As readline has them. */
const EDITS: Readonly<
  Record<string, (before: readonly string[], after: readonly string[]) => Halves>
> = {
  Left: left,
  'C-b': left,
  Right: right,
  'C-f': right,
  Home: home,
  'C-a': home,
  End: end,
  'C-e': end,
  Backspace: erase,
  'C-h': erase,
  Delete: (before, after) => [before, after.slice(1)],
  'C-d': (before, after) => [before, after.slice(1)],
  'C-u': (_, after) => [[], after],
  'C-k': (before) => [before, []],
  'C-w': (before, after) => [graphemesOf(before.join('').replace(/\S*\s*$/u, '')), after],
}

/** The first line with anything in it. Controls are no part of a link, a name or a path. */
export function oneLine(text: string): string {
  const [line] = text.split(/[\r\n]+/).filter((each) => each.trim() !== '')
  return (line ?? '').replace(/\p{Cc}/gu, '').slice(0, LONGEST_INPUT)
}

/** What all of them begin with. */
export function commonStart(texts: readonly string[]): string {
  let [start = ''] = texts
  for (const text of texts) {
    while (!text.startsWith(start)) start = start.slice(0, -1)
  }
  return start
}
