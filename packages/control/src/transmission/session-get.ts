/** `session-get` and `session-stats`: the settings and counts of the node, as far as they have a counterpart here. */
import { z } from 'zod'
import type { Schedule, SessionSummary, TorrentSummary } from '../contract.ts'
import { WEEKDAYS } from '../contract.ts'
import type { BlocklistStatus } from '../network.ts'
import { isProblem } from '../problems.ts'
import { type JsonObject, SESSION_KEYS, toLegacy, toSnake } from './keys.ts'
import { type Call, type Dialect, method, refuse, type World } from './outcome.ts'
import { type Remembered, type Switched, THE_SESSION } from './remembered.ts'
import { BYTES_PER_KB, MS_PER_MINUTE, STATUS, statusOf } from './torrent-fields.ts'

/** What is announced to clients, who choose by it what they may ask. */
export const RPC_VERSION = 18
export const RPC_VERSION_MINIMUM = 14
export const RPC_SEMVER = '6.0.0'
/** Clients read the first number in the version and refuse what is too low. */
const LIKE_TRANSMISSION = '4.1.0'

/** A limit that does not exist, where this API has a number without a switch: kB a second. */
export const UNLIMITED_KB = 999_999

export const sessionGet = method(
  'read',
  z.object({ fields: z.array(z.string().max(64)).max(256).optional() }),
  async ({ fields }, { world, dialect }) => {
    const session = await world.list.session()
    if (session === null) return refuse('the node does not answer')
    const network = await world.list.control.network()
    const blocklist = isProblem(network) ? null : network.blocklist
    const all = { ...sessionObject(session, world, dialect), ...blocklistOf(blocklist) }
    if (fields === undefined) return { ok: true, value: all }
    const entries = fields.flatMap((spelling) => {
      const value = all[toSnake(spelling)]
      if (value === undefined) return []
      return [[spelling, dialect === 'legacy' ? toLegacy(value, SESSION_KEYS) : value] as const]
    })
    return { ok: true, value: Object.fromEntries(entries), isSpelled: true }
  },
)

/** All settings, in snake_case. */
export function sessionObject(session: SessionSummary, world: World, dialect: Dialect): JsonObject {
  return {
    ...versions(world),
    ...limitsOf(session, world.remembered),
    ...scheduleOf(session.alternative.schedule, world.remembered),
    ...networkOf(session, dialect),
    ...blocklistOf(null),
    ...ABSENT,
    download_dir: session.defaultFolder,
    download_dir_free_space: session.freeBytes ?? -1,
    download_queue_enabled: true,
    download_queue_size: session.maxActive,
    start_added_torrents: world.remembered.startsAdded,
    units: UNITS,
  }
}

function versions({ node, sessionId }: World): JsonObject {
  return {
    rpc_version: RPC_VERSION,
    rpc_version_minimum: RPC_VERSION_MINIMUM,
    rpc_version_semver: RPC_SEMVER,
    session_id: sessionId,
    version: `${LIKE_TRANSMISSION} (${node})`,
  }
}

function limitsOf(session: SessionSummary, remembered: Remembered): JsonObject {
  const { alternative, downLimit, upLimit, ratioGoal, idleMsGoal } = session
  const number = (value: number | null, unit: number, what: Switched): number =>
    value === null ? remembered.get(THE_SESSION, what) : Math.round(value / unit)
  return {
    alt_speed_down: alternative.down === null ? UNLIMITED_KB : kb(alternative.down),
    alt_speed_enabled: alternative.isOn,
    alt_speed_up: alternative.up === null ? UNLIMITED_KB : kb(alternative.up),
    idle_seeding_limit: number(idleMsGoal, MS_PER_MINUTE, 'idle'),
    idle_seeding_limit_enabled: idleMsGoal !== null,
    peer_limit_global: session.maxPeers,
    peer_limit_per_torrent: session.maxPeersPerTorrent,
    seed_ratio_limit: ratioGoal ?? remembered.get(THE_SESSION, 'ratio'),
    seed_ratio_limited: ratioGoal !== null,
    speed_limit_down: number(downLimit, BYTES_PER_KB, 'down'),
    speed_limit_down_enabled: downLimit !== null,
    speed_limit_up: number(upLimit, BYTES_PER_KB, 'up'),
    speed_limit_up_enabled: upLimit !== null,
  }
}

