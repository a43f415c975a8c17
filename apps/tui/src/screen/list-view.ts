/** The list of torrents: status tabs, filter, rows. Only the rows that fit are made. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { FILTER_FIELDS } from '@pigeon/control/filter'
import { wrapToCells } from './cells.ts'
import { columnAt, columnsFor, headerLine, torrentLine } from './columns.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import { EMPTY_LINE, type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { ListModel, STATUS_TABS } from './list-model.ts'
import { openColumnMenu, openSortMenu } from './menus.ts'
import { Scroll } from './scroll.ts'
import { Selection } from './selection.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

const FILTER_WORDS = FILTER_FIELDS.map(({ name }) => name)
/** Tabs above, titles of the columns. */
const HEAD_ROWS = 2

export class ListView implements View {
  readonly places: readonly Place[] = ['list', 'torrents', 'moving', 'everywhere']
  readonly model: ListModel
  readonly selection: Selection
  readonly #host: Host
  readonly #openDetail: (torrent: TorrentSummary) => void
  readonly #scroll = new Scroll()
  /** While the filter is being typed. */
  #editor: LineEditor | null = null

  constructor(host: Host, openDetail: (torrent: TorrentSummary) => void) {
    this.#host = host
    this.#openDetail = openDetail
    this.model = new ListModel(host.store)
    this.model.sort = host.remembered.state.sort
    this.selection = new Selection(() => this.model.rows)
  }

  chosen(): readonly TorrentSummary[] {
    return this.selection.chosen()
  }

  lines({ width, height }: Size): readonly Line[] {
    const filter = this.#filterLines(width)
    const room = Math.max(0, height - HEAD_ROWS - filter.length)
    const { rows } = this.model
    const body = rows.length === 0 ? this.#emptyLines(width, room) : this.#rowLines(width, room)
    const columns = columnsFor(width, this.#host.remembered.state.columns)
    return [
      this.#tabsLine(width),
      headerLine(columns, width, this.model.sort),
      ...body,
      ...Array.from({ length: Math.max(0, room - body.length) }, () => EMPTY_LINE),
      ...filter,
    ]
  }

  onKey(key: KeyPress): boolean {
    if (this.#editor !== null) return this.#onFilterKey(this.#editor, key)
    const tab = /^[1-6]$/.test(key.name) ? STATUS_TABS[Number(key.name) - 1] : undefined
    if (tab !== undefined) {
      this.model.tab = tab
      return true
    }
    return key.name === 'Esc' && this.#clear()
  }

  onAction(action: Action): boolean {
    if (this.#scroll.onAction(action, this.selection.index, (to) => this.selection.moveTo(to)))
      return true
    switch (action) {
      case 'open':
        return this.#open()
      case 'filter':
        this.#editor = new LineEditor(this.model.filterText)
        return true
      case 'sort':
        openSortMenu(this.#host, this.model)
        return true
      case 'columns':
        openColumnMenu(this.#host)
        return true
      case 'select':
        this.selection.toggle()
        return true
      case 'select-range':
        this.selection.toggleRange()
        return true
      case 'select-all':
        this.selection.toggleAll()
        return true
      case 'next-status':
        return this.#turnTab(1)
      case 'previous-status':
        return this.#turnTab(-1)
      default:
        return false
    }
  }

  onPaste(text: string): boolean {
    if (this.#editor === null) return false
    this.#editor.paste(text)
    this.model.filterText = this.#editor.text
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind === 'wheel-up') this.selection.moveTo(this.selection.index - 3)
    else if (mouse.kind === 'wheel-down') this.selection.moveTo(this.selection.index + 3)
    else if (mouse.row === 0) this.#clickTab(mouse.column)
    else if (mouse.row >= HEAD_ROWS) this.#clickRow(this.#scroll.first + mouse.row - HEAD_ROWS)
    else this.#clickHeader(mouse.column)
  }

  hints(): readonly Action[] {
    if (this.selection.count > 0) return SELECTION_HINTS
    return this.model.rows.length === 0 ? EMPTY_HINTS : HINTS
  }

  typingHint(): string | null {
    return this.#editor === null ? null : STRINGS.filterHelp
  }

  #rowLines(width: number, room: number): readonly Line[] {
    const { rows } = this.model
    const { index } = this.selection
    const first = this.#scroll.fit(index, rows.length, room)
    const columns = columnsFor(width, this.#host.remembered.state.columns)
    return rows.slice(first, first + room).map((torrent, offset) =>
      torrentLine(torrent, columns, width, {
        isCursor: first + offset === index,
        isSelected: this.selection.has(first + offset),
      }),
    )
  }

  #emptyLines(width: number, room: number): readonly Line[] {
    const { store } = this.#host
    const text =
      store.session === null
        ? STRINGS.connecting
        : store.torrents.size === 0
          ? STRINGS.nothingHere
          : this.model.isFiltered
            ? STRINGS.nothingMatches
            : STRINGS.nothingInTab
    const key = (action: Action): string => this.#host.keymap.keysOf(action)[0] ?? ''
    const isEmpty = store.session !== null && store.torrents.size === 0
    const help = isEmpty ? STRINGS.emptyHint(key('add'), key('share')) : ''
    const lines = [
      textLine(centred(text, width), width, 'title'),
      ...wrapToCells(help, width - 4, 3).map((line) => textLine(centred(line, width), width)),
    ]
    const above = Math.max(0, Math.floor((room - lines.length) / 2))
    return [...Array.from({ length: above }, () => EMPTY_LINE), ...lines].slice(0, room)
  }

  #tabsLine(width: number): Line {
    return spanLine(
      this.#tabSpans().flatMap(({ text, isOpen }) => [span(text, isOpen ? 'chosen' : 'dim')]),
      width,
    )
  }

  #tabSpans(): readonly { readonly text: string; readonly isOpen: boolean }[] {
    return STATUS_TABS.map((tab, index) => ({
      text: ` ${index + 1} ${STRINGS.tabs[tab]} ${this.model.counts[tab]} `,
      isOpen: tab === this.model.tab,
    }))
  }

  #filterLines(width: number): readonly Line[] {
    const { fault, filterText, counts } = this.model
    if (this.#editor === null) {
      if (filterText === '') return []
      const count = STRINGS.matching(counts.all, this.#host.store.torrents.size)
      return [spanLine([span(`${STRINGS.filterPrompt}${filterText}  `), span(count, 'dim')], width)]
    }
    const input = spanLine(
      [span(STRINGS.filterPrompt, 'key'), ...this.#editor.spans(width - 1, true)],
      width,
    )
    if (fault === null) {
      const count = STRINGS.matching(counts.all, this.#host.store.torrents.size)
      return [textLine(count, width, 'dim'), input]
    }
    // Somebody who is still typing made no mistake.
    if (fault.at >= filterText.trimEnd().length)
      return [textLine(fault.problem.help, width, 'dim'), input]
    const pointer = span(`${' '.repeat(Math.min(fault.at + 1, width - 2))}^`, 'bad')
    const words = `${fault.problem.message} ${fault.problem.help}`
    return [textLine(words, width, 'bad'), input, spanLine([pointer], width)]
  }

  #onFilterKey(editor: LineEditor, key: KeyPress): boolean {
    if (key.name === 'Enter' && this.model.fault === null) this.#editor = null
    else if (key.name === 'Esc') {
      this.#editor = null
      this.model.filterText = ''
    } else if (key.name === 'Up' || key.name === 'Down') {
      this.selection.moveTo(this.selection.index + (key.name === 'Up' ? -1 : 1))
    } else if (key.name === 'Tab') {
      editor.completeWord(FILTER_WORDS)
      this.model.filterText = editor.text
    } else if (editor.onKey(key)) this.model.filterText = editor.text
    else return key.name === 'Enter'
    return true
  }

  #clear(): boolean {
    if (this.selection.clear()) return true
    if (this.model.filterText === '') return false
    this.model.filterText = ''
    return true
  }

  #open(): boolean {
    const torrent = this.selection.current
    if (torrent !== undefined) this.#openDetail(torrent)
    return true
  }

  #turnTab(by: number): boolean {
    const at = STATUS_TABS.indexOf(this.model.tab)
    this.model.tab = STATUS_TABS[(at + by + STATUS_TABS.length) % STATUS_TABS.length] ?? 'all'
    return true
  }

