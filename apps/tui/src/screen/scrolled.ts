/** Lines that are longer than their room, without a cursor: keys move the lines themselves. */
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import type { Line } from './lines.ts'
import { Scroll } from './scroll.ts'

export class Scrolled {
  readonly #scroll = new Scroll()
  #first = 0
  #last = 0

  cut(lines: readonly Line[], room: number): readonly Line[] {
    this.#last = Math.max(0, lines.length - room)
    this.#first = Math.max(0, Math.min(this.#first, this.#last))
    this.#scroll.fit(this.#first, lines.length, room)
    return lines.slice(this.#first, this.#first + room)
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#first, (to) => this.#moveTo(to))
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind !== 'click') this.#moveTo(this.#first + (mouse.kind === 'wheel-up' ? -3 : 3))
  }

  #moveTo(line: number): void {
    this.#first = Math.max(0, Math.min(line, this.#last))
  }
}
