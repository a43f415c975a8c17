/** `app/preferences`, as far as its settings have a counterpart here, and the way back. */
import { defined } from '../compat/defined.ts'
import type { Command, Schedule, SessionSummary } from '../contract.ts'
import { WEEKDAYS } from '../contract.ts'
import {
  BAD_REQUEST,
  type Call,
  conflict,
  DONE,
  type JsonObject,
  json,
  reads,
  type Reply,
  replyTo,
  writes,
} from './call.ts'

const MS_PER_MINUTE = 60_000

export const preferences = reads((call) => json(preferencesOf(call)))

function preferencesOf({ session }: Call): JsonObject {
  return {
    ...goalsOf(session),
    ...limitsOf(session),
    ...scheduleOf(session.alternative.schedule),
    ...ABSENT,
    ...networkOf(session),
    listen_port: Number(/:(\d+)$/.exec(session.listening ?? '')?.[1] ?? 0),
    queueing_enabled: true,
    save_path: session.defaultFolder,
  }
}

function goalsOf({ ratioGoal, seedMsGoal, idleMsGoal }: SessionSummary): JsonObject {
  const minutes = (ms: number | null): number => (ms === null ? -1 : Math.round(ms / MS_PER_MINUTE))
  return {
    max_inactive_seeding_time: minutes(idleMsGoal),
    max_inactive_seeding_time_enabled: idleMsGoal !== null,
    max_ratio: ratioGoal ?? -1,
    // Torrents are paused at their goal, and never removed.
    max_ratio_act: 0,
    max_ratio_enabled: ratioGoal !== null,
    max_seeding_time: minutes(seedMsGoal),
    max_seeding_time_enabled: seedMsGoal !== null,
  }
}

function limitsOf(session: SessionSummary): JsonObject {
  return {
    alt_dl_limit: session.alternative.down ?? 0,
    alt_up_limit: session.alternative.up ?? 0,
    dl_limit: session.downLimit ?? 0,
    max_active_downloads: session.maxActive,
    max_active_torrents: session.maxActive,
    max_active_uploads: session.maxActive,
    max_connec: session.maxPeers,
    max_connec_per_torrent: session.maxPeersPerTorrent,
    max_uploads: -1,
    max_uploads_per_torrent: session.uploadSlots,
    up_limit: session.upLimit ?? 0,
  }
}

const ENCRYPTION = ['prefer', 'require', 'off'] as const

function networkOf(session: SessionSummary): JsonObject {
  return {
    anonymous_mode: session.isAnonymous,
    // 0 is TCP and uTP, 1 TCP alone.
    bittorrent_protocol: session.isUtpOn ? 0 : 1,
    dht: session.isDhtOn,
    enable_embedded_tracker: session.isTrackerOn,
    encryption: ENCRYPTION.indexOf(session.encryption),
    lsd: session.isLsdOn,
    pex: session.isPexOn,
    // 0 is none, 2 SOCKS5.
    proxy_type: session.isProxied ? 2 : 0,
    upnp: session.isPortMappingOn,
  }
}

/** `scheduler_days`: every day, weekdays, weekends, then each day by itself. */
const DAYS: readonly Schedule['days'][] = [
  [...WEEKDAYS],
  WEEKDAYS.slice(0, 5),
  WEEKDAYS.slice(5),
  ...WEEKDAYS.map((day) => [day]),
]

function scheduleOf(schedule: Schedule | null): JsonObject {
  const { fromMinute = 480, toMinute = 1200, days = [...WEEKDAYS] } = schedule ?? {}
  const number = DAYS.findIndex(
    (each) => each.length === days.length && each.every((day) => days.includes(day)),
  )
  return {
    schedule_from_hour: Math.floor(fromMinute / 60),
    schedule_from_min: fromMinute % 60,
    schedule_to_hour: Math.floor(toMinute / 60),
    schedule_to_min: toMinute % 60,
    // Other choices of days have no number there: that of every day stands for them.
    scheduler_days: Math.max(0, number),
    scheduler_enabled: schedule !== null,
  }
}

/** What qBittorrent has and this node does not. */
const ABSENT: JsonObject = {
  add_trackers: '',
  add_trackers_enabled: false,
  auto_tmm_enabled: false,
  autorun_enabled: false,
  autorun_program: '',
  create_subfolder_enabled: true,
  export_dir: '',
  incomplete_files_ext: false,
  ip_filter_enabled: false,
  locale: 'en',
  preallocate_all: false,
  random_port: false,
  refresh_interval: 1500,
  rss_auto_downloading_enabled: false,
  rss_processing_enabled: false,
  start_paused_enabled: false,
  temp_path: '',
  temp_path_enabled: false,
  torrent_content_layout: 'Original',
  torrent_stop_condition: 'None',
  web_ui_session_timeout: 3600,
}

type SessionCommand = Extract<Command, { do: 'set-session' }>
type Asked = Readonly<{ [key: string]: unknown }>

