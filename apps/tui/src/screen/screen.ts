/**
 * The whole screen without a terminal: views in a stack, fed with keys, drawn as lines. `app.tsx` puts it on a terminal.
 */
import type {
  Command,
  CommandResult,
  Control,
  Problem,
  TorrentSummary,
} from '@pigeon/control/contract'
import { actOnTorrents } from './actions.ts'
import { AddFlow } from './add-flow.ts'
import { CommandView } from './command-view.ts'
import { DetailView } from './detail-view.ts'
import { framed, frameRows, LEAST_VIEW_ROWS } from './frame.ts'
import { HelpView } from './help-view.ts'
import { type Action, Keymap } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { EMPTY_LINE, type Line, type Size, textLine, toHeight } from './lines.ts'
import { ListView } from './list-view.ts'
import { NetworkView } from './network-view.ts'
import { type Clock, NodeStore, SYSTEM_CLOCK } from './node-store.ts'
import { Forgetful, type Remembered } from './remembered.ts'
import { openCancelJob, openSessionLimits, openShare } from './session-forms.ts'
import {
  HEADER_ROWS,
  headerLine,
  hintLine,
  messageLines,
  messageOf,
  type Notice,
  problemNotice,
} from './status-lines.ts'
import { STRINGS } from './strings.ts'
import { BELL, noteSequence } from './terminal-signals.ts'
import type { Host, View } from './view.ts'

export interface ScreenOptions {
  readonly control: Control
  /** Whether the node runs on another machine, perhaps: paths are not ours to resolve then. */
  readonly isRemote?: boolean
  readonly keymap?: Keymap
  readonly remembered?: Remembered
  readonly clock?: Clock
  /** How to tell that a download ended. */
  readonly notify?: 'none' | 'bell' | 'desktop'
  /** Said once, when the screen opens: what is wrong with the settings, say. */
  readonly greeting?: Notice
}

/** What only the terminal's side can do. */
export interface Terminal {
  redraw(): void
  /** Draws all of it anew. */
  repaint(): void
  suspend(): void
  exit(): void
  signal(sequence: string): void
}

const EVEN_IN_DIALOGS: ReadonlySet<Action> = new Set(['quit', 'suspend', 'redraw'])

export class Screen implements Host {
  readonly control: Control
  readonly store: NodeStore
  readonly keymap: Keymap
  readonly remembered: Remembered
  readonly isRemote: boolean
  size: Size = { width: 80, height: 24 }
  readonly #list: ListView
  /** The list first; the last one gets the keys. */
  #views: readonly View[]
  #notice: Notice | null
  readonly #notify: NonNullable<ScreenOptions['notify']>
  #terminal: Terminal | null = null
  #isOffline = false
  #bodyRows: readonly (readonly [View, number])[] = []

