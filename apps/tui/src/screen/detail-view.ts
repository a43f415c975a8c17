/** One torrent, whole: asked for again each second while it is open. */
import type { TorrentDetail, TorrentSummary } from '@pigeon/control/contract'
import { fitToCells } from './cells.ts'
import { FilesTab } from './files-tab.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { LogTab } from './log-tab.ts'
import { HISTORY_POINTS, type RatePoint } from './node-store.ts'
import { OverviewTab } from './overview-tab.ts'
import { PeersTab } from './peers-tab.ts'
import { PiecesTab } from './pieces-tab.ts'
import { nameOf } from './run-on.ts'
import { STRINGS } from './strings.ts'
import { TrackersTab } from './trackers-tab.ts'
import type { Host, View } from './view.ts'

const POLL_MS = 1_000
/** The name and the tabs. */
const HEAD_ROWS = 2

export const DETAIL_TABS = STRINGS.detailTabs
export type DetailTabName = (typeof DETAIL_TABS)[number]

/** What a tab is told of its torrent. */
export interface Shown {
  readonly detail: TorrentDetail
  readonly torrent: TorrentSummary
  /** One a second, since it was opened. */
  readonly rates: readonly RatePoint[]
}

export interface DetailTab {
  lines(shown: Shown, size: Size): readonly Line[]
  /** Answers whether it did something. */
  onAction(action: Action, shown: Shown): boolean
  onKey?(key: KeyPress, shown: Shown): boolean
  onMouse(mouse: MousePress, shown: Shown): void
  hints(): readonly Action[]
}

export class DetailView implements View {
  readonly places: readonly Place[] = ['detail', 'torrents', 'moving', 'everywhere']
  readonly id: string
  readonly #host: Host
  readonly #tabs: Readonly<Record<DetailTabName, DetailTab>>
  readonly #rates: RatePoint[] = []
  readonly #timer: NodeJS.Timeout
  #tab: DetailTabName
  #detail: TorrentDetail | null = null
  #isClosed = false

  constructor(host: Host, id: string, tab: DetailTabName) {
    this.#host = host
    this.id = id
    this.#tab = tab
    this.#tabs = {
      Overview: new OverviewTab(),
      Files: new FilesTab(host),
      Peers: new PeersTab(host),
      Trackers: new TrackersTab(host),
      Pieces: new PiecesTab(),
      Log: new LogTab(),
    }
    this.#ask()
    this.#timer = setInterval(() => this.#ask(), POLL_MS)
  }

  chosen(): readonly TorrentSummary[] {
    const torrent = this.#torrent
    return torrent === undefined ? [] : [torrent]
  }

  lines({ width, height }: Size): readonly Line[] {
    const torrent = this.#torrent
    const name = torrent === undefined ? '' : nameOf(torrent)
    const room = Math.max(1, height - HEAD_ROWS)
    const shown = this.#shown
    return [
      spanLine([span(fitToCells(name, width), 'title')], width),
      this.#tabsLine(width),
      ...(shown === null
        ? [textLine(STRINGS.asking, width)]
        : this.#current.lines(shown, { width, height: room })),
    ]
  }

  onKey(key: KeyPress): boolean {
    const tab = /^[1-6]$/.test(key.name) ? DETAIL_TABS[Number(key.name) - 1] : undefined
    if (tab !== undefined) this.#tab = tab
    else if (key.name === 'Esc') this.#host.close(this)
    else return this.#shown !== null && (this.#current.onKey?.(key, this.#shown) ?? false)
    return true
  }

  onAction(action: Action): boolean {
    if (action === 'next-tab') this.#turn(1)
    else if (action === 'previous-tab') this.#turn(-1)
    else if (action === 'files') this.#tab = 'Files'
    else return this.#shown !== null && this.#current.onAction(action, this.#shown)
    return true
  }

  onPaste(): boolean {
    return false
  }

  onMouse(mouse: MousePress): void {
    if (mouse.row === 1 && mouse.kind === 'click') this.#clickTab(mouse.column)
    else if (this.#shown !== null)
      this.#current.onMouse({ ...mouse, row: mouse.row - HEAD_ROWS }, this.#shown)
  }

  hints(): readonly Action[] {
    return [...this.#current.hints(), 'next-tab', 'pause', 'remove', 'limits', 'recheck', 'command']
  }

  onClose(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  get #torrent(): TorrentSummary | undefined {
    return this.#host.store.torrents.get(this.id)
  }

  get #shown(): Shown | null {
    const torrent = this.#torrent
    if (this.#detail === null || torrent === undefined) return null
    return { detail: this.#detail, torrent, rates: this.#rates }
  }

  get #current(): DetailTab {
    return this.#tabs[this.#tab]
  }

  #turn(by: number): void {
    const at = DETAIL_TABS.indexOf(this.#tab)
    this.#tab = DETAIL_TABS[(at + by + DETAIL_TABS.length) % DETAIL_TABS.length] ?? 'Overview'
  }

  #tabTexts(): readonly string[] {
    return DETAIL_TABS.map((name, index) => ` ${index + 1} ${name} `)
  }

  #tabsLine(width: number): Line {
    const texts = this.#tabTexts()
    return spanLine(
      DETAIL_TABS.map((name, index) =>
        span(texts[index] ?? '', name === this.#tab ? 'chosen' : 'dim'),
      ),
      width,
    )
  }

  #clickTab(column: number): void {
    let end = 0
    for (const [index, text] of this.#tabTexts().entries()) {
      end += text.length
      if (column >= end) continue
      this.#tab = DETAIL_TABS[index] ?? 'Overview'
      return
    }
  }

  #ask(): void {
    const torrent = this.#torrent
    if (torrent !== undefined) {
      this.#rates.push({ down: torrent.downRate, up: torrent.upRate })
      if (this.#rates.length > HISTORY_POINTS) this.#rates.shift()
    }
    void this.#host.control.detail(this.id).then((found) => {
      // Without an answer (the line is down) the last one stays.
      if (this.#isClosed || found === null) return
      this.#detail = found
      this.#host.redraw()
    })
  }
}
