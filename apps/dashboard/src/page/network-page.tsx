/** How the node finds and reaches peers, what stands in the way, and the switches for all of it. */
import type { NetworkStatus } from '@pigeon/control/network'
import { DhtTool } from './dht-tool.tsx'
import { NetworkDht } from './network-dht.tsx'
import { NetworkPeers } from './network-peers.tsx'
import { NetworkPrivacy } from './network-privacy.tsx'
import { NetworkReach } from './network-reach.tsx'
import { ReadOnlyNote } from './network-switch.tsx'
import { NetworkServer, NetworkTrackers } from './network-trackers.tsx'
import { NetworkWays } from './network-ways.tsx'
import { ListOrAway } from './away-card.tsx'
import { PageHead } from './page-head.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { type NetworkState, useNetwork } from './use-network.ts'
import './styles/network.css'

export function NetworkPage() {
  const state = useNetwork()
  return (
    <div className="page">
      <PageHead title={strings.network.title} />
      <div className="page-body net-body">
        <ListOrAway>
          <Content {...state} />
        </ListOrAway>
      </div>
    </div>
  )
}

/** Parts get what they show and are told nothing else; what they change is asked for at once. */
export interface NetworkPartProps {
  readonly network: NetworkStatus
  readonly onChanged: () => void
}

function Content({ network, problem, refresh }: NetworkState) {
  const isStale = useStore((state) => state.link === 'offline' || state.feed.nodeProblem !== null)
  const words = strings.network
  const part = network === null ? null : { network, onChanged: refresh }
  return (
    <div className="net" data-stale={isStale}>
      {problem !== null && (
        <p className="form-problem net-wide" role="alert">
          <strong>{words.failed}</strong> {problem.message} {problem.help}{' '}
          {network !== null && words.stale}
        </p>
      )}
      {part === null ? (
        problem === null && (
          <p className="net-wide net-note" role="status">
            {words.loading}
          </p>
        )
      ) : (
        <>
          <div className="net-wide net-read-only">
            <ReadOnlyNote />
          </div>
          <NetworkReach {...part} />
          <div className="net-column">
            <NetworkPeers network={part.network} />
            <NetworkWays {...part} />
            <NetworkPrivacy {...part} />
          </div>
          <div className="net-column">
            <NetworkDht {...part} />
            <DhtTool />
            <NetworkTrackers hosts={part.network.trackers} />
            <NetworkServer {...part} />
          </div>
        </>
      )}
    </div>
  )
}