  #clickTab(column: number): void {
    let end = 0
    this.#tabSpans().some(({ text }, index) => {
      end += text.length
      if (column < end) this.model.tab = STATUS_TABS[index] ?? 'all'
      return column < end
    })
  }

  /** The first click puts the cursor there, the next one opens it. */
  #clickRow(index: number): void {
    if (index >= this.model.rows.length) return
    if (index === this.selection.index) this.#open()
    else this.selection.moveTo(index)
  }

  #clickHeader(cell: number): void {
    const width = this.#host.size.width
    const column = columnAt(columnsFor(width, this.#host.remembered.state.columns), width, cell)
    const key = column === 'name' ? 'name' : column.sortKey
    if (key === null) return
    this.model.sort = this.model.sort === key ? `-${key}` : key
    this.#host.remembered.change({ sort: this.model.sort })
  }
}

const HINTS: readonly Action[] = [
  ...(['open', 'add', 'pause', 'remove', 'filter', 'sort', 'select', 'command'] as const),
  ...(['limits', 'category', 'network', 'move', 'recheck', 'alternative-limits'] as const),
  ...(['share', 'columns'] as const),
]
const SELECTION_HINTS: readonly Action[] = [
  ...(['pause', 'remove', 'category', 'tags', 'limits', 'move', 'recheck'] as const),
  ...(['select-range', 'select-all'] as const),
]
const EMPTY_HINTS: readonly Action[] = ['add', 'share', 'session-limits', 'network', 'command']

function centred(text: string, width: number): string {
  return `${' '.repeat(Math.max(0, Math.floor((width - text.length) / 2)))}${text}`
}
