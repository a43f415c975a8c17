/** Who is connected for one torrent: a table that sorts by any column, or cards where there is no room for one. */
import type { PeerDetail } from '@pigeon/control/contract'
import { ContextMenu } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react'
import { AddPeer } from './add-peer.tsx'
import { copyText } from './hand-over.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { navigate } from './navigation.ts'
import { overlayPlace } from './overlay-place.ts'
import { PeerCard, PeerRow } from './peer-row.tsx'
import { nextSort, PEER_KEYS, type PeerKey, type PeerSort, sortPeers } from './peer-sort.ts'
import { strings } from './strings.ts'
import { useAreDetailsSlim } from './use-media.ts'

interface DetailPeersProps {
  readonly id: string
  readonly peers: readonly PeerDetail[]
}

export function DetailPeers({ id, peers }: DetailPeersProps) {
  const [sort, setSort] = useState<PeerSort>({ key: 'down', isDescending: true })
  const sorted = useMemo(() => sortPeers(peers, sort), [peers, sort])
  const isSlim = useAreDetailsSlim()
  const parts = { sorted, sort, onSort: setSort, onInspect: inspector(id) }
  return (
    <div className="peers-part">
      {peers.length === 0 && <p className="detail-note">{strings.peers.none}</p>}
      {peers.length > 0 && (
        <PeerMenu peers={sorted} onInspect={parts.onInspect}>
          {isSlim ? <PeerCards {...parts} /> : <PeerTable {...parts} />}
        </PeerMenu>
      )}
      <AddPeer id={id} />
    </div>
  )
}

function inspector(id: string) {
  return (peer: PeerDetail): void => navigate({ view: 'wire', id, peer: peer.number })
}

interface PeerListProps {
  readonly sorted: readonly PeerDetail[]
  readonly sort: PeerSort
  readonly onSort: (sort: PeerSort) => void
  readonly onInspect: (peer: PeerDetail) => void
}

function PeerTable({ sorted, sort, onSort, onInspect }: PeerListProps) {
  const rows = usePeerKeys(sorted, onInspect)
  const names = columnNames()
  const words = strings.peers
  const hintId = useId()
  return (
    <>
      <table className="table peers" aria-label={words.label} aria-describedby={hintId}>
        <thead>
          <tr>
            {PEER_KEYS.map((key) => (
              <PeerHead
                key={key}
                label={names[key]}
                column={key}
                order={sort.key === key ? sort : null}
                onSort={() => onSort(nextSort(sort, key))}
              />
            ))}
            <th scope="col" className="peer-status">
              {words.columns.status}
            </th>
            <th scope="col" className="peer-wire">
              <span className="hidden-label">{words.columnsMore.wire}</span>
            </th>
          </tr>
        </thead>
        <tbody ref={rows.body} onKeyDown={rows.onKeyDown}>
          {sorted.map((peer) => (
            <PeerRow
              key={peer.number}
              peer={peer}
              isCurrent={peer.number === rows.current}
              onFocus={() => rows.setAt(peer.number)}
              onInspect={() => onInspect(peer)}
            />
          ))}
        </tbody>
      </table>
      <p id={hintId} hidden>
        {words.hint}
      </p>
    </>
  )
}

/** One row is reached by the Tab key, the others by arrows; `i` and Enter open the wire of the row. */
function usePeerKeys(sorted: readonly PeerDetail[], onInspect: (peer: PeerDetail) => void) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [at, setAt] = useState<number | null>(null)
  const found = sorted.findIndex(({ number }) => number === at)
  const index = Math.max(0, found)
  const onKeyDown = (event: KeyboardEvent): void => {
    const isRow = event.target instanceof HTMLTableRowElement
    if (!isRow || event.ctrlKey || event.metaKey || event.altKey) return
    const next = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const peer = sorted[index]
    if (next !== undefined)
      body.current?.rows[Math.max(0, Math.min(index + next, sorted.length - 1))]?.focus()
    else if ((event.key === 'i' || event.key === 'Enter') && peer !== undefined) onInspect(peer)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return { body, onKeyDown, setAt, current: sorted[index]?.number ?? null }
}