  constructor(options: ScreenOptions) {
    this.control = options.control
    this.isRemote = options.isRemote ?? false
    this.keymap = options.keymap ?? new Keymap()
    this.remembered = options.remembered ?? new Forgetful()
    this.#notify = options.notify ?? 'none'
    this.#notice = options.greeting ?? null
    this.store = new NodeStore(() => this.#onNews(), options.clock ?? SYSTEM_CLOCK)
    this.store.onFinished = (torrent) => this.#onFinished(torrent)
    this.#list = new ListView(this, (torrent) => this.#openDetail(torrent))
    this.#views = [this.#list]
  }

  /** Answers how to let go of the node and the terminal. */
  start(terminal: Terminal): () => void {
    this.#terminal = terminal
    const stop = this.store.watch(this.control)
    return () => {
      stop()
      for (const view of this.#views) view.onClose?.()
      this.#terminal = null
    }
  }

  /** Exactly as many lines as the terminal has, none wider than it is. */
  lines(): readonly Line[] {
    const { width, height } = this.size
    const { top } = this
    this.#bodyRows = []
    const torrent = this.#base().chosen?.()[0]
    const messages = messageLines(messageOf(this.store, this.#notice, torrent), width)
    const body = height - HEADER_ROWS - messages.length - 1
    if (body < 1) return toHeight([textLine(STRINGS.tooSmall, width)], height)
    // A dialog tells its keys itself.
    const hints = top.dialog === undefined ? this.#hintLine(width) : EMPTY_LINE
    const selected = this.#list.selection.count
    return [
      headerLine(this.store, selected, width),
      ...this.#bodyLines(width, body),
      ...messages,
      hints,
    ]
  }

  get top(): View {
    return this.#views.at(-1) ?? this.#list
  }

  /** Keys in the order in which they were typed. */
  onKeys(keys: readonly KeyPress[]): void {
    for (const key of keys) {
      const before = this.top
      this.#onKey(key)
      // What was typed ahead must not answer a question that nobody has read.
      if (this.top !== before && this.top.dialog?.isGrave === true) break
    }
    this.redraw()
  }

  /** Never a command: it goes into what is being typed, or is asked about. */
  onPaste(text: string): void {
    this.#notice = null
    if (!this.top.onPaste(text)) AddFlow.startWith(this, text)
    this.redraw()
  }

  onMouse(mouse: MousePress): void {
    let first = HEADER_ROWS
    for (const [view, rows] of this.#bodyRows) {
      const row = mouse.row - first - (view.dialog === undefined ? 0 : 1)
      if (view === this.top && mouse.row >= first && mouse.row < first + rows && row >= 0)
        view.onMouse({ ...mouse, row })
      first += rows
    }
    this.redraw()
  }

  resize(size: Size): void {
    this.size = size
    this.redraw()
  }

  open(view: View): void {
    this.#views = [...this.#views, view]
    this.redraw()
  }

  close(view: View): void {
    if (view === this.#list || !this.#views.includes(view)) return
    this.#views = this.#views.filter((each) => each !== view)
    view.onClose?.()
    this.redraw()
  }

  say(text: string): void {
    this.#notice = { text, isError: false }
    this.redraw()
  }

  complain(problem: Problem): void {
    this.#notice = problemNotice(problem)
    this.redraw()
  }

  redraw(): void {
    this.#terminal?.redraw()
  }

  /** Back to the shell for a while. */
  suspend(): void {
    this.#terminal?.suspend()
  }

  /** Draws all of it anew. */
  repaint(): void {
    this.#terminal?.repaint()
  }

  quit(): void {
    this.#terminal?.exit()
  }

  signal(sequence: string): void {
    this.#terminal?.signal(sequence)
  }

  async run(command: Command, done: string): Promise<CommandResult> {
    const result = await this.control.run(command)
    if (result.ok) this.say(done)
    else this.complain(result.problem)
    const [id] = result.ids
    const isNew = command.do === 'add' || command.do === 'share'
    if (isNew && id !== undefined) this.#list.selection.moveToId(id)
    return result
  }

  /** Opens the files of a torrent, such as one whose files are to be chosen. */
  openFiles(id: string): void {
    this.open(new DetailView(this, id, 'Files'))
  }

  #onKey(key: KeyPress): void {
    // From wherever one is, dialogs too; but a letter that is being typed is a letter.
    const always = key.text === '' ? this.keymap.actionOf(key, ['everywhere']) : null
    if (always !== null && EVEN_IN_DIALOGS.has(always)) return this.#onAction(always)
    const view = this.top
    const isDialog = view.dialog !== undefined
    if (!isDialog) this.#notice = null
    if (view.onKey(key)) return
    const action = this.keymap.actionOf(key, view.places)
    if (action === null || view.onAction(action)) return
    if (actOnTorrents(this, action, view.chosen?.() ?? [])) return
    this.#onAction(action)
  }

  #onAction(action: Action): void {
    switch (action) {
      case 'back':
        if (this.top === this.#list) this.quit()
        else this.close(this.top)
        return
      case 'quit':
        return this.quit()
      case 'help':
        return this.open(new HelpView(this))
      case 'command':
        return this.open(new CommandView(this, this.#chosenIds()))
      case 'add':
        return AddFlow.start(this)
      case 'share':
        return openShare(this)
      case 'session-limits':
        return openSessionLimits(this)
      case 'cancel-job':
        return openCancelJob(this)
      case 'network':
        return this.open(new NetworkView(this))
      case 'alternative-limits':
        return this.#turnAlternative()
      case 'files': {
        const [torrent] = this.top.chosen?.() ?? []
        if (torrent !== undefined && this.top === this.#list) this.openFiles(torrent.id)
        return
      }
      case 'redraw':
        return this.repaint()
      case 'suspend':
        return this.suspend()
      default:
    }
  }

  #chosenIds(): readonly string[] {
    return (this.#base().chosen?.() ?? []).map(({ id }) => id)
  }

  #turnAlternative(): void {
    const isAlternativeOn = this.store.session?.alternative.isOn !== true
    const done = isAlternativeOn ? STRINGS.done.altOn : STRINGS.done.altOff
    void this.run({ do: 'set-session', isAlternativeOn }, done)
  }

  #openDetail(torrent: TorrentSummary): void {
    this.open(new DetailView(this, torrent.id, 'Overview'))
  }

  /** The topmost view that is no dialog. */
  #base(): View {
    return this.#views.findLast(({ dialog }) => dialog === undefined) ?? this.#list
  }

  #bodyLines(width: number, body: number): readonly Line[] {
    const base = this.#base()
    const { top } = this
    if (top === base) return this.#viewLines(base, width, body)
    const rows = frameRows(top, width, body)
    const above = body - rows
    const under = above < LEAST_VIEW_ROWS ? [] : this.#viewLines(base, width, above)
    this.#bodyRows = [...this.#bodyRows, [top, rows]]
    return [...under, ...framed(top, width, rows)]
  }

  #viewLines(view: View, width: number, height: number): readonly Line[] {
    this.#bodyRows = [[view, height]]
    const lines = toHeight(view.lines({ width, height }), height)
    return lines.length === height ? lines : [...lines, EMPTY_LINE]
  }

  #hintLine(width: number): Line {
    const { top } = this
    const typing = top.typingHint?.() ?? null
    return typing === null
      ? hintLine(this.keymap, top.hints(), this.#views.length === 1, width)
      : textLine(typing, width, 'dim')
  }

  #onNews(): void {
    const isOffline = this.store.offline !== null
    // What failed because the line was down is no news once it is up.
    if (isOffline !== this.#isOffline) this.#notice = null
    this.#isOffline = isOffline
    const gone = this.#views.find(
      (view) => view instanceof DetailView && !this.store.torrents.has(view.id) && !isOffline,
    )
    if (gone !== undefined) this.close(gone)
    this.redraw()
  }

  #onFinished(torrent: TorrentSummary): void {
    if (this.#notify === 'none') return
    const note = STRINGS.finished(torrent.name)
    this.signal(this.#notify === 'bell' ? BELL : noteSequence(note))
    this.say(note)
  }
}
