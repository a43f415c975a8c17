/** The other ways by which peers are found and reached, each with its switch. */
import type { NetworkStatus } from '@pigeon/control/network'
import { formatDateTime } from '@pigeon/control/units'
import { Card } from './network-card.tsx'
import type { NetworkPartProps } from './network-page.tsx'
import { EncryptionChoice, NetworkSwitch } from './network-switch.tsx'
import { strings } from './strings.ts'

export function NetworkWays({ network, onChanged }: NetworkPartProps) {
  const words = strings.network
  const { lsd, utp } = network
  return (
    <Card title={words.ways}>
      <NetworkSwitch setting="isPexOn" onChanged={onChanged} />
      <NetworkSwitch setting="isLsdOn" onChanged={onChanged}>
        {lsd.isOn && (
          <p className="net-fact">
            {lsd.lastHeardAtMs === null
              ? words.lsdSilent
              : words.lsdHeard(formatDateTime(lsd.lastHeardAtMs))}
          </p>
        )}
      </NetworkSwitch>
      <NetworkSwitch setting="isUtpOn" onChanged={onChanged}>
        {utp.isOn && <p className="net-fact">{words.utpCount(utp.connections)}</p>}
      </NetworkSwitch>
      <NetworkSwitch setting="isWebRtcOn" onChanged={onChanged}>
        <WebRtc webRtc={network.webRtc} />
      </NetworkSwitch>
      <EncryptionChoice onChanged={onChanged} />
    </Card>
  )
}

function WebRtc({ webRtc }: Pick<NetworkStatus, 'webRtc'>) {
  const words = strings.network
  if (webRtc.state === 'off') return null
  if (webRtc.state === 'ready') return <p className="net-fact">{words.webRtcReady}</p>
  return (
    <p className="configured">
      <strong>{words.webRtcMissing}</strong> <span dir="auto">{webRtc.help}</span>
    </p>
  )
}
