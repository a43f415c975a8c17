/** The network of the node: how peers are found and reached, with its switches. Asked for again each second. */
import type { Problem, SessionSummary } from '@pigeon/control/contract'
import type { NetworkStatus } from '@pigeon/control/network'
import { isProblem } from '@pigeon/control/problems'
import { type NetworkFact, networkSections } from '../network/network-facts.ts'
import {
  isConfigured,
  isHeldOff,
  nextValue,
  type SwitchKey,
  SWITCHES,
} from '../network/switches.ts'
import { fitToCells, wrapToCells } from './cells.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { EMPTY_LINE, type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { openNetworkForm } from './network-form.ts'
import { Scroll } from './scroll.ts'
import { STRINGS } from './strings.ts'
import { copySequence } from './terminal-signals.ts'
import type { Host, View } from './view.ts'

const POLL_MS = 1_000
const LABEL_CELLS = 13
/** Lines that one text may take. */
const WRAPPED = 4
const WORDS = STRINGS.network

interface Row {
  readonly line: Line
  /** Which fact it belongs to; `null` between sections. */
  readonly index: number | null
}

export class NetworkView implements View {
  readonly places: readonly Place[] = ['network', 'moving', 'everywhere']
  readonly #host: Host
  readonly #scroll = new Scroll()
  readonly #timer: NodeJS.Timeout
  #status: NetworkStatus | null = null
  #problem: Problem | null = null
  #cursor = 0
  #facts: readonly NetworkFact[] = []
  /** Of each line shown, its fact. */
  #atLine: readonly (number | null)[] = []
  #isClosed = false

  constructor(host: Host) {
    this.#host = host
    this.#ask()
    this.#timer = setInterval(() => this.#ask(), POLL_MS)
  }

  lines({ width, height }: Size): readonly Line[] {
    const title = spanLine([span(WORDS.title, 'title')], width)
    const { session } = this.#host.store
    if (this.#status === null || session === null) {
      const text = this.#problem === null ? STRINGS.asking : this.#problem.message
      const help = this.#problem?.help ?? ''
      const role = this.#problem === null ? 'plain' : 'bad'
      const lines = wrapToCells(`${text} ${help}`.trim(), width, WRAPPED)
      return [title, ...lines.map((line) => textLine(line, width, role))]
    }
    const rows = this.#rows(this.#status, session, width)
    const room = Math.max(1, height - 1)
    const at = rows.findIndex(({ index }) => index === this.#cursor)
    // The title of the first section stays in sight above its first row.
    const first = this.#scroll.fit(this.#cursor === 0 ? 0 : at, rows.length, room)
    const shown = rows.slice(first, first + room)
    this.#atLine = shown.map(({ index }) => index)
    return [title, ...shown.map(({ line }) => line)]
  }

  onKey(key: KeyPress): boolean {
    if (key.name !== 'Esc') return false
    this.#host.close(this)
    return true
  }

  onAction(action: Action): boolean {
    if (this.#scroll.onAction(action, this.#cursor, (to) => this.#moveTo(to))) return true
    if (action === 'switch') this.#turn()
    else if (action === 'copy-address') this.#copy()
    else if (action === 'network-form') openNetworkForm(this.#host)
    else return action === 'network'
    return true
  }

  onPaste(): boolean {
    return false
  }

  /** The first click puts the cursor there, the next one switches it. */
  onMouse(mouse: MousePress): void {
    if (mouse.kind !== 'click')
      return this.#moveTo(this.#cursor + (mouse.kind === 'wheel-up' ? -3 : 3))
    const index = this.#atLine[mouse.row - 1] ?? null
    if (index === null) return
    if (index === this.#cursor && this.#current?.switch !== undefined) this.#turn()
    else this.#moveTo(index)
  }

  hints(): readonly Action[] {
    return ['switch', 'copy-address', 'network-form', 'bottom', 'command']
  }

  onClose(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  get #current(): NetworkFact | undefined {
    return this.#facts[this.#cursor]
  }

  #rows(status: NetworkStatus, session: SessionSummary, width: number): readonly Row[] {
    const sections = networkSections(status, session, Date.now())
    this.#facts = sections.flatMap(({ facts }) => facts)
    this.#moveTo(this.#cursor)
    let index = 0
    return sections.flatMap(({ title, facts }, section) => [
      ...(section === 0 ? [] : [{ line: EMPTY_LINE, index: null }]),
      { line: textLine(title, width, 'chosen'), index: null },
      ...facts.flatMap((fact) => {
        const at = index
        index += 1
        return this.#factLines(fact, at === this.#cursor, width).map((line) => ({
          line,
          index: at,
        }))
      }),
    ])
  }

  #factLines(fact: NetworkFact, isCursor: boolean, width: number): readonly Line[] {
    const cells = Math.max(8, width - LABEL_CELLS - 2)
    return wrapToCells(fact.text, cells, WRAPPED).map((text, at) => {
      const mark = isCursor && at === 0 ? '▌' : ' '
      const label = fitToCells(at === 0 ? fact.label : '', LABEL_CELLS)
      const labelRole = fact.switch === undefined ? 'dim' : 'key'
      const spans = [span(mark, 'key'), span(`${label} `, labelRole), span(text, fact.tone)]
      return spanLine(spans, width, isCursor)
    })
  }

  #moveTo(index: number): void {
    // What was typed before the first answer holds once it is here.
    const last = this.#facts.length === 0 ? Number.MAX_SAFE_INTEGER : this.#facts.length - 1
    this.#cursor = Math.max(0, Math.min(index, last))
  }

  #turn(): void {
    const key = this.#current?.switch
    const { session } = this.#host.store
    if (key === undefined || session === null) return this.#host.say(WORDS.noSwitch)
    void this.#change(key, session)
  }

  async #change(key: SwitchKey, session: SessionSummary): Promise<void> {
    const it = SWITCHES[key]
    const value = nextValue(it, session)
    const change = it.change(value)
    if (change === null) return
    const notes = [
      isConfigured(it, session) ? WORDS.untilRestart : '',
      isHeldOff(it, session) ? WORDS.heldOff : '',
    ]
    const said = [`${it.label}: ${value}.`, ...notes].filter((note) => note !== '').join(' ')
    await this.#host.run({ do: 'set-session', ...change }, said)
    this.#ask()
  }

  #copy(): void {
    const text = this.#current?.copy
    if (text === undefined) return this.#host.say(WORDS.nothingToCopy)
    this.#host.signal(copySequence(text))
    this.#host.say(WORDS.copied)
  }

  #ask(): void {
    void this.#host.control.network().then((answer) => {
      if (this.#isClosed) return
      // Without an answer (the line is down) the last one stays.
      if (isProblem(answer)) this.#problem = answer
      else {
        this.#status = answer
        this.#problem = null
      }
      this.#host.redraw()
    })
  }
}
