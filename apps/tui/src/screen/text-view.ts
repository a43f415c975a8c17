/** Lines to read, such as the answer to a command. */
import { clean, wrapToCells } from './cells.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { type Line, type Size, textLine } from './lines.ts'
import { Scroll } from './scroll.ts'
import type { Host, View } from './view.ts'

export class TextView implements View {
  readonly places: readonly Place[] = ['moving']
  readonly #host: Host
  readonly #title: string
  readonly #texts: readonly string[]
  readonly #scroll = new Scroll()
  #first = 0
  #last = 0

  constructor(host: Host, title: string, texts: readonly string[]) {
    this.#host = host
    this.#title = title
    this.#texts = texts
  }

  lines({ width, height }: Size): readonly Line[] {
    const room = Math.max(1, height - 1)
    this.#last = Math.max(0, this.#texts.length - room)
    this.#first = Math.max(0, Math.min(this.#first, this.#last))
    this.#scroll.fit(this.#first, this.#texts.length, room)
    const shown = this.#texts.slice(this.#first, this.#first + room)
    // A text that is wider than the screen is told whole where there is room for it.
    const lines = shown.flatMap((text) => wrapToCells(text, width, this.#last === 0 ? 4 : 1))
    return [
      textLine(`:${clean(this.#title)}`, width, 'title'),
      ...lines.slice(0, room).map((text) => textLine(text, width)),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (!['Esc', 'q', 'Enter'].includes(key.name)) return false
    this.#host.close(this)
    return true
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#first, (to) => this.#scrollTo(to))
  }

  onPaste(): boolean {
    return false
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
}
