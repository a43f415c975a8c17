/** One peer: as a row of the table, and as a card on a phone. */
import type { PeerDetail } from '@pigeon/control/contract'
import { formatBytes, formatDuration, formatPercent, formatRate } from '@pigeon/control/units'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'

interface PeerProps {
  readonly peer: PeerDetail
  readonly onInspect: () => void
}

interface PeerRowProps extends PeerProps {
  readonly isCurrent: boolean
  readonly onFocus: () => void
}

export function PeerRow({ peer, isCurrent, onFocus, onInspect }: PeerRowProps) {
  return (
    <tr data-peer={peer.number} tabIndex={isCurrent ? 0 : -1} onFocus={onFocus}>
      <th scope="row" className="peer-address">
        {peer.address}
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
      <td className="peer-source">{strings.peers.sources[peer.source]}</td>
      <td className="peer-transport">
        <Transport peer={peer} />
      </td>
      <td className="peer-status">{peerStatus(peer)}</td>
      <td className="peer-wire">
        <InspectButton peer={peer} onInspect={onInspect} isTabStop={isCurrent} />
      </td>
    </tr>
  )
}

export function PeerCard({ peer, onInspect }: PeerProps) {
  return (
    <li
      className="peer-card"
      data-peer={peer.number}
      onKeyDown={(event) => {
        if (event.key !== 'i' || event.ctrlKey || event.metaKey || event.altKey) return
        event.preventDefault()
        onInspect()
      }}
    >
      <p className="peer-card-head">
        <span className="peer-card-address">{peer.address}</span>
        {peer.client !== '' && (
          <span className="peer-card-client" dir="auto">
            {peer.client}
          </span>
        )}
      </p>
      <InspectButton peer={peer} onInspect={onInspect} isTabStop />
      <ul className="peer-card-facts">
        <li>
          {strings.peers.columns.progress} {formatPercent(peer.progress)}
        </li>
        <li>
          <Icon name="down" />
          <span className="hidden-label">{strings.peers.columns.down}</span>{' '}
          {rateOrNone(peer.downRate)}
        </li>
        <li>
          <Icon name="up" />
          <span className="hidden-label">{strings.peers.columns.up}</span> {rateOrNone(peer.upRate)}
        </li>
        <li>{strings.peers.sources[peer.source]}</li>
        <li>
          <Transport peer={peer} />
        </li>
        <li>{formatDuration(peer.connectedMs)}</li>
      </ul>
      <p className="peer-card-status">{peerStatus(peer)}</p>
    </li>
  )
}

function Transport({ peer }: { peer: PeerDetail }) {
  const { encrypted, plain } = strings.peers
  return (
    <span className="transport" title={peer.isEncrypted ? encrypted : plain}>
      {strings.network.transports[peer.transport]}
      {peer.isEncrypted && (
        <>
          <Icon name="lock" />
          <span className="hidden-label">, {encrypted}</span>
        </>
      )}
    </span>
  )
}

interface InspectButtonProps extends PeerProps {
  readonly isTabStop: boolean
}

function InspectButton({ peer, onInspect, isTabStop }: InspectButtonProps) {
  return (
    <IconButton
      icon="wire"
      label={strings.wire.inspectNamed(peer.address)}
      hint={strings.wire.inspect}
      aria-keyshortcuts="i"
      tabIndex={isTabStop ? 0 : -1}
      onClick={onInspect}
    />
  )
}

function rateOrNone(rate: number): string {
  return rate === 0 ? strings.none : formatRate(rate)
}

/** In words, what the flags mean for us and for them. */
function peerStatus(peer: PeerDetail): string {
  const words = strings.peers
  const parts = [
    peer.areWeInterested && (peer.isChokingUs ? words.chokesUs : words.sendsToUs),
    peer.isInterestedInUs && (peer.isChokedByUs ? words.chokedByUs : words.weSend),
    !peer.areWeInterested && !peer.isInterestedInUs && words.idle,
    peer.isSnubbed && words.snubbed,
  ]
  return parts.filter((part) => part !== false).join(', ')
}
