/** What of the network can be switched while the node runs, and what stands against it. */
import type { Command, SessionSummary } from '@pigeon/control/contract'

export type SessionChange = Omit<Extract<Command, { do: 'set-session' }>, 'do'>

export interface NetworkSwitch {
  readonly key: SwitchKey
  readonly label: string
  /** What the node has to do without while all goes through a proxy, whatever the switch says. */
  readonly isOffBehindProxy: boolean
  readonly options: readonly string[]
  readonly valueOf: (session: SessionSummary) => string
  /** `null` for what is none of the options. */
  readonly change: (value: string) => SessionChange | null
}

export type SwitchKey =
  | 'isDhtOn'
  | 'isPexOn'
  | 'isLsdOn'
  | 'isUtpOn'
  | 'isWebRtcOn'
  | 'encryption'
  | 'isPortMappingOn'
  | 'isAnonymous'
  | 'isTrackerOn'

const ON_OFF = ['on', 'off'] as const
const POLICIES = ['off', 'prefer', 'require'] as const

function onOff(
  key: Exclude<SwitchKey, 'encryption'>,
  label: string,
  isOffBehindProxy = false,
): NetworkSwitch {
  return {
    key,
    label,
    isOffBehindProxy,
    options: ON_OFF,
    valueOf: (session) => (session[key] ? 'on' : 'off'),
    change: (value) => (value === 'on' || value === 'off' ? { [key]: value === 'on' } : null),
  }
}

/** In the order in which they are shown. */
export const SWITCHES: Readonly<Record<SwitchKey, NetworkSwitch>> = {
  isDhtOn: onOff('isDhtOn', 'DHT', true),
  isPexOn: onOff('isPexOn', 'PEX'),
  isLsdOn: onOff('isLsdOn', 'LSD', true),
  isUtpOn: onOff('isUtpOn', 'µTP', true),
  isWebRtcOn: onOff('isWebRtcOn', 'WebRTC', true),
  encryption: {
    key: 'encryption',
    label: 'Encryption',
    isOffBehindProxy: false,
    options: POLICIES,
    valueOf: ({ encryption }) => encryption,
    change: (value) => {
      const encryption = POLICIES.find((policy) => policy === value)
      return encryption === undefined ? null : { encryption }
    },
  },
  isPortMappingOn: onOff('isPortMappingOn', 'Port mapping', true),
  isAnonymous: onOff('isAnonymous', 'Anonymous'),
  isTrackerOn: onOff('isTrackerOn', 'Own tracker'),
}

/** What a press of its key makes of it. */
export function nextValue(of: NetworkSwitch, session: SessionSummary): string {
  const at = of.options.indexOf(of.valueOf(session))
  return of.options[(at + 1) % of.options.length] ?? ''
}

export function isConfigured(of: NetworkSwitch, session: SessionSummary): boolean {
  return session.configured.includes(of.key)
}

/** It is switched on, and the proxy keeps it off all the same. */
export function isHeldOff(of: NetworkSwitch, session: SessionSummary): boolean {
  return of.isOffBehindProxy && session.isProxied && of.valueOf(session) !== 'off'
}