const SETTABLE: ReadonlySet<string> = new Set([
  ...['alt_dl_limit', 'alt_up_limit', 'dl_limit', 'up_limit', 'max_active_torrents', 'max_connec'],
  ...['max_connec_per_torrent', 'max_inactive_seeding_time', 'max_inactive_seeding_time_enabled'],
  ...[
    'max_ratio',
    'max_ratio_enabled',
    'max_seeding_time',
    'max_seeding_time_enabled',
    'save_path',
  ],
  ...['schedule_from_hour', 'schedule_from_min', 'schedule_to_hour', 'schedule_to_min'],
  ...['scheduler_days', 'scheduler_enabled', 'max_uploads_per_torrent'],
  ...['anonymous_mode', 'bittorrent_protocol', 'dht', 'enable_embedded_tracker', 'encryption'],
  ...['lsd', 'pex', 'upnp'],
])

export const setPreferences = writes(async (call) => {
  const asked = parse(call.params.text('json') ?? '')
  if (asked === null) return BAD_REQUEST
  const reported = preferencesOf(call)
  const changed = Object.fromEntries(
    Object.entries(asked).filter(([key, value]) => value !== reported[key]),
  )
  const command = commandOf(changed, reported)
  if (command === null) return BAD_REQUEST
  const reply: Reply =
    Object.keys(command).length === 1 ? DONE : replyTo(await call.world.list.run(command))
  const unable = Object.keys(changed).filter((key) => !SETTABLE.has(key))
  if (reply.status !== 200 || unable.length === 0) return reply
  return conflict(`Not changed, for it cannot be set here: ${unable.slice(0, 20).join(', ')}`)
})

/** `null` when a value is not of its kind. */
function commandOf(changed: Asked, reported: JsonObject): SessionCommand | null {
  let isRight = true
  const number = (key: string): number | undefined => {
    const value = changed[key]
    if (value === undefined || typeof value === 'number') return value
    isRight = false
    return undefined
  }
  const flag = (key: string): boolean | undefined => {
    const value = changed[key]
    if (value === undefined || typeof value === 'boolean') return value
    isRight = false
    return undefined
  }
  const chosen = <T>(key: string, choices: readonly T[]): T | undefined => {
    const value = number(key)
    const choice = value === undefined ? undefined : choices[value]
    if (value !== undefined && choice === undefined) isRight = false
    return choice
  }
  const rate = (key: string): number | null | undefined => {
    const value = number(key)
    return value === undefined ? undefined : value > 0 ? Math.floor(value) : null
  }
  const goal = (key: string, unit: number): number | null | undefined => {
    const value = number(key)
    const isOn = changed[`${key}_enabled`]
    if (isOn === false) return null
    if (value === undefined) return undefined
    return value < 0 ? null : value * unit
  }
  const folder = changed['save_path']
  if (folder !== undefined && (typeof folder !== 'string' || !folder.startsWith('/'))) return null
  const command: SessionCommand = {
    do: 'set-session',
    ...defined({
      altDownLimit: rate('alt_dl_limit'),
      altUpLimit: rate('alt_up_limit'),
      downLimit: rate('dl_limit'),
      upLimit: rate('up_limit'),
      maxActive: number('max_active_torrents'),
      maxPeers: number('max_connec'),
      maxPeersPerTorrent: number('max_connec_per_torrent'),
      uploadSlots: number('max_uploads_per_torrent'),
      idleMsGoal: goal('max_inactive_seeding_time', MS_PER_MINUTE),
      ratioGoal: goal('max_ratio', 1),
      seedMsGoal: goal('max_seeding_time', MS_PER_MINUTE),
      defaultFolder: folder,
      altSchedule: scheduleAsked(changed, reported),
      isAnonymous: flag('anonymous_mode'),
      isUtpOn: chosen('bittorrent_protocol', [true, false]),
      isDhtOn: flag('dht'),
      isTrackerOn: flag('enable_embedded_tracker'),
      encryption: chosen('encryption', ENCRYPTION),
      isLsdOn: flag('lsd'),
      isPexOn: flag('pex'),
      isPortMappingOn: flag('upnp'),
    }),
  }
  return isRight ? command : null
}

function scheduleAsked(changed: Asked, reported: JsonObject): Schedule | null | undefined {
  if (!Object.keys(changed).some((key) => key.startsWith('schedule'))) return undefined
  const all = { ...reported, ...changed }
  if (all['scheduler_enabled'] !== true)
    return changed['scheduler_enabled'] === false ? null : undefined
  const minute = (end: 'from' | 'to'): number =>
    Number(all[`schedule_${end}_hour`]) * 60 + Number(all[`schedule_${end}_min`])
  const days = DAYS[Number(all['scheduler_days'])] ?? []
  return { days: [...days], fromMinute: minute('from'), toMinute: minute('to') }
}

function parse(text: string): Asked | null {
  try {
    const value: unknown = JSON.parse(text)
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isRecord ? Object.fromEntries(Object.entries(value)) : null
  } catch {
    return null
  }
}
