/**
 * What is kept about a torrent beside its info dictionary and its pieces: where it lies, what the user wished, what it
 * has done. Recorded as JSON in `TorrentRecord.optionsJson`.
 */
import type { IndexRange } from '@pigeon/protocol/bep/0053-select-only'
import type { Address } from '../ports.ts'

export type FilePriority = 'skip' | 'low' | 'normal' | 'high'

/** `null`: what the category or else the session says. */
export type Goal = number | 'never' | null

export interface TorrentLimits {
  readonly down: number | null
  readonly up: number | null
  readonly ratio: Goal
  readonly seedMs: Goal
  /** Without a byte going out. */
  readonly idleMs: Goal
  readonly maxPeers: number | null
  /** The session's limits do not count for it. */
  readonly ignoresSession: boolean
  readonly priority: 'low' | 'normal' | 'high'
}

/** One step: a file or folder by the path that it had then, and the name that it got. */
export interface Rename {
  readonly path: string
  readonly name: string
}

export interface TorrentOptions {
  /** From the magnet, until the metadata tells. */
  name: string
  folder: string
  trackers: readonly (readonly string[])[]
  webSeeds: readonly string[]
  comment: string | null
  createdBy: string | null
  /** Seconds since 1970. */
  creationDate: number | null
  isPaused: boolean
  isSequential: boolean
  /** By file index; empty is all normal. */
  priorities: readonly FilePriority[]
  /** A magnet's or the user's choice of files, until the metadata is known. */
  wantedFiles: readonly IndexRange[] | null
  limits: TorrentLimits
  addedAtMs: number
  finishedAtMs: number | null
  /** Sorts the queue, lowest first. */
  queueKey: number
  /** Runs whatever the queue says. */
  isForced: boolean
  /** The user resumed it although its seeding goal was reached: the goal does not count until a limit is changed. */
  isGoalWaived: boolean
  category: string | null
  /** In order, each once. */
  tags: readonly string[]
  /** Pauses itself once its metadata is known. */
  stopAtMetadata: boolean
  /** What it is to be called instead of what its author called it. */
  shownName: string | null
  /** What was renamed, in this order. */
  renames: readonly Rename[]
  /** A rename that was begun; whether the disk has it is not known until it was looked at. */
  unfinishedRename: Rename | null
  /** When a byte of a piece last came or went. */
  activeAtMs: number | null
  wastedBytes: number
  /** Addresses that the user named. */
  peers: readonly Address[]
  /** Addresses that a magnet named: of no use once the torrent turns out to be private. */
  magnetPeers: readonly Address[]
  /** Files that were there before and hold something else: never written to. `null` until that was looked at. */
  foreignFiles: readonly number[] | null
  /** What is on disk is still to be hashed before anything is believed. */
  needsCheck: boolean
}

export const NO_LIMITS: TorrentLimits = {
  down: null,
  up: null,
  ratio: null,
  seedMs: null,
  idleMs: null,
  maxPeers: null,
  ignoresSession: false,
  priority: 'normal',
}

export function encodeOptions(options: TorrentOptions): string {
  return JSON.stringify(options)
}