function scheduleOf(schedule: Schedule | null, remembered: Remembered): JsonObject {
  return {
    alt_speed_time_begin: schedule?.fromMinute ?? remembered.get(THE_SESSION, 'begin'),
    alt_speed_time_day:
      schedule === null ? remembered.get(THE_SESSION, 'day') : bitsOfDays(schedule.days),
    alt_speed_time_enabled: schedule !== null,
    alt_speed_time_end: schedule?.toMinute ?? remembered.get(THE_SESSION, 'end'),
  }
}

/** Bit 0 is Sunday, bit 6 Saturday. */
const SUNDAY_FIRST = [WEEKDAYS[6], ...WEEKDAYS.slice(0, 6)] as const

export function bitsOfDays(days: Schedule['days']): number {
  return SUNDAY_FIRST.reduce((bits, day, bit) => bits | (days.includes(day) ? 1 << bit : 0), 0)
}

export function daysOfBits(bits: number): Schedule['days'] {
  return SUNDAY_FIRST.filter((_, bit) => (bits & (1 << bit)) !== 0)
}

function networkOf(session: SessionSummary, dialect: Dialect): JsonObject {
  // The newer dialect calls the last of the three otherwise.
  const tolerated = dialect === 'json-rpc' ? 'allowed' : 'tolerated'
  const encryption = { require: 'required', prefer: 'preferred', off: tolerated } as const
  return {
    dht_enabled: session.isDhtOn,
    encryption: encryption[session.encryption],
    lpd_enabled: session.isLsdOn,
    peer_port: Number(/:(\d+)$/.exec(session.listening ?? '')?.[1] ?? 0),
    pex_enabled: session.isPexOn,
    port_forwarding_enabled: session.isPortMappingOn,
    utp_enabled: session.isUtpOn,
  }
}

function blocklistOf(blocklist: BlocklistStatus | null): JsonObject {
  return {
    blocklist_enabled: blocklist !== null,
    blocklist_size: blocklist?.ranges ?? 0,
    blocklist_url: blocklist?.source ?? '',
  }
}

/** What Transmission has and this node does not. */
const ABSENT: JsonObject = {
  cache_size_mb: 0,
  config_dir: '',
  default_trackers: '',
  incomplete_dir: '',
  incomplete_dir_enabled: false,
  peer_port_random_on_start: false,
  queue_stalled_enabled: false,
  queue_stalled_minutes: 30,
  rename_partial_files: false,
  script_torrent_added_enabled: false,
  script_torrent_added_filename: '',
  script_torrent_done_enabled: false,
  script_torrent_done_filename: '',
  script_torrent_done_seeding_enabled: false,
  script_torrent_done_seeding_filename: '',
  seed_queue_enabled: false,
  seed_queue_size: 10,
  trash_original_torrent_files: false,
}

const UNITS: JsonObject = {
  memory_bytes: 1024,
  memory_units: ['KiB', 'MiB', 'GiB', 'TiB'],
  size_bytes: 1000,
  size_units: ['kB', 'MB', 'GB', 'TB'],
  speed_bytes: BYTES_PER_KB,
  speed_units: ['kB/s', 'MB/s', 'GB/s', 'TB/s'],
}

export const sessionStats = method('read', z.object({}), async (_, call) => {
  const session = await call.world.list.session()
  if (session === null) return refuse('the node does not answer')
  return { ok: true, value: statsOf(session, call) }
})

function statsOf(session: SessionSummary, { world }: Call): JsonObject {
  const torrents = world.list.rows().map(({ summary }) => summary)
  const pausedCount = torrents.filter(isStopped).length
  const secondsActive = Math.max(0, Math.floor((world.nowMs() - session.startedAtMs) / 1000))
  // Files and starts are not counted here; the time before this start is not kept.
  const counts = { files_added: 0, seconds_active: secondsActive, session_count: 1 }
  return {
    active_torrent_count: torrents.length - pausedCount,
    cumulative_stats: {
      ...counts,
      downloaded_bytes: session.allDownloadedBytes,
      uploaded_bytes: session.allUploadedBytes,
    },
    current_stats: {
      ...counts,
      downloaded_bytes: session.downloadedBytes,
      uploaded_bytes: session.uploadedBytes,
    },
    download_speed: Math.round(session.downRate),
    paused_torrent_count: pausedCount,
    torrent_count: torrents.length,
    upload_speed: Math.round(session.upRate),
  }
}

function isStopped(torrent: TorrentSummary): boolean {
  return statusOf(torrent) === STATUS.stopped
}

function kb(rate: number): number {
  return Math.round(rate / BYTES_PER_KB)
}
