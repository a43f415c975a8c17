/** What hides us, and what keeps others away. */
import type { BlocklistStatus, NetworkStatus } from '@pigeon/control/network'
import { formatDateTime } from '@pigeon/control/units'
import { Card, ProblemLine, State } from './network-card.tsx'
import type { NetworkPartProps } from './network-page.tsx'
import { NetworkSwitch } from './network-switch.tsx'
import { switchedOffByProxy } from './network-switches.ts'
import { strings } from './strings.ts'

export function NetworkPrivacy({ network, onChanged }: NetworkPartProps) {
  const words = strings.network
  return (
    <Card title={words.privacy}>
      <NetworkSwitch setting="isAnonymous" onChanged={onChanged} />
      <h3 className="net-sub">{words.proxy}</h3>
      <Proxy proxy={network.proxy} />
      <h3 className="net-sub">{words.blocklist}</h3>
      <Blocklist blocklist={network.blocklist} />
    </Card>
  )
}

function Proxy({ proxy }: Pick<NetworkStatus, 'proxy'>) {
  const words = strings.network
  if (proxy === null) return <p className="net-note">{words.proxyNone}</p>
  const off = switchedOffByProxy().map((key) => words.switches[key].label)
  return (
    <>
      <State tone={proxy.problem === null ? 'good' : 'bad'}>
        <code className="net-code">{proxy.address}</code>
      </State>
      <ProblemLine problem={proxy.problem} />
      <p className="net-note">{words.proxyOff(off.join(', '))}</p>
    </>
  )
}

function Blocklist({ blocklist }: { blocklist: BlocklistStatus | null }) {
  const words = strings.network
  if (blocklist === null) return <p className="net-note">{words.blocklistNone}</p>
  const { source, ranges, blocked, loadedAtMs, problem } = blocklist
  return (
    <>
      <p className="net-fact">
        <code className="net-code">{source}</code>
      </p>
      <p className="net-fact">
        {words.blocklistValue(ranges, blocked)}
        {loadedAtMs !== null && (
          <span className="net-soft"> {words.blocklistLoaded(formatDateTime(loadedAtMs))}</span>
        )}
      </p>
      <ProblemLine problem={problem} />
    </>
  )
}