/** Reads a record of ours; what is missing or of another type gets its default, so that older records stay good. */
export function decodeOptions(json: string, fallback: TorrentOptions): TorrentOptions {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return fallback
  }
  if (typeof value !== 'object' || value === null) return fallback
  const from = new Map<string, unknown>(Object.entries(value))
  const text = (key: string, other: string): string => {
    const found = from.get(key)
    return typeof found === 'string' ? found : other
  }
  const flag = (key: string, other: boolean): boolean => {
    const found = from.get(key)
    return typeof found === 'boolean' ? found : other
  }
  const number = (key: string): number | null => {
    const found = from.get(key)
    return typeof found === 'number' && Number.isFinite(found) ? found : null
  }
  const textOrNull = (key: string): string | null => {
    const found = from.get(key)
    return typeof found === 'string' ? found : null
  }
  const wanted = from.get('wantedFiles')
  const foreign = from.get('foreignFiles')
  const peers = from.get('peers')
  const renames = from.get('renames')
  const magnetPeers = from.get('magnetPeers')
  return {
    name: text('name', fallback.name),
    folder: text('folder', fallback.folder),
    trackers: tiersOf(from.get('trackers')),
    webSeeds: textsOf(from.get('webSeeds')),
    comment: textOrNull('comment'),
    createdBy: textOrNull('createdBy'),
    creationDate: number('creationDate'),
    isPaused: flag('isPaused', fallback.isPaused),
    isSequential: flag('isSequential', fallback.isSequential),
    priorities: prioritiesOf(from.get('priorities')),
    wantedFiles: Array.isArray(wanted) ? wanted.flatMap(rangeOf) : null,
    limits: limitsOf(from.get('limits')),
    addedAtMs: number('addedAtMs') ?? fallback.addedAtMs,
    finishedAtMs: number('finishedAtMs'),
    queueKey: number('queueKey') ?? number('queuePosition') ?? fallback.queueKey,
    isForced: flag('isForced', fallback.isForced),
    isGoalWaived: flag('isGoalWaived', fallback.isGoalWaived),
    category: textOrNull('category'),
    tags: textsOf(from.get('tags')),
    stopAtMetadata: flag('stopAtMetadata', fallback.stopAtMetadata),
    shownName: textOrNull('shownName'),
    renames: Array.isArray(renames) ? renames.flatMap(renameOf) : [],
    unfinishedRename: renameOf(from.get('unfinishedRename'))[0] ?? null,
    activeAtMs: number('activeAtMs'),
    wastedBytes: number('wastedBytes') ?? 0,
    peers: Array.isArray(peers) ? peers.flatMap(addressOf) : [],
    magnetPeers: Array.isArray(magnetPeers) ? magnetPeers.flatMap(addressOf) : [],
    foreignFiles: Array.isArray(foreign)
      ? foreign.filter((each) => typeof each === 'number')
      : null,
    needsCheck: flag('needsCheck', fallback.needsCheck),
  }
}

function rangeOf(value: unknown): readonly IndexRange[] {
  if (typeof value !== 'object' || value === null) return []
  const first = 'first' in value ? value.first : null
  const last = 'last' in value ? value.last : null
  return typeof first === 'number' && typeof last === 'number' ? [{ first, last }] : []
}

function renameOf(value: unknown): readonly Rename[] {
  if (typeof value !== 'object' || value === null) return []
  const path = 'path' in value ? value.path : null
  const name = 'name' in value ? value.name : null
  return typeof path === 'string' && typeof name === 'string' ? [{ path, name }] : []
}

function addressOf(value: unknown): readonly Address[] {
  if (typeof value !== 'object' || value === null) return []
  const host = 'host' in value ? value.host : null
  const port = 'port' in value ? value.port : null
  return typeof host === 'string' && typeof port === 'number' ? [{ host, port }] : []
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function tiersOf(value: unknown): readonly (readonly string[])[] {
  return Array.isArray(value) ? value.map(textsOf).filter((tier) => tier.length > 0) : []
}

function prioritiesOf(value: unknown): readonly FilePriority[] {
  if (!Array.isArray(value)) return []
  return value.map((each) =>
    each === 'skip' || each === 'low' || each === 'high' ? each : 'normal',
  )
}

function limitsOf(value: unknown): TorrentLimits {
  if (typeof value !== 'object' || value === null) return NO_LIMITS
  const from = new Map<string, unknown>(Object.entries(value))
  const limit = (key: string): number | null => {
    const found = from.get(key)
    return typeof found === 'number' && found >= 0 ? found : null
  }
  const goal = (key: string): Goal => (from.get(key) === 'never' ? 'never' : limit(key))
  const priority = from.get('priority')
  return {
    down: limit('down'),
    up: limit('up'),
    ratio: goal('ratio'),
    seedMs: goal('seedMs'),
    idleMs: goal('idleMs'),
    maxPeers: limit('maxPeers'),
    ignoresSession: from.get('ignoresSession') === true,
    priority: priority === 'low' || priority === 'high' ? priority : 'normal',
  }
}
