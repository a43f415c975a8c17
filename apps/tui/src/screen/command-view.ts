/** The `:` line: the commands of the shell, with completion and history; and what a command answered. */
import type * as CommandLine from '../cli/command-line.ts'
import type { Completion } from '../cli/command-line.ts'
import { cellsOf } from './cells.ts'
import type { Place } from './keymap.ts'
import type { KeyPress } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import { type Line, type Size, span, spanLine } from './lines.ts'
import { Menu } from './menu.ts'
import { NetworkView } from './network-view.ts'
import { STRINGS } from './strings.ts'
import { TextView } from './text-view.ts'
import type { Host, View } from './view.ts'
import { WireView } from './wire-view.ts'

/** Completions that are shown at once. */
const SHOWN = 8

export class CommandView implements View {
  readonly places: readonly Place[] = []
  readonly dialog: NonNullable<View['dialog']>
  readonly #host: Host
  /** Meant where a command names no torrent. */
  readonly #selected: readonly string[]
  readonly #editor = new LineEditor()
  readonly #loaded: Promise<typeof CommandLine>
  #candidates: readonly Completion[] = []
  /** The candidate in the line; -1 while none is. */
  #chosen = -1
  #from = 0
  /** How far back in the history; 0 is what is being typed. */
  #back = 0
  #draft = ''
  #isClosed = false

  constructor(host: Host, selected: readonly string[]) {
    this.#host = host
    this.#selected = selected
    // The grammar takes a moment to load, that no one should pay who does not use it.
    this.#loaded = import('../cli/command-line.ts')
    this.dialog = {
      title: STRINGS.command.title,
      hint: STRINGS.command.hint,
      rows: () => 1 + Math.min(this.#candidates.length, SHOWN),
    }
    this.#suggest()
  }

  lines({ width, height }: Size): readonly Line[] {
    const input = spanLine([span(':', 'key'), ...this.#editor.spans(width - 1, true)], width)
    const room = Math.max(0, Math.min(SHOWN, height - 1))
    const first = Math.max(0, Math.min(this.#chosen - room + 2, this.#candidates.length - room))
    const shown = this.#candidates.slice(first, first + room)
    const cells = Math.max(0, ...shown.map(({ word }) => cellsOf(word))) + 2
    return [
      input,
      ...shown.map(({ word, about }, offset) =>
        spanLine(
          [
            span(` ${word}${' '.repeat(Math.max(0, cells - cellsOf(word)))}`, 'key'),
            span(about, 'dim'),
          ],
          width,
          first + offset === this.#chosen,
        ),
      ),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (key.name === 'Esc') this.#host.close(this)
    else if (key.name === 'Backspace' && this.#editor.text === '') this.#host.close(this)
    else if (key.name === 'Enter') void this.#submit()
    else if (key.name === 'Tab') this.#complete(1)
    else if (key.name === 'S-Tab') this.#complete(-1)
    else if (key.name === 'Up' || key.name === 'C-p') this.#recall(1)
    else if (key.name === 'Down' || key.name === 'C-n') this.#recall(-1)
    else if (this.#editor.onKey(key)) this.#suggest()
    return true
  }

  onAction(): boolean {
    return false
  }

  onPaste(text: string): boolean {
    this.#editor.paste(text)
    this.#suggest()
    return true
  }

  onMouse(): void {}

  hints(): readonly [] {
    return []
  }

  onClose(): void {
    this.#isClosed = true
  }

  /** Looks up what may come next. */
  #suggest(): void {
    this.#chosen = -1
    const line = this.#editor.beforeCaret
    void this.#loaded.then(({ completeLine }) => {
      if (this.#isClosed || this.#editor.beforeCaret !== line) return
      const { torrents, session } = this.#host.store
      const found = completeLine(line, {
        torrents: [...torrents.values()],
        session,
        commands: [{ word: 'quit', about: STRINGS.command.quit }],
      })
      this.#candidates = found.candidates
      this.#from = found.from
      this.#host.redraw()
    })
  }

  /** Puts the next candidate into the line; a single one is settled at once. */
  #complete(by: number): void {
    const { length } = this.#candidates
    if (length === 0) return
    this.#chosen = (this.#chosen + by + length) % length
    const word = this.#candidates[this.#chosen]?.word ?? ''
    void this.#loaded.then(({ joinWords }) => {
      const start = this.#editor.beforeCaret.slice(0, this.#from)
      this.#editor.set(`${start}${joinWords([word])}${length === 1 ? ' ' : ''}`)
      if (length === 1) this.#suggest()
      this.#host.redraw()
    })
  }

  #recall(by: number): void {
    const { history } = this.#host.remembered.state
    if (this.#back === 0) this.#draft = this.#editor.text
    this.#back = Math.max(0, Math.min(this.#back + by, history.length))
    this.#editor.set(this.#back === 0 ? this.#draft : (history.at(-this.#back) ?? ''))
    this.#candidates = []
  }

  async #submit(): Promise<void> {
    const line = this.#editor.text.trim()
    this.#host.close(this)
    if (line === '') return
    const { history } = this.#host.remembered.state
    if (history.at(-1) !== line) this.#host.remembered.change({ history: [...history, line] })
    const { runCommandLine, splitWords } = await this.#loaded
    const { words } = splitWords(line)
    if (words[0] === 'quit' || words[0] === 'q') return this.#host.quit()
    if (words[0] === 'network' && words.length === 1)
      return this.#host.open(new NetworkView(this.#host))
    let isShown = false
    const answer = await runCommandLine(this.#host.control, words, {
      selected: this.#selected,
      ask: (question) => askYes(this.#host, question),
      columns: this.#host.size.width,
      showWire: (target, title) => {
        isShown = true
        this.#host.open(new WireView(this.#host, target, title))
      },
    })
    if (answer.problem !== null) this.#host.complain(answer.problem)
    if (isShown) return
    const [only = STRINGS.command.done] = answer.lines
    if (answer.lines.length > 1) this.#host.open(new TextView(this.#host, line, answer.lines))
    else if (answer.problem === null) this.#host.say(only)
  }
}

/** No is what Enter alone says. */
function askYes(host: Host, question: string): Promise<boolean> {
  return new Promise((resolve) => {
    const menu = new Menu(host, {
      title: question,
      hint: STRINGS.menus.chooseHint,
      rows: [
        { value: 'no', label: STRINGS.form.no },
        { value: 'yes', label: STRINGS.form.yes },
      ],
      onChoose: (value) => resolve(value === 'yes'),
      onClose: () => resolve(false),
    })
    host.open(menu)
  })
}
