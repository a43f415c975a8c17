/** The wire inspector: what is said on the connection with one peer, as it is said. */
import type { WireMessage, WireTarget } from '@pigeon/control/network'
import { wireFilter } from '../network/wire-filter.ts'
import { bepText, fieldsText, wireTime } from '../network/wire-words.ts'
import { cellsOf, fitToCells } from './cells.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import { type Line, type Size, span, spanLine, textLine, toHeight } from './lines.ts'
import { MessageView } from './message-view.ts'
import { Scroll } from './scroll.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'
import { type WireEntry, WireLog } from './wire-log.ts'

/** However fast messages come. */
const REDRAW_MS = 250
/** Title, what came so far, titles of the columns. */
const HEAD_ROWS = 3
/** Time, direction, name, BEP, length. */
const CELLS = [12, 3, 19, 6, 7] as const
/** Narrower windows do without time and BEP. */
const ALL_FROM = 64
const WORDS = STRINGS.wire

export class WireView implements View {
  readonly places: readonly Place[] = ['wire', 'moving', 'everywhere']
  readonly #host: Host
  readonly #title: string
  readonly #log = new WireLog()
  readonly #scroll = new Scroll()
  readonly #stop: () => void
  /** While it is paused: what is shown meanwhile. */
  #frozen: readonly WireEntry[] | null = null
  #filterText = ''
  /** While the filter is being typed. */
  #editor: LineEditor | null = null
  /** Under the cursor; `null` follows the newest. */
  #chosen: WireEntry | null = null
  #shown: readonly WireEntry[] = []
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  /** `title`: who the peer is. */
  constructor(host: Host, target: WireTarget, title: string) {
    this.#host = host
    this.#title = title
    this.#stop = host.control.inspect(target, (event) => {
      if (this.#isClosed) return
      this.#log.take(event)
      this.#redrawSoon()
    })
  }

  lines({ width, height }: Size): readonly Line[] {
    this.#shown = this.#matching()
    const filter = this.#filterLines(width)
    const room = Math.max(1, height - HEAD_ROWS - filter.length)
    const at = this.#cursorIn(this.#shown)
    const first = this.#scroll.fit(at, this.#shown.length, room)
    const rows = this.#shown
      .slice(first, first + room)
      .map((entry, offset) => entryLine(entry, width, first + offset === at))
    return [
      this.#titleLine(width),
      this.#countLine(width),
      headLine(width),
      ...toHeight(rows.length === 0 ? [this.#emptyLine(width)] : rows, room),
      ...filter,
    ]
  }

  onKey(key: KeyPress): boolean {
    if (this.#editor !== null) return this.#onFilterKey(this.#editor, key)
    if (key.name !== 'Esc') return false
    if (this.#filterText === '') this.#host.close(this)
    else this.#filterText = ''
    return true
  }

  onAction(action: Action): boolean {
    const at = this.#cursorIn(this.#shown)
    if (this.#scroll.onAction(action, at, (to) => this.#moveTo(to))) return true
    if (action === 'pause-wire') this.#frozen = this.#frozen === null ? this.#log.entries() : null
    else if (action === 'follow-wire') this.#follow()
    else if (action === 'filter-wire') this.#editor = new LineEditor(this.#filterText)
    else if (action === 'open-message') this.#open(this.#shown[at])
    else return false
    return true
  }

  onPaste(text: string): boolean {
    if (this.#editor === null) return false
    this.#editor.paste(text)
    this.#filterText = this.#editor.text
    return true
  }

  /** The first click puts the cursor there, the next one opens it. */
  onMouse(mouse: MousePress): void {
    const at = this.#cursorIn(this.#shown)
    if (mouse.kind !== 'click') return this.#moveTo(at + (mouse.kind === 'wheel-up' ? -3 : 3))
    const row = this.#scroll.first + mouse.row - HEAD_ROWS
    if (mouse.row < HEAD_ROWS || row >= this.#shown.length) return
    if (row === at) this.#open(this.#shown[row])
    else this.#moveTo(row)
  }

  hints(): readonly Action[] {
    return ['open-message', 'pause-wire', 'filter-wire', 'follow-wire', 'up', 'down']
  }

  typingHint(): string | null {
    return this.#editor === null ? null : WORDS.filterHelp
  }

  onClose(): void {
    this.#isClosed = true
    this.#stop()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #matching(): readonly WireEntry[] {
    const entries = this.#frozen ?? this.#log.entries()
    if (this.#filterText.trim() === '') return entries
    const fits = wireFilter(this.#filterText)
    // How many were left out in all, the line above says.
    return entries.filter((entry) => entry.kind === 'message' && fits(entry.message))
  }

  /** Where what was chosen has gone, the nearest that is left of it: the oldest. */
  #cursorIn(shown: readonly WireEntry[]): number {
    const last = Math.max(0, shown.length - 1)
    return this.#chosen === null ? last : Math.max(0, shown.indexOf(this.#chosen))
  }

  #moveTo(index: number): void {
    const last = this.#shown.length - 1
    // At the end it goes on with what comes.
    this.#chosen = index >= last ? null : (this.#shown[Math.max(0, index)] ?? null)
  }

  #follow(): void {
    this.#frozen = null
    this.#chosen = null
  }

  #open(entry: WireEntry | undefined): void {
    if (entry?.kind !== 'message') return
    // Else another would be under the cursor when it is closed.
    this.#chosen = entry
    this.#host.open(new MessageView(this.#host, entry.message))
  }

  #onFilterKey(editor: LineEditor, key: KeyPress): boolean {
    if (key.name === 'Enter') this.#editor = null
    else if (key.name === 'Esc') {
      this.#editor = null
      this.#filterText = ''
    } else if (editor.onKey(key)) this.#filterText = editor.text
    else return false
    return true
  }

  #titleLine(width: number): Line {
    const { ended } = this.#log
    const [state, role] =
      this.#frozen !== null
        ? ([WORDS.paused, 'warn'] as const)
        : ended !== null
          ? ([WORDS.ended, 'bad'] as const)
          : this.#chosen === null
            ? ([WORDS.following, 'good'] as const)
            : ([WORDS.scrolled, 'dim'] as const)
    const room = Math.max(0, width - cellsOf(state) - 1)
    const title = fitToCells(`${WORDS.title} ${this.#title}`, room)
    return spanLine([span(`${title} `, 'title'), span(state, role)], width)
  }

  #countLine(width: number): Line {
    const { count, leftOut, dropped, ended } = this.#log
    const text = WORDS.counts(count, leftOut, dropped)
    if (ended === null) return textLine(text, width, 'dim')
    const why = ended.problem === null ? '' : `${ended.problem.message} ${ended.problem.help}`
    return spanLine([span(WORDS.endedWhy(why.trim()), 'bad'), span(`  ${text}`, 'dim')], width)
  }

  #emptyLine(width: number): Line {
    const isFiltered = this.#filterText.trim() !== '' && this.#log.count > 0
    return textLine(isFiltered ? STRINGS.nothingMatches : WORDS.nothing, width, 'dim')
  }

  #filterLines(width: number): readonly Line[] {
    if (this.#editor === null && this.#filterText === '') return []
    const shown = this.#shown.filter(({ kind }) => kind === 'message').length
    const count = span(`  ${WORDS.shown(shown)}`, 'dim')
    const input =
      this.#editor === null
        ? [span(`${STRINGS.filterPrompt}${this.#filterText}`), count]
        : [span(STRINGS.filterPrompt, 'key'), ...this.#editor.spans(width - 1, true), count]
    return [spanLine(input, width)]
  }

  /** At once, then no more often than `REDRAW_MS`. */
  #redrawSoon(): void {
    if (this.#timer !== null) return
    this.#host.redraw()
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#host.redraw()
    }, REDRAW_MS)
  }
}

