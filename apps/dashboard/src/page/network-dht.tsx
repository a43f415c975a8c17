/** The DHT, one table for each family of addresses. */
import type { DhtStatus } from '@pigeon/control/network'
import { formatBytes } from '@pigeon/control/units'
import { Card, Fact, State, type Tone } from './network-card.tsx'
import type { NetworkPartProps } from './network-page.tsx'
import { NetworkSwitch } from './network-switch.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'

const TONES: { readonly [S in DhtStatus['state']]: Tone } = {
  bootstrapping: 'warn',
  ready: 'good',
  lonely: 'bad',
}

export function NetworkDht({ network, onChanged }: NetworkPartProps) {
  const isOn = useStore((state) => state.feed.session?.isDhtOn === true)
  const words = strings.network
  return (
    <Card title={words.dht}>
      <NetworkSwitch setting="isDhtOn" onChanged={onChanged} />
      {network.dht.length === 0 ? (
        <p className="net-note">{isOn ? words.dhtStarting : words.dhtOff}</p>
      ) : (
        network.dht.map((family) => <Family key={family.family} dht={family} />)
      )}
    </Card>
  )
}

function Family({ dht }: { dht: DhtStatus }) {
  const words = strings.network
  return (
    <section className="net-family">
      <h3 className="net-sub">{words.families[dht.family]}</h3>
      <State tone={TONES[dht.state]}>
        {words.dhtStates[dht.state]}
        {dht.state === 'lonely' && ` ${words.dhtLonelyHelp}`}
      </State>
      <dl className="facts">
        <Fact label={words.nodes}>{strings.count(dht.nodes)}</Fact>
        <Fact label={words.nodeId}>
          <code className="net-code">{dht.nodeId}</code>{' '}
          <span className="net-soft">{dht.isVerified ? words.verified : words.unverified}</span>
        </Fact>
        <Fact label={words.stored}>
          {words.storedValue(dht.storedHashes, dht.storedPeers, dht.storedItems)}
        </Fact>
        <Fact label={words.queries}>
          {words.queriesValue(dht.queriesOut, dht.queriesIn, dht.refusedIn)}
        </Fact>
        <Fact label={words.traffic}>
          {words.trafficValue(formatBytes(dht.bytesIn), formatBytes(dht.bytesOut))}
        </Fact>
      </dl>
      {dht.isReadOnly && <p className="net-note">{words.readOnlyNode}</p>}
    </section>
  )
}
