/** Which part of a long list is on the screen: it moves no further than it must to keep the cursor in sight. */
import type { Action } from './keymap.ts'

/** Rows that stay visible beyond the cursor. */
const MARGIN = 2

export class Scroll {
  #first = 0
  #room = 1

  get first(): number {
    return this.#first
  }

  /** Answers the first row to show. */
  fit(cursor: number, count: number, room: number): number {
    this.#room = Math.max(1, room)
    const margin = Math.min(MARGIN, Math.floor((this.#room - 1) / 2))
    if (cursor < this.#first + margin) this.#first = cursor - margin
    if (cursor > this.#first + this.#room - 1 - margin)
      this.#first = cursor - this.#room + 1 + margin
    this.#first = Math.max(0, Math.min(this.#first, count - this.#room))
    return this.#first
  }

  /** Moves as the action says; answers whether it was one for moving. */
  onAction(action: Action, cursor: number, moveTo: (row: number) => void): boolean {
    const step = this.#steps(action, cursor)
    if (step === null) return false
    moveTo(step)
    return true
  }

  #steps(action: Action, cursor: number): number | null {
    const half = Math.max(1, Math.floor(this.#room / 2))
    switch (action) {
      case 'up':
        return cursor - 1
      case 'down':
        return cursor + 1
      case 'page-up':
        return cursor - this.#room
      case 'page-down':
        return cursor + this.#room
      case 'half-page-up':
        return cursor - half
      case 'half-page-down':
        return cursor + half
      case 'top':
        return 0
      case 'bottom':
        return Number.MAX_SAFE_INTEGER
      default:
        return null
    }
  }
}
