/** A dialog with fields: what is typed, chosen or switched. Enter hands it in, Esc drops it. */
import type { Problem } from '@pigeon/control/contract'
import { cellsOf, fitToCells, wrapToCells } from './cells.ts'
import type { Place } from './keymap.ts'
import type { KeyPress } from './keys.ts'
import { commonStart, LineEditor } from './line-editor.ts'
import { type Line, type Size, span, type Span, spanLine, textLine } from './lines.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

export type Field =
  | {
      readonly kind: 'text'
      readonly name: string
      readonly label: string
      readonly initial: string
      /** What may be typed, while nothing is. */
      readonly hint?: string
      /** Texts that it may go on with; asked for by Tab. */
      readonly complete?: (text: string) => Promise<readonly string[]>
    }
  | {
      readonly kind: 'choice'
      readonly name: string
      readonly label: string
      readonly options: readonly { readonly value: string; readonly label: string }[]
      readonly initial: string
    }
  | {
      readonly kind: 'switch'
      readonly name: string
      readonly label: string
      readonly initial: boolean
    }

/** What was handed in, by the names of the fields. */
export class Answers {
  readonly #texts: ReadonlyMap<string, string>

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  /** Without spaces at its ends. */
  text(name: string): string {
    return (this.#texts.get(name) ?? '').trim()
  }

  isOn(name: string): boolean {
    return this.text(name) === 'yes'
  }
}

export interface FormOptions {
  readonly title: string
  /** What it is about. */
  readonly intro?: readonly string[]
  readonly fields: readonly Field[]
  /** However it was closed. */
  readonly onClose?: () => void
  /** Answers why it cannot be done, which keeps the form open, or `null`. */
  readonly onSubmit: (answers: Answers) => Problem | null | Promise<Problem | null>
}

/** Completions that are listed. */
const LISTED = 4
const INTRO_LINES = 4

export class Form implements View {
  readonly places: readonly Place[] = []
  readonly dialog: NonNullable<View['dialog']>
  readonly #host: Host
  readonly #options: FormOptions
  readonly #editors = new Map<string, LineEditor>()
  readonly #values = new Map<string, string>()
  #active = 0
  #problem: Problem | null = null
  #completions: readonly string[] = []
  #isBusy = false

  constructor(host: Host, options: FormOptions) {
    this.#host = host
    this.#options = options
    for (const field of options.fields) {
      if (field.kind === 'text') this.#editors.set(field.name, new LineEditor(field.initial))
      else if (field.kind === 'choice') this.#values.set(field.name, field.initial)
      else this.#values.set(field.name, field.initial ? 'yes' : 'no')
    }
    this.dialog = {
      title: options.title,
      hint: options.fields.length > 1 ? STRINGS.form.hintMany : STRINGS.form.hintOne,
      rows: (width) => this.lines({ width, height: Number.MAX_SAFE_INTEGER }).length,
    }
  }