function headLine(width: number): Line {
  const [time, direction, name, bep, length] = WORDS.columns
  const columns =
    width < ALL_FROM ? [direction, name, length] : [time, direction, name, bep, length]
  return spanLine([span(` ${columnsOf(columns, width)} ${WORDS.fields}`, 'dim')], width)
}

function entryLine(entry: WireEntry, width: number, isCursor: boolean): Line {
  const mark = span(isCursor ? '▌' : ' ', 'key')
  if (entry.kind === 'gap')
    return spanLine([mark, span(WORDS.gap(entry.leftOut), 'warn')], width, isCursor)
  const { message } = entry
  const role = message.direction === 'in' ? 'good' : 'busy'
  return spanLine(
    [mark, span(columnsOf(cellsFor(message, width), width), role), span(` ${fieldsText(message)}`)],
    width,
    isCursor,
  )
}

function cellsFor(message: WireMessage, width: number): readonly string[] {
  const { direction, name, lengthBytes } = message
  const way = WORDS.directions[direction]
  const length = String(lengthBytes)
  return width < ALL_FROM
    ? [way, name, length]
    : [wireTime(message), way, name, bepText(message), length]
}

function columnsOf(texts: readonly string[], width: number): string {
  const [time, way, name, bep, length] = CELLS
  const cells = width < ALL_FROM ? [way, name, length] : [time, way, name, bep, length]
  return texts
    .map((text, index) =>
      fitToCells(text, cells[index] ?? 0, index === cells.length - 1 ? 'right' : 'left'),
    )
    .join(' ')
}