interface PeerHeadProps {
  readonly label: string
  readonly column: PeerKey
  readonly order: PeerSort | null
  readonly onSort: () => void
}

const TEXT_COLUMNS: ReadonlySet<PeerKey> = new Set(['address', 'client', 'source', 'transport'])

function PeerHead({ label, column, order, onSort }: PeerHeadProps) {
  const direction = order?.isDescending === true ? 'descending' : 'ascending'
  return (
    <th
      scope="col"
      className={`peer-${column} ${TEXT_COLUMNS.has(column) ? '' : 'number'}`}
      aria-sort={order === null ? 'none' : direction}
    >
      <button
        type="button"
        className="sort-button"
        title={strings.peers.sortBy(label)}
        onClick={onSort}
      >
        {label}
        {order !== null && (
          <Icon name={order.isDescending ? 'down' : 'up'} className="sort-arrow" />
        )}
      </button>
    </th>
  )
}

function PeerCards({ sorted, sort, onSort, onInspect }: PeerListProps) {
  const id = useId()
  const names = columnNames()
  const words = strings.list
  return (
    <>
      <div className="peer-sort">
        <label htmlFor={id}>{words.sort}</label>
        <select
          id={id}
          className="select"
          value={sort.key}
          onChange={(event) => {
            const key = PEER_KEYS.find((each) => each === event.target.value)
            if (key !== undefined) onSort(nextSort(sort, key))
          }}
        >
          {PEER_KEYS.map((key) => (
            <option key={key} value={key}>
              {names[key]}
            </option>
          ))}
        </select>
        <IconButton
          icon={sort.isDescending ? 'down' : 'up'}
          label={sort.isDescending ? words.descending : words.ascending}
          onClick={() => onSort({ ...sort, isDescending: !sort.isDescending })}
        />
      </div>
      <ul className="peer-cards" aria-label={strings.peers.label}>
        {sorted.map((peer) => (
          <PeerCard key={peer.number} peer={peer} onInspect={() => onInspect(peer)} />
        ))}
      </ul>
    </>
  )
}

function columnNames(): Readonly<Record<PeerKey, string>> {
  const { columns, columnsMore } = strings.peers
  return { ...columns, ...columnsMore }
}

interface PeerMenuProps {
  readonly peers: readonly PeerDetail[]
  readonly onInspect: (peer: PeerDetail) => void
  readonly children: ReactNode
}

/** By a right click, a long touch, or the menu key: of the row where it was asked for. */
function PeerMenu({ peers, onInspect, children }: PeerMenuProps) {
  const [number, setNumber] = useState<number | null>(null)
  const peer = peers.find((each) => each.number === number)
  const words = strings.wire
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>
        <div
          onContextMenuCapture={(event) => {
            const row = event.target instanceof Element ? event.target.closest('[data-peer]') : null
            setNumber(row === null ? null : Number(row.getAttribute('data-peer')))
            // Beside the rows, the browser's own menu.
            if (row === null) event.stopPropagation()
          }}
        >
          {children}
        </div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal container={overlayPlace()}>
        <ContextMenu.Content className="menu" collisionPadding={8}>
          {peer !== undefined && (
            <>
              <ContextMenu.Item className="menu-item" onSelect={() => onInspect(peer)}>
                <span className="menu-icon">
                  <Icon name="wire" />
                </span>
                {words.inspect}
              </ContextMenu.Item>
              <ContextMenu.Item className="menu-item" onSelect={() => void copyText(peer.address)}>
                <span className="menu-icon">
                  <Icon name="copy" />
                </span>
                {words.copyAddress}
              </ContextMenu.Item>
            </>
          )}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}