  lines({ width, height }: Size): readonly Line[] {
    const intro = (this.#options.intro ?? []).flatMap((text) =>
      wrapToCells(text, width, INTRO_LINES).map((line) => textLine(line, width)),
    )
    const fields = this.#options.fields.map((field, index) => this.#fieldLine(field, index, width))
    const below = [
      ...this.#completions.slice(0, LISTED).map((text) => textLine(`  ${text}`, width, 'dim')),
      ...(this.#completions.length > LISTED
        ? [textLine(`  … ${this.#completions.length - LISTED}`, width, 'dim')]
        : []),
      ...(this.#problem === null
        ? []
        : wrapToCells(`${this.#problem.message} ${this.#problem.help}`, width, 3).map((line) =>
            textLine(line, width, 'bad'),
          )),
    ]
    const all = [...intro, ...fields, ...below]
    if (all.length <= height) return all
    // The field with the caret stays in sight.
    const from = Math.max(0, Math.min(intro.length + this.#active, all.length - height))
    return all.slice(from, from + height)
  }

  onKey(key: KeyPress): boolean {
    const field = this.#options.fields[this.#active]
    if (key.name === 'Esc') this.#host.close(this)
    else if (key.name === 'Enter') this.#submit()
    else if (key.name === 'Tab' && field?.kind === 'text' && field.complete !== undefined)
      this.#complete(field)
    else if (key.name === 'Down' || key.name === 'Tab') this.#turn(1)
    else if (key.name === 'Up' || key.name === 'S-Tab') this.#turn(-1)
    else if (field !== undefined) this.#change(field, key)
    return true
  }

  onAction(): boolean {
    return false
  }

  onPaste(text: string): boolean {
    const field = this.#options.fields[this.#active]
    if (field?.kind === 'text') this.#editors.get(field.name)?.paste(text)
    this.#changed()
    return true
  }

  onMouse(): void {}

  hints(): readonly [] {
    return []
  }

  onClose(): void {
    this.#options.onClose?.()
  }

  #fieldLine(field: Field, index: number, width: number): Line {
    const isActive = index === this.#active
    const labels = this.#options.fields.map(({ label }) => cellsOf(label))
    const labelCells = Math.min(Math.max(...labels), Math.floor(width / 2))
    const label = labels.every((cells) => cells === 0)
      ? []
      : [span(`${fitToCells(field.label, labelCells)}  `, isActive ? 'key' : 'plain')]
    const cells = width - (label.length === 0 ? 0 : labelCells + 2)
    return spanLine([...label, ...this.#valueSpans(field, isActive, cells)], width)
  }

  #valueSpans(field: Field, isActive: boolean, cells: number): readonly Span[] {
    if (field.kind === 'text') {
      const editor = this.#editors.get(field.name)
      if (editor === undefined) return []
      const isEmpty = editor.text === '' && field.hint !== undefined
      const hint = isEmpty ? [span(field.hint, 'dim')] : []
      return [...editor.spans(cells, isActive), ...hint]
    }
    const value = this.#values.get(field.name)
    if (field.kind === 'switch')
      return [
        span(value === 'yes' ? STRINGS.form.yes : STRINGS.form.no, isActive ? 'chosen' : 'plain'),
      ]
    const chosen = field.options.find((option) => option.value === value)
    const isOne = field.options.length < 2
    return [
      span(isOne ? '' : '← ', 'dim'),
      span(chosen?.label ?? '', isActive ? 'chosen' : 'plain'),
      span(isOne ? '' : ' →', 'dim'),
    ]
  }

  #turn(by: number): void {
    const count = this.#options.fields.length
    this.#active = (this.#active + by + count) % count
    this.#completions = []
  }

  #change(field: Field, key: KeyPress): void {
    if (field.kind === 'text') this.#editors.get(field.name)?.onKey(key)
    else if (field.kind === 'switch') {
      const isOn = this.#values.get(field.name) === 'yes'
      const isTurned = key.name === 'Space' || key.name === 'Left' || key.name === 'Right'
      const typed = key.name === 'y' ? true : key.name === 'n' ? false : isTurned ? !isOn : isOn
      this.#values.set(field.name, typed ? 'yes' : 'no')
    } else {
      const by = key.name === 'Left' ? -1 : key.name === 'Right' || key.name === 'Space' ? 1 : 0
      const { options } = field
      const at = options.findIndex(({ value }) => value === this.#values.get(field.name))
      const next = options[(at + by + options.length) % options.length]
      if (next !== undefined) this.#values.set(field.name, next.value)
    }
    this.#changed()
  }

  #changed(): void {
    this.#problem = null
    this.#completions = []
  }

  #complete(field: Extract<Field, { kind: 'text' }>): void {
    const editor = this.#editors.get(field.name)
    if (editor === undefined || field.complete === undefined) return
    const asked = editor.text
    void field.complete(asked).then((found) => {
      if (editor.text !== asked) return
      const longest = commonStart(found)
      if (found.length === 0 || (found.length === 1 && longest === asked)) this.#turn(1)
      else {
        if (longest.length > asked.length) editor.set(longest)
        this.#completions = found.length > 1 ? found : []
      }
      this.#host.redraw()
    })
  }

  #submit(): void {
    if (this.#isBusy) return
    this.#isBusy = true
    const texts = new Map(this.#values)
    for (const [name, editor] of this.#editors) texts.set(name, editor.text)
    void Promise.resolve(this.#options.onSubmit(new Answers(texts))).then((problem) => {
      this.#isBusy = false
      this.#problem = problem
      if (problem === null) this.#host.close(this)
      this.#host.redraw()
    })
  }
}
