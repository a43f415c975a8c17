/**
 * What a session keeps of itself between runs, as JSON of its own: what was changed at run time, the categories, and
 * how much went over the line in all.
 */
import { isAbsoluteFolder } from '../settings.ts'
import type { EncryptionPolicy, EngineSettings } from '../settings.ts'
import type { Goal } from '../torrent/options.ts'
import type { Category } from './categories.ts'
import type { Schedule, Weekday } from '../schedule.ts'
import { WEEKDAYS } from '../schedule.ts'

/** Settings that a user may change while the session runs. */
export const ADJUSTABLE = [
  'downLimit',
  'upLimit',
  'maxActive',
  'defaultFolder',
  'maxPeers',
  'maxPeersPerTorrent',
  'uploadSlots',
  'ratioGoal',
  'seedMsGoal',
  'idleMsGoal',
  'isAlternativeOn',
  'altDownLimit',
  'altUpLimit',
  'altSchedule',
  'isDhtOn',
  'isPexOn',
  'isLsdOn',
  'isUtpOn',
  'isWebRtcOn',
  'encryption',
  'isPortMappingOn',
  'isAnonymous',
] as const
export type AdjustableKey = (typeof ADJUSTABLE)[number]

/** What is absent stays as it is. */
export type SessionChange = Partial<Pick<EngineSettings, AdjustableKey>>

export interface SavedTraffic {
  readonly downloadedBytes: number
  readonly uploadedBytes: number
}

export interface SavedSettings {
  readonly change: SessionChange
  readonly categories: readonly Category[]
  /** `null` in what older versions saved. */
  readonly traffic: SavedTraffic | null
  /** Whether the schedule held when it was looked at last; `null` when there was none. */
  readonly wasScheduled: boolean | null
}

export function encodeSavedSettings(saved: SavedSettings): string {
  const { change, ...rest } = saved
  return JSON.stringify({ ...change, ...rest })
}

/** Reads what we wrote; what is missing or of another type is left out. */
export function decodeSavedSettings(json: string | null): SavedSettings {
  const from = new Map(entriesOf(parsed(json)))
  const change: { -readonly [K in AdjustableKey]?: EngineSettings[K] } = {}
  for (const key of ADJUSTABLE) {
    const value = READERS[key](from.get(key))
    if (value !== undefined) Object.assign(change, { [key]: value })
  }
  const categories = from.get('categories')
  const wasScheduled = from.get('wasScheduled')
  return {
    change,
    categories: Array.isArray(categories) ? categories.flatMap(categoryOf) : [],
    traffic: trafficOf(from.get('traffic')),
    wasScheduled: typeof wasScheduled === 'boolean' ? wasScheduled : null,
  }
}

type Read<T> = (value: unknown) => T | undefined

const limit: Read<number | null> = (value) =>
  value === null || (typeof value === 'number' && value >= 0) ? value : undefined
const count: Read<number> = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : undefined
const truth: Read<boolean> = (value) => (typeof value === 'boolean' ? value : undefined)
const folder: Read<string> = (value) =>
  typeof value === 'string' && isAbsoluteFolder(value) ? value : undefined
const schedule: Read<Schedule | null> = (value) => {
  if (value === null) return null
  const from = new Map(entriesOf(value))
  const days = from.get('days')
  const fromMinute = minute(from.get('fromMinute'))
  const toMinute = minute(from.get('toMinute'))
  if (!Array.isArray(days) || fromMinute === undefined || toMinute === undefined) return undefined
  return {
    days: WEEKDAYS.filter((day): day is Weekday => days.includes(day)),
    fromMinute,
    toMinute,
  }
}
const minute: Read<number> = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1440
    ? value
    : undefined

const encryption: Read<EncryptionPolicy> = (value) =>
  value === 'off' || value === 'prefer' || value === 'require' ? value : undefined

const READERS: { readonly [K in AdjustableKey]: Read<EngineSettings[K]> } = {
  downLimit: limit,
  upLimit: limit,
  maxActive: count,
  defaultFolder: folder,
  maxPeers: count,
  maxPeersPerTorrent: count,
  uploadSlots: count,
  ratioGoal: limit,
  seedMsGoal: limit,
  idleMsGoal: limit,
  isAlternativeOn: truth,
  altDownLimit: limit,
  altUpLimit: limit,
  altSchedule: schedule,
  isDhtOn: truth,
  isPexOn: truth,
  isLsdOn: truth,
  isUtpOn: truth,
  isWebRtcOn: truth,
  encryption,
  isPortMappingOn: truth,
  isAnonymous: truth,
}

function categoryOf(value: unknown): readonly Category[] {
  const from = new Map(entriesOf(value))
  const name = from.get('name')
  if (typeof name !== 'string') return []
  const limits = new Map(entriesOf(from.get('limits')))
  const goal = (key: string): Goal =>
    limits.get(key) === 'never' ? 'never' : (limit(limits.get(key)) ?? null)
  return [
    {
      name,
      folder: folder(from.get('folder')) ?? null,
      limits: {
        down: limit(limits.get('down')) ?? null,
        up: limit(limits.get('up')) ?? null,
        ratio: goal('ratio'),
        seedMs: goal('seedMs'),
      },
    },
  ]
}

function trafficOf(value: unknown): SavedTraffic | null {
  const from = new Map(entriesOf(value))
  const downloadedBytes = from.get('downloadedBytes')
  const uploadedBytes = from.get('uploadedBytes')
  if (typeof downloadedBytes !== 'number' || typeof uploadedBytes !== 'number') return null
  return { downloadedBytes, uploadedBytes }
}

function parsed(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json)
  } catch {
    return null
  }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
