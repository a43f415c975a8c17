import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Schedule } from '@pigeon/engine/schedule'
import { DEFAULT_SETTINGS } from '@pigeon/engine/settings'
import { errnoOf } from './io-errors.ts'
import { LOG_LEVELS, type LogLevel } from './log.ts'
import { NETWORK_OPTIONS, type NetworkSettings } from './network-settings.ts'
import {
  type Kind,
  duration,
  folder,
  oneOf,
  orNone,
  rate,
  ratio,
  schedule,
  sizeBytes,
  wholeNumber,
} from './setting-kinds.ts'
import {
  type OptionRow,
  type OptionTable,
  type SettingProblem,
  type SettingSource,
  resolveSettings,
} from './setting-sources.ts'
import { DEFAULT_DIRTY_BYTES, defaultWorkers } from './storage/storage.ts'
import { type Environment, userFolders } from './xdg.ts'

/** What a user can set about the node inside any client. Sizes are bytes, rates bytes a second, times milliseconds. */
export interface NodeSettings extends NetworkSettings {
  readonly state: string
  readonly downloads: string
  readonly downLimit: number | null
  readonly upLimit: number | null
  readonly maxActive: number
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  readonly connectionsPerAddress: number
  readonly uploadSlots: number
  readonly minAnnounce: number
  readonly ratioGoal: number | null
  readonly seedTimeGoal: number | null
  readonly idleGoal: number | null
  readonly altDownLimit: number | null
  readonly altUpLimit: number | null
  readonly altSchedule: Schedule | null
  readonly readCache: number
  readonly dirtyBytes: number
  readonly hashWorkers: number
  readonly logLevel: LogLevel
}

export interface SettingsInput<Extra extends object> {
  /** `pigeon`, `pigeond` or `pigeon-web`: names the state folder and the configuration file. */
  readonly client: string
  /** As the command line gave them, by the option's key (`listenPort`); what is not set is left out. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env?: Environment
  /** The configuration file that the user named; it has to exist. Else `<config>/<client>.toml`, if it is there. */
  readonly file?: string | undefined
  /** Options that only this client has. */
  readonly extra?: OptionTable<Extra>
}

export type SettingsResult<Settings> =
  | {
      readonly ok: true
      readonly settings: Settings
      readonly sources: Readonly<Record<string, SettingSource>>
      /** The configuration file that was read, or `null`. */
      readonly file: string | null
      /** Such as a `PIGEON_` variable that no option knows. */
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] }

/** Reads all that sets an option: a flag wins over a variable, that over the file, that over the default. */
export function loadSettings<Extra extends object = object>(
  input: SettingsInput<Extra>,
): SettingsResult<NodeSettings & Extra> {
  const env = input.env ?? process.env
  const folders = userFolders(input.client, env)
  const named = input.file ?? env['PIGEON_CONFIG']
  const path = named === undefined ? join(folders.config, `${input.client}.toml`) : resolve(named)
  const file = readConfig(path, named !== undefined)
  if (file !== null && !('text' in file)) return { ok: false, problems: [file] }
  // The two tables together have exactly the keys of both types.
  const both: unknown = { ...nodeOptions(folders), ...input.extra }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const table = both as OptionTable<NodeSettings & Extra>
  const result = resolveSettings(table, { flags: input.flags, env, file })
  return result.ok ? { ...result, file: file?.path ?? null } : result
}

/** All options of the node, with their defaults on this machine. */
export function nodeOptions(folders: {
  readonly state: string
  readonly downloads: string
}): OptionTable<NodeSettings> {
  const engine = DEFAULT_SETTINGS
  return {
    state: row(
      'state',
      folder,
      folders.state,
      'Where the list of torrents and their progress is kept.',
    ),
    downloads: row('downloads', folder, folders.downloads, 'Where new torrents go.'),
    ...NETWORK_OPTIONS,
    downLimit: row('down-limit', rate, engine.downLimit, 'The most to download a second, in all.'),
    upLimit: row('up-limit', rate, engine.upLimit, 'The most to upload a second, in all.'),
    maxActive: row(
      'max-active',
      wholeNumber(1, 10_000),
      engine.maxActive,
      'Torrents that download or seed at the same time.',
    ),
    maxPeers: row('max-peers', wholeNumber(1, 10_000), engine.maxPeers, 'Connections in all.'),
    maxPeersPerTorrent: row(
      'max-peers-per-torrent',
      wholeNumber(1, 1_000),
      engine.maxPeersPerTorrent,
      'Connections of one torrent.',
    ),
    connectionsPerAddress: row(
      'connections-per-address',
      wholeNumber(1, 100),
      engine.connectionsPerAddress,
      'Connections with one address in one torrent.',
    ),
    uploadSlots: row(
      'upload-slots',
      wholeNumber(1, 1_000),
      engine.uploadSlots,
      'Peers that one torrent serves at the same time.',
    ),
    minAnnounce: row(
      'min-announce',
      duration(1_000, 86_400_000),
      engine.minAnnounceMs,
      'The least time between two announces to one tracker.',
    ),
    ratioGoal: row(
      'ratio-goal',
      orNone(ratio),
      engine.ratioGoal,
      'Stop seeding when this many times the size was uploaded.',
    ),
    seedTimeGoal: row(
      'seed-time-goal',
      orNone(duration(1_000, 315_360_000_000)),
      engine.seedMsGoal,
      'Stop seeding after this time.',
    ),
    idleGoal: row(
      'idle-goal',
      orNone(duration(1_000, 315_360_000_000)),
      engine.idleMsGoal,
      'Stop seeding when nobody took anything for this long.',
    ),
    altDownLimit: row(
      'alt-down-limit',
      rate,
      engine.altDownLimit,
      'The most to download a second while the alternative limits are on.',
    ),
    altUpLimit: row(
      'alt-up-limit',
      rate,
      engine.altUpLimit,
      'The most to upload a second while the alternative limits are on.',
    ),
    altSchedule: row(
      'alt-schedule',
      orNone(schedule),
      engine.altSchedule,
      'When the alternative limits are switched on and off by themselves.',
    ),
    readCache: row(
      'read-cache',
      sizeBytes(256 * 1024, 2 ** 34),
      engine.readCacheBytes,
      'Memory for what was read from disk to be uploaded.',
    ),
    dirtyBytes: row(
      'dirty-bytes',
      sizeBytes(1024 * 1024, 2 ** 34),
      DEFAULT_DIRTY_BYTES,
      'Memory for pieces that are under way to the disk.',
    ),
    hashWorkers: row(
      'hash-workers',
      wholeNumber(1, 64),
      defaultWorkers(),
      'Threads that hash and write pieces.',
    ),
    logLevel: row(
      'log-level',
      oneOf(LOG_LEVELS, 'level'),
      'info',
      'The least grave events to log.',
    ),
  }
}

function row<T>(name: string, kind: Kind<T>, fallback: T, description: string): OptionRow<T> {
  return { name, kind, fallback, description }
}

function readConfig(
  path: string,
  mustExist: boolean,
): { readonly path: string; readonly text: string } | SettingProblem | null {
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' && !mustExist) return null
    const why = errno === 'ENOENT' ? 'it is not there' : errno
    return { where: path, message: `cannot read the configuration file: ${why}`, excerpt: null }
  }
}
