/** Whether strangers get through to us: where we listen, what others see of us, and what the router does. */
import type { NetworkStatus } from '@pigeon/control/network'
import { formatDateTime } from '@pigeon/control/units'
import { Card, Fact, ProblemLine, State, type Tone } from './network-card.tsx'
import type { NetworkPartProps } from './network-page.tsx'
import { NetworkSwitch } from './network-switch.tsx'
import { strings } from './strings.ts'

const REACH_TONES: { readonly [R in NetworkStatus['reachability']]: Tone } = {
  unknown: 'idle',
  reachable: 'good',
  unreachable: 'bad',
}

const MAPPING_TONES: { readonly [S in NetworkStatus['portMapping']['state']]: Tone } = {
  off: 'idle',
  searching: 'warn',
  mapped: 'good',
  failed: 'bad',
}

export function NetworkReach({ network, onChanged }: NetworkPartProps) {
  const words = strings.network
  const { reachability, portMapping, listening, external } = network
  return (
    <Card title={words.reach} isWide>
      <State tone={REACH_TONES[reachability]}>
        <strong>{words.reachability[reachability]}.</strong> {words.reachabilityText[reachability]}
      </State>
      <div className="net-columns">
        <dl className="facts">
          <Fact label={words.listening}>
            {listening.length === 0 ? words.deaf : <Codes texts={listening} />}
          </Fact>
          <Fact label={words.external}>
            {external.length === 0 ? words.externalNone : <External addresses={external} />}
          </Fact>
          <Fact label={words.lastIncoming}>
            {network.lastIncomingAtMs === null
              ? words.never
              : formatDateTime(network.lastIncomingAtMs)}
          </Fact>
        </dl>
        <NetworkSwitch setting="isPortMappingOn" onChanged={onChanged}>
          <State tone={MAPPING_TONES[portMapping.state]}>
            {words.mappingStates[portMapping.state]}
            {portMapping.method !== null &&
              portMapping.external !== null &&
              ` ${words.mappedBy(METHODS[portMapping.method], portMapping.external)}`}
          </State>
          <ProblemLine problem={portMapping.problem} />
        </NetworkSwitch>
      </div>
    </Card>
  )
}

const METHODS = { upnp: 'UPnP', 'nat-pmp': 'NAT-PMP', pcp: 'PCP' } as const

function Codes({ texts }: { texts: readonly string[] }) {
  return (
    <ul className="net-codes">
      {texts.map((text) => (
        <li key={text}>
          <code>{text}</code>
        </li>
      ))}
    </ul>
  )
}

/** Each address once, with all who said it. */
function External({ addresses }: { addresses: NetworkStatus['external'] }) {
  const voices = new Map<string, string[]>()
  for (const { address, saidBy } of addresses)
    voices.set(address, [...(voices.get(address) ?? []), strings.network.saidBy[saidBy]])
  return (
    <ul className="net-codes">
      {[...voices].map(([address, said]) => (
        <li key={address}>
          <code>{address}</code> <span className="net-soft">{said.join(', ')}</span>
        </li>
      ))}
    </ul>
  )
}
