/** One message of a wire, with all its fields. */
import type { WireMessage } from '@pigeon/control/network'
import { formatDateTime } from '@pigeon/control/units'
import { bepText, wireTime } from '../network/wire-words.ts'
import { cellsOf, wrapToCells } from './cells.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { EMPTY_LINE, type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { Scrolled } from './scrolled.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

const WORDS = STRINGS.wire
/** Lines that one value may take; nodes cut long ones themselves. */
const WRAPPED = 40
const WIDEST_LABEL = 24

export class MessageView implements View {
  readonly places: readonly Place[] = ['moving']
  readonly #host: Host
  readonly #message: WireMessage
  readonly #scrolled = new Scrolled()

  constructor(host: Host, message: WireMessage) {
    this.#host = host
    this.#message = message
  }

  lines({ width, height }: Size): readonly Line[] {
    const { name, fields } = this.#message
    const facts = [...this.#facts(), ...fields]
    const cells = Math.min(WIDEST_LABEL, Math.max(...facts.map(([label]) => cellsOf(label))))
    const own = this.#facts().flatMap(([label, text]) => lineOf(label, text, cells, width))
    const all = fields.flatMap(([label, text]) => lineOf(label, text, cells, width))
    const body = all.length === 0 ? [textLine(WORDS.noFields, width, 'dim')] : all
    return [
      textLine(name, width, 'title'),
      ...this.#scrolled.cut([...own, EMPTY_LINE, ...body], Math.max(1, height - 1)),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (!['Esc', 'q', 'Enter'].includes(key.name)) return false
    this.#host.close(this)
    return true
  }

  onAction(action: Action): boolean {
    return this.#scrolled.onAction(action)
  }

  onPaste(): boolean {
    return false
  }

  onMouse(mouse: MousePress): void {
    this.#scrolled.onMouse(mouse)
  }

  hints(): readonly Action[] {
    return ['down', 'up', 'page-down', 'bottom']
  }

  #facts(): readonly (readonly [label: string, text: string])[] {
    const { atMs, direction, lengthBytes, number } = this.#message
    const [date = ''] = formatDateTime(atMs).split(' ')
    const bep = bepText(this.#message)
    return [
      [WORDS.when, `${date} ${wireTime(this.#message)}`],
      [WORDS.way, WORDS.directionWords[direction]],
      [WORDS.specification, bep === '' ? WORDS.noBep : bep],
      [WORDS.length, WORDS.bytes(lengthBytes)],
      [WORDS.number, String(number)],
    ]
  }
}

function lineOf(label: string, text: string, labelCells: number, width: number): readonly Line[] {
  const cells = Math.max(8, width - labelCells - 2)
  const labels = wrapToCells(label, labelCells, 2)
  const texts = wrapToCells(text, cells, WRAPPED)
  return Array.from({ length: Math.max(labels.length, texts.length) }, (_, index) => {
    const shown = labels[index] ?? ''
    const space = ' '.repeat(Math.max(0, labelCells + 2 - cellsOf(shown)))
    return spanLine([span(`${shown}${space}`, 'dim'), span(texts[index] ?? '')], width)
  })
}
