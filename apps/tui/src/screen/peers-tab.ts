/** The peers, ordered by any column. */
import type { PeerDetail } from '@pigeon/control/contract'
import { formatBytes, formatDuration, formatPercent } from '@pigeon/control/units'
import { SOURCE_WORDS, TRANSPORT_WORDS } from '../network/peer-words.ts'
import { cellsOf, fitToCells } from './cells.ts'
import type { DetailTab, Shown } from './detail-view.ts'
import { Form } from './form.ts'
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { RowCursor } from './row-cursor.ts'
import { STRINGS } from './strings.ts'
import type { Host } from './view.ts'
import { WireView } from './wire-view.ts'

interface PeerColumn {
  readonly title: string
  readonly cells: number
  readonly align: 'left' | 'right'
  /** Shown only in terminals at least this wide. */
  readonly fromWidth: number
  readonly text: (peer: PeerDetail) => string
  /** Greater ones come first. */
  readonly order: (one: PeerDetail, other: PeerDetail) => number
}

const rateText = (rate: number): string => (rate === 0 ? '' : formatBytes(rate))
const by =
  (value: (peer: PeerDetail) => number) =>
  (one: PeerDetail, other: PeerDetail): number =>
    value(other) - value(one)
const byText =
  (value: (peer: PeerDetail) => string) =>
  (one: PeerDetail, other: PeerDetail): number =>
    value(one).localeCompare(value(other))

const WORDS = STRINGS.peers
/** Narrower windows have no room for it beside the address. */
const CLIENT_FROM = 76
const LEAST_CLIENT_CELLS = 8

const COLUMNS: readonly PeerColumn[] = [
  {
    title: WORDS.has,
    cells: 6,
    align: 'right',
    fromWidth: 0,
    text: ({ progress }) => formatPercent(progress),
    order: by(({ progress }) => progress),
  },
  {
    title: WORDS.down,
    cells: 8,
    align: 'right',
    fromWidth: 0,
    text: ({ downRate }) => rateText(downRate),
    order: by(({ downRate }) => downRate),
  },
  {
    title: WORDS.up,
    cells: 8,
    align: 'right',
    fromWidth: 50,
    text: ({ upRate }) => rateText(upRate),
    order: by(({ upRate }) => upRate),
  },
  {
    title: WORDS.flags,
    cells: 5,
    align: 'left',
    fromWidth: 60,
    text: flagsOf,
    order: byText(flagsOf),
  },
  {
    title: WORDS.from,
    cells: 8,
    align: 'left',
    fromWidth: 72,
    text: ({ source }) => SOURCE_WORDS[source],
    order: byText(({ source }) => source),
  },
  {
    title: WORDS.via,
    cells: 6,
    align: 'left',
    fromWidth: 72,
    text: ({ transport }) => TRANSPORT_WORDS[transport],
    order: byText(({ transport }) => transport),
  },
  {
    title: WORDS.got,
    cells: 9,
    align: 'right',
    fromWidth: 120,
    text: ({ downloadedBytes }) => formatBytes(downloadedBytes),
    order: by(({ downloadedBytes }) => downloadedBytes),
  },
  {
    title: WORDS.gave,
    cells: 9,
    align: 'right',
    fromWidth: 120,
    text: ({ uploadedBytes }) => formatBytes(uploadedBytes),
    order: by(({ uploadedBytes }) => uploadedBytes),
  },
  {
    title: WORDS.since,
    cells: 9,
    align: 'right',
    fromWidth: 136,
    text: ({ connectedMs }) => formatDuration(connectedMs),
    order: by(({ connectedMs }) => connectedMs),
  },
  {
    title: WORDS.client,
    cells: 22,
    align: 'left',
    fromWidth: CLIENT_FROM,
    text: ({ client }) => (client === '' ? WORDS.unknown : client),
    order: byText(({ client }) => client),
  },
]

export class PeersTab implements DetailTab {
  readonly #host: Host
  readonly #cursor = new RowCursor()
  /** In the order shown. */
  #peers: readonly PeerDetail[] = []
  /** The number of the peer under the cursor: it stays there however the order changes. */
  #chosen: number | null = null
  #sort: PeerColumn | null = COLUMNS[1] ?? null

  constructor(host: Host) {
    this.#host = host
  }

