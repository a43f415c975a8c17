/** Help: every key with what it does, from the keymap itself; and the words of the filter. */
import { FILTER_FIELDS } from '@pigeon/control/filter'
import { cellsOf } from './cells.ts'
import { type Action, ACTIONS, actionNames, type Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { EMPTY_LINE, type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { Scroll } from './scroll.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

const PLACE_ORDER: readonly Place[] = [
  ...(['moving', 'torrents', 'list', 'detail'] as const),
  ...(['network', 'wire', 'everywhere'] as const),
]

export class HelpView implements View {
  readonly places: readonly Place[] = ['moving']
  readonly #host: Host
  readonly #scroll = new Scroll()
  #first = 0
  #last = 0

  constructor(host: Host) {
    this.#host = host
  }

  lines({ width, height }: Size): readonly Line[] {
    const all = [
      ...this.#keyLines(width),
      EMPTY_LINE,
      ...flagLines(width),
      EMPTY_LINE,
      ...filterLines(width),
    ]
    const room = Math.max(1, height - 1)
    this.#last = Math.max(0, all.length - room)
    this.#first = Math.max(0, Math.min(this.#first, this.#last))
    this.#scroll.fit(this.#first, all.length, room)
    const more = this.#last > this.#first ? STRINGS.help.more : STRINGS.help.close
    return [
      spanLine([span(STRINGS.help.title, 'title'), span(`  ${more}`, 'dim')], width),
      ...all.slice(this.#first, this.#first + room),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (!['Esc', 'q', '?', 'Enter', 'F1'].includes(key.name)) return false
    this.#host.close(this)
    return true
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#first, (to) => this.#scrollTo(to))
  }

  onPaste(): boolean {
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind !== 'click') this.#scrollTo(this.#first + (mouse.kind === 'wheel-up' ? -3 : 3))
  }

  hints(): readonly Action[] {
    return ['down', 'up', 'page-down', 'bottom']
  }

  #scrollTo(line: number): void {
    this.#first = Math.max(0, Math.min(line, this.#last))
  }

  #keyLines(width: number): readonly Line[] {
    const { keymap } = this.#host
    const cells = Math.max(...actionNames().map((name) => keymap.keysOf(name).join(' ').length)) + 2
    return PLACE_ORDER.flatMap((place, index) => [
      ...(index === 0 ? [] : [EMPTY_LINE]),
      textLine(STRINGS.places[place], width, 'title'),
      ...actionNames()
        .filter((name) => ACTIONS[name].place === place && keymap.keysOf(name).length > 0)
        .map((name) =>
          keyLine(keymap.keysOf(name).join(' '), STRINGS.meanings[name], cells, width),
        ),
    ])
  }
}

function flagLines(width: number): readonly Line[] {
  const { flags, flagLetters } = STRINGS.help
  const cells = Math.max(...flagLetters.map(([letters]) => letters.length)) + 2
  return [
    textLine(flags, width, 'title'),
    ...flagLetters.map(([letters, meaning]) => keyLine(letters, meaning, cells, width)),
  ]
}

function filterLines(width: number): readonly Line[] {
  const cells = Math.max(...FILTER_FIELDS.map(({ name }) => cellsOf(name))) + 2
  return [
    textLine(STRINGS.help.filter, width, 'title'),
    ...STRINGS.help.filterLines.map((line) => textLine(`  ${line}`, width)),
    ...FILTER_FIELDS.map(({ name, description }) => keyLine(name, description, cells, width)),
  ]
}

function keyLine(keys: string, meaning: string, cells: number, width: number): Line {
  return spanLine([span(`  ${keys.padEnd(cells)}`, 'key'), span(meaning)], width)
}
