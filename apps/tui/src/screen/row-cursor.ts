/** A cursor over rows that are one line each. */
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { Scroll } from './scroll.ts'

export class RowCursor {
  readonly #scroll = new Scroll()
  #index = 0
  #count = 0

  get index(): number {
    return this.#index
  }

  /** Answers which rows are to be shown: from, to. `index`: where the cursor is now, if its row has moved. */
  fit(count: number, room: number, index = this.#index): readonly [number, number] {
    this.#count = count
    this.moveTo(index)
    const first = this.#scroll.fit(this.#index, count, room)
    return [first, Math.min(count, first + room)]
  }

  moveTo(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.#count - 1))
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#index, (to) => this.moveTo(to))
  }

  /** `row` counts from the first row shown. */
  onMouse(mouse: MousePress): void {
    if (mouse.kind === 'click') this.moveTo(this.#scroll.first + mouse.row)
    else this.moveTo(this.#index + (mouse.kind === 'wheel-up' ? -3 : 3))
  }
}