  lines({ detail }: Shown, { width, height }: Size): readonly Line[] {
    const order = this.#sort?.order
    const peers = order === undefined ? detail.peers : detail.peers.toSorted(order)
    this.#peers = peers
    if (peers.length === 0) return [textLine(WORDS.none, width, 'dim')]
    const columns = columnsFor(width)
    const cells = addressCells(peers, columns, width)
    const at = peers.findIndex(({ number }) => number === this.#chosen)
    const index = at < 0 ? this.#cursor.index : at
    const [from, to] = this.#cursor.fit(peers.length, Math.max(1, height - 1), index)
    this.#chosen = peers[this.#cursor.index]?.number ?? null
    const title = (column: PeerColumn): string =>
      column === this.#sort ? `${column.title}↓` : column.title
    return [
      spanLine([span(rowOf(WORDS.peer, columns.map(title), columns, cells), 'dim')], width),
      ...peers.slice(from, to).map((peer, offset) => {
        const isCursor = from + offset === this.#cursor.index
        const texts = columns.map(({ text }) => text(peer))
        const row = rowOf(peer.address, texts, columns, cells, isCursor)
        return spanLine([span(row, peer.isSnubbed ? 'dim' : 'plain')], width, isCursor)
      }),
    ]
  }

  onAction(action: Action, shown: Shown): boolean {
    if (this.#cursor.onAction(action)) this.#choose()
    else if (action === 'sort-peers') this.#turnSort()
    else if (action === 'add-to-tab') this.#add(shown)
    else if (action === 'inspect-peer' || action === 'fold-or-unfold') this.#inspect(shown)
    else return false
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind === 'click' && mouse.row === 0) return this.#turnSort()
    this.#cursor.onMouse({ ...mouse, row: mouse.row - 1 })
    this.#choose()
  }

  hints(): readonly Action[] {
    return ['inspect-peer', 'sort-peers', 'add-to-tab']
  }

  #choose(): void {
    this.#chosen = this.#peers[this.#cursor.index]?.number ?? null
  }

  #inspect({ torrent }: Shown): void {
    const peer = this.#peers[this.#cursor.index]
    if (peer === undefined) return this.#host.say(WORDS.none)
    const client = peer.client === '' ? WORDS.unknown : peer.client
    const title = `${peer.address}, ${client}`
    this.#host.open(new WireView(this.#host, { torrent: torrent.id, peer: peer.number }, title))
  }

  #turnSort(): void {
    const columns = columnsFor(this.#host.size.width)
    const at = this.#sort === null ? -1 : columns.indexOf(this.#sort)
    this.#sort = columns[(at + 1) % columns.length] ?? null
  }

  #add({ torrent }: Shown): void {
    this.#host.open(
      new Form(this.#host, {
        title: WORDS.add,
        fields: [{ kind: 'text', name: 'peer', label: '', initial: '', hint: WORDS.addHint }],
        onSubmit: async (answers) => {
          const peer = answers.text('peer')
          const command = { do: 'add-peer', id: torrent.id, peer } as const
          const result = await this.#host.run(command, STRINGS.done.peer)
          return result.ok ? null : result.problem
        },
      }),
    )
  }
}

/** What each letter means, `STRINGS.help.flags` says. */
function flagsOf(peer: PeerDetail): string {
  return [
    peer.areWeInterested ? (peer.isChokingUs ? 'd' : 'D') : ' ',
    peer.isInterestedInUs ? (peer.isChokedByUs ? 'u' : 'U') : ' ',
    peer.direction === 'incoming' ? 'I' : ' ',
    peer.isSnubbed ? 'S' : ' ',
    peer.isEncrypted ? 'E' : ' ',
  ].join('')
}

function columnsFor(width: number): readonly PeerColumn[] {
  return COLUMNS.filter(({ fromWidth }) => width >= fromWidth)
}

/** As wide as the longest address needs, but the rates stay in sight. */
function addressCells(
  peers: readonly PeerDetail[],
  columns: readonly PeerColumn[],
  width: number,
): number {
  const longest = Math.max(...peers.map(({ address }) => cellsOf(address)))
  const fixed = columns.filter(({ title }) => title !== WORDS.client)
  const taken = fixed.reduce((sum, { cells }) => sum + cells + 1, 1)
  const client = width < CLIENT_FROM ? 0 : LEAST_CLIENT_CELLS
  return Math.min(longest, Math.max(15, width - taken - client))
}

function rowOf(
  address: string,
  texts: readonly string[],
  columns: readonly PeerColumn[],
  addressWidth: number,
  isCursor = false,
): string {
  const cells = columns.map(({ cells: wide, align }, index) =>
    fitToCells(texts[index] ?? '', wide, align),
  )
  const first = `${isCursor ? '▌' : ' '}${fitToCells(address, addressWidth)}`
  return [first, ...cells].join(' ').trimEnd()
}
