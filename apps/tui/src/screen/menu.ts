/** A dialog with rows to choose from. */
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { type Line, type Size, span, spanLine } from './lines.ts'
import { Scroll } from './scroll.ts'
import type { Host, View } from './view.ts'

export interface MenuRow {
  readonly value: string
  readonly label: string
  /** Said in dim letters behind it. */
  readonly about?: string
}

export interface MenuOptions {
  readonly title: string
  readonly hint: string
  readonly rows: readonly MenuRow[]
  readonly initial?: string
  /** A mark before the row, such as a check mark; one cell. */
  readonly markOf?: (value: string) => string
  /** Enter. Closes the menu unless it answers `true`. */
  readonly onChoose: (value: string) => boolean | void
  /** However it was closed. */
  readonly onClose?: () => void
  /** Space and other keys; answers whether it was for it. */
  readonly onKey?: (key: KeyPress, value: string) => boolean
}

/** Longer ones scroll: what is under them stays in sight where it can. */
const MOST_ROWS = 14

export class Menu implements View {
  readonly places: readonly Place[] = ['moving']
  readonly dialog: NonNullable<View['dialog']>
  readonly #host: Host
  readonly #options: MenuOptions
  readonly #scroll = new Scroll()
  #index: number

  constructor(host: Host, options: MenuOptions) {
    this.#host = host
    this.#options = options
    this.#index = Math.max(
      0,
      options.rows.findIndex(({ value }) => value === options.initial),
    )
    const { title, hint, rows } = options
    this.dialog = { title, hint, rows: () => Math.min(rows.length, MOST_ROWS) }
  }

  lines({ width, height }: Size): readonly Line[] {
    const { rows, markOf } = this.#options
    const first = this.#scroll.fit(this.#index, rows.length, height)
    const cells = Math.max(...rows.map(({ label }) => label.length)) + 2
    return rows.slice(first, first + height).map(({ value, label, about = '' }, offset) => {
      const isCursor = first + offset === this.#index
      const mark = markOf?.(value) ?? ' '
      return spanLine(
        [
          span(`${isCursor ? '▌' : ' '}${mark} `, 'key'),
          span(label.padEnd(cells)),
          span(about, 'dim'),
        ],
        width,
        isCursor,
      )
    })
  }

  onKey(key: KeyPress): boolean {
    const value = this.#options.rows[this.#index]?.value ?? ''
    if (key.name === 'Esc' || key.name === 'q') this.#host.close(this)
    else if (key.name === 'Enter') this.#choose(value)
    else return this.#options.onKey?.(key, value) ?? false
    return true
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#index, (to) => this.#moveTo(to))
  }

  onPaste(): boolean {
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind === 'wheel-up') this.#moveTo(this.#index - 1)
    else if (mouse.kind === 'wheel-down') this.#moveTo(this.#index + 1)
    else {
      const row = this.#scroll.first + mouse.row
      if (row === this.#index) this.#choose(this.#options.rows[row]?.value ?? '')
      else if (row < this.#options.rows.length) this.#moveTo(row)
    }
  }

  hints(): readonly [] {
    return []
  }

  onClose(): void {
    this.#options.onClose?.()
  }

  #moveTo(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.#options.rows.length - 1))
  }

  #choose(value: string): void {
    if (this.#options.onChoose(value) !== true) this.#host.close(this)
  }
}
