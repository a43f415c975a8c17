/** What a change of the settings means for a daemon that runs. */
import type { DaemonSettings } from '../daemon.ts'

/** Those that take hold at once; all others need a restart. */
const LIVE: ReadonlySet<keyof DaemonSettings> = new Set<keyof DaemonSettings>([
  'downloads',
  'downLimit',
  'upLimit',
  'maxActive',
  'maxPeers',
  'maxPeersPerTorrent',
  'connectionsPerAddress',
  'uploadSlots',
  'ratioGoal',
  'seedTimeGoal',
  'idleGoal',
  'altDownLimit',
  'altUpLimit',
  'altSchedule',
  'dht',
  'pex',
  'lsd',
  'utp',
  'webrtc',
  'encryption',
  'portMapping',
  'anonymous',
  'blocklist',
  'blocklistRefresh',
  'logLevel',
  'controlRoots',
  'metricsTorrents',
  'onCompleteRun',
  'onCompleteWebhook',
  'onCompleteTimeout',
  'watch',
  'feeds',
])

export interface SettingChanges {
  readonly live: readonly (keyof DaemonSettings)[]
  readonly needRestart: readonly (keyof DaemonSettings)[]
}

export function settingChanges(before: DaemonSettings, after: DaemonSettings): SettingChanges {
  // The keys of a table are those of the settings made from it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const keys = Object.keys(after) as (keyof DaemonSettings)[]
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  return {
    live: changed.filter((key) => LIVE.has(key)),
    needRestart: changed.filter((key) => !LIVE.has(key)),
  }
}

/** As they are written in the file: `up-limit, max-active`. */
export function namesOf(settings: readonly (keyof DaemonSettings)[]): string {
  const names = settings.map((key) =>
    key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  )
  return names.join(', ')
}

/** What the daemon goes on with: the new where it can be had now, the old elsewhere. */
export function liveSettings(before: DaemonSettings, after: DaemonSettings): DaemonSettings {
  const { live } = settingChanges(before, after)
  return { ...before, ...Object.fromEntries(live.map((key) => [key, after[key]])) }
}
