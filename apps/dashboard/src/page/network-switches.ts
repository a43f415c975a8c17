/** The switches of a node's network: which there are, and what a proxy turns off. */
import type { Command, SessionSummary } from '@pigeon/control/contract'

export const SWITCHES = [
  'isDhtOn',
  'isPexOn',
  'isLsdOn',
  'isUtpOn',
  'isWebRtcOn',
  'isPortMappingOn',
  'isAnonymous',
  'isTrackerOn',
] as const satisfies readonly (keyof SessionSummary & keyof SessionChange)[]
export type SwitchKey = (typeof SWITCHES)[number]

export const ENCRYPTIONS = ['off', 'prefer', 'require'] as const

type SessionChange = Extract<Command, { do: 'set-session' }>

/** What a proxy cannot carry is off while one is used, whatever its switch says. */
const NOT_BY_PROXY: ReadonlySet<SwitchKey> = new Set([
  'isDhtOn',
  'isLsdOn',
  'isUtpOn',
  'isWebRtcOn',
  'isPortMappingOn',
])

export function isOffByProxy(key: SwitchKey, session: Pick<SessionSummary, 'isProxied'>): boolean {
  return session.isProxied && NOT_BY_PROXY.has(key)
}

export function switchedOffByProxy(): readonly SwitchKey[] {
  return SWITCHES.filter((key) => NOT_BY_PROXY.has(key))
}
