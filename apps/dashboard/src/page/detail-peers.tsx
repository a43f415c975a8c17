/** Who is connected for one torrent, as a table that sorts by any column. */
import type { PeerDetail } from '@pigeon/control/contract'
import { formatBytes, formatDuration, formatPercent, formatRate } from '@pigeon/control/units'
import { type FormEvent, useMemo, useState } from 'react'
import { Icon } from './icons.tsx'
import { FormProblem } from './modal.tsx'
import { nextSort, type PeerKey, type PeerSort, sortPeers } from './peer-sort.ts'
import { run, tell } from './store.ts'
import { strings } from './strings.ts'

interface DetailPeersProps {
  readonly id: string
  readonly peers: readonly PeerDetail[]
}

export function DetailPeers({ id, peers }: DetailPeersProps) {
  const [sort, setSort] = useState<PeerSort>({ key: 'down', isDescending: true })
  const sorted = useMemo(() => sortPeers(peers, sort), [peers, sort])
  const words = strings.peers
  const head = (key: PeerKey, label: string, isNumber = true) => (
    <PeerHead
      label={label}
      isNumber={isNumber}
      order={sort.key === key ? sort : null}
      className={`peer-${key}`}
      onSort={() => setSort(nextSort(sort, key))}
    />
  )
  return (
    <div className="peers-part">
      {peers.length === 0 ? (
        <p className="detail-note">{words.none}</p>
      ) : (
        <table className="table peers" aria-label={words.label}>
          <thead>
            <tr>
              {head('address', words.columns.address, false)}
              {head('client', words.columns.client, false)}
              {head('progress', words.columns.progress)}
              {head('down', words.columns.down)}
              {head('up', words.columns.up)}
              {head('got', words.columnsMore.got)}
              {head('gave', words.columnsMore.gave)}
              {head('time', words.columnsMore.time)}
              <th scope="col" className="peer-status">
                {words.columns.status}
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((peer) => (
              <PeerRow key={`${peer.address} ${peer.direction}`} peer={peer} />
            ))}
          </tbody>
        </table>
      )}
      <AddPeer id={id} />
    </div>
  )
}

interface PeerHeadProps {
  readonly label: string
  readonly isNumber: boolean
  readonly order: PeerSort | null
  readonly className: string
  readonly onSort: () => void
}

function PeerHead({ label, isNumber, order, className, onSort }: PeerHeadProps) {
  const direction = order?.isDescending === true ? 'descending' : 'ascending'
  return (
    <th
      scope="col"
      className={`${className} ${isNumber ? 'number' : ''}`}
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

function PeerRow({ peer }: { peer: PeerDetail }) {
  const rateOrNone = (rate: number): string => (rate === 0 ? strings.none : formatRate(rate))
  return (
    <tr>
      <th scope="row" className="peer-address">
        {peer.address}
        <span className="card-only" dir="auto">
          {peer.client}
        </span>
      </th>
      <td className="peer-client" dir="auto" title={peer.client}>
        {peer.client === '' ? strings.none : peer.client}
      </td>
      <td className="number peer-progress">{formatPercent(peer.progress)}</td>
      <td className="number peer-down">{rateOrNone(peer.downRate)}</td>
      <td className="number peer-up">{rateOrNone(peer.upRate)}</td>
      <td className="number peer-got">{formatBytes(peer.downloadedBytes)}</td>
      <td className="number peer-gave">{formatBytes(peer.uploadedBytes)}</td>
      <td className="number peer-time">{formatDuration(peer.connectedMs)}</td>
      <td className="peer-status">{peerStatus(peer)}</td>
    </tr>
  )
}

/** In words, what the flags mean for us and for them. */
function peerStatus(peer: PeerDetail): string {
  const words = strings.peers
  const parts = [
    peer.areWeInterested && (peer.isChokingUs ? words.chokesUs : words.sendsToUs),
    peer.isInterestedInUs && (peer.isChokedByUs ? words.chokedByUs : words.weSend),
    !peer.areWeInterested && !peer.isInterestedInUs && words.idle,
    peer.isSnubbed && words.snubbed,
    peer.direction === 'incoming' ? words.incoming : words.from(peer.source),
    peer.transport,
  ]
  return parts.filter((part) => part !== false).join(', ')
}

function AddPeer({ id }: { id: string }) {
  const [failure, setFailure] = useState<{ message: string; help?: string } | null>(null)
  const words = strings.peers
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form).get('peer')
    const peer = typeof given === 'string' ? given.trim() : ''
    if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(peer))
      return setFailure({ message: words.addWrong })
    const result = await run({ do: 'add-peer', id, peer })
    if (!result.ok) return setFailure(result.problem)
    setFailure(null)
    form.reset()
    tell('good', words.added)
  }
  return (
    <form
      className="add-peer"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault()
        void submit(event.currentTarget)
      }}
    >
      <label htmlFor="add-peer">{words.add}</label>
      <input
        id="add-peer"
        name="peer"
        className="input"
        placeholder={words.addPlaceholder}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={failure !== null}
      />
      <button type="submit" className="button">
        {words.addSubmit}
      </button>
      {failure !== null && <FormProblem {...failure} />}
    </form>
  )
}
