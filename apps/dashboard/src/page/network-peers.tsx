/** Who is connected, by where they were found and by how they are connected. */
import type { NetworkStatus, PeerSource } from '@pigeon/control/network'
import { formatPercent } from '@pigeon/control/units'
import { Card } from './network-card.tsx'
import { strings } from './strings.ts'

const SOURCES: readonly PeerSource[] = [
  'tracker',
  'dht',
  'pex',
  'lsd',
  'incoming',
  'magnet',
  'user',
]

export function NetworkPeers({ network }: { network: NetworkStatus }) {
  const words = strings.network
  const { peersBySource, peersByTransport, encryptedPeers } = network
  const all = Object.values(peersByTransport).reduce((sum, each) => sum + each, 0)
  return (
    <Card title={words.peers}>
      {all === 0 ? (
        <p className="net-note">{words.peersNone}</p>
      ) : (
        <>
          <Bars
            title={words.bySource}
            all={all}
            rows={SOURCES.filter((source) => peersBySource[source] > 0).map((source) => [
              words.sources[source],
              peersBySource[source],
            ])}
          />
          <Bars
            title={words.byTransport}
            all={all}
            rows={[
              ...(['tcp', 'utp', 'webrtc'] as const).map(
                (transport) => [words.transports[transport], peersByTransport[transport]] as const,
              ),
              [words.encrypted, encryptedPeers],
            ]}
          />
        </>
      )}
    </Card>
  )
}

interface BarsProps {
  readonly title: string
  readonly all: number
  readonly rows: readonly (readonly [name: string, value: number])[]
}

/** The numbers are the content; a bar only shows the same once more, to eyes. */
function Bars({ title, all, rows }: BarsProps) {
  return (
    <>
      <h3 className="net-sub">{title}</h3>
      <ul className="bars">
        {rows.map(([name, value]) => {
          const share = all === 0 ? 0 : value / all
          return (
            <li key={name} className="bar">
              <span className="bar-name">{name}</span>
              <span className="bar-track" aria-hidden="true">
                <span className="bar-fill" style={{ transform: `scaleX(${Math.min(1, share)})` }} />
              </span>
              <span className="bar-value">
                {strings.count(value)}
                <span className="net-soft bar-share">{formatPercent(share)}</span>
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
