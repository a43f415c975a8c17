/** The clients that a run may meet: drivers of this suite, drivers that the workspace's apps ship, and the caller's own. */
import { join, resolve } from 'node:path'
import { type Driver, driverVersion, readDriver } from './driver.ts'

const PACKAGE_DIR = resolve(import.meta.dirname, '../..')
const WORKSPACE_DIR = resolve(PACKAGE_DIR, '../..')

export const KNOWN_DIR: string = join(PACKAGE_DIR, 'known')

/** Judged clients come first: the tables begin with them. */
const DEFAULT_DRIVERS = [
  { name: 'pigeon', dir: join(WORKSPACE_DIR, 'apps/tui/driver'), isJudged: true },
  { name: 'pigeond', dir: join(WORKSPACE_DIR, 'apps/daemon/driver'), isJudged: true },
  { name: 'pigeon-web', dir: join(WORKSPACE_DIR, 'apps/dashboard/driver'), isJudged: true },
  { name: 'transmission', dir: join(PACKAGE_DIR, 'drivers/transmission'), isJudged: false },
  { name: 'qbittorrent', dir: join(PACKAGE_DIR, 'drivers/qbittorrent'), isJudged: false },
  { name: 'aria2', dir: join(PACKAGE_DIR, 'drivers/aria2'), isJudged: false },
  { name: 'webtorrent', dir: join(PACKAGE_DIR, 'drivers/webtorrent'), isJudged: false },
  { name: 'webtorrent-page', dir: join(PACKAGE_DIR, 'drivers/webtorrent-page'), isJudged: false },
]

export interface RosterEntry {
  readonly driver: Driver
  readonly version: string
  readonly isJudged: boolean
}

export interface Roster {
  readonly entries: readonly RosterEntry[]
  readonly unavailable: readonly { readonly name: string; readonly reason: string }[]
}

/** Reads the drivers and asks each client for its version; who cannot run here is named with the reason. */
export function loadRoster(
  wanted: readonly string[] | undefined,
  extraDirs: readonly string[],
): Roster {
  const extras = extraDirs.map((dir) => ({ name: dir, dir, isJudged: true }))
  const candidates = [...extras, ...DEFAULT_DRIVERS]
  const entries: RosterEntry[] = []
  const unavailable: { name: string; reason: string }[] = []
  for (const { name, dir, isJudged } of candidates) {
    const isExtra = extraDirs.includes(dir)
    const reading = readDriver(dir)
    const actualName = reading.kind === 'driver' ? reading.driver.name : name
    if (!isExtra && wanted !== undefined && !wanted.includes(actualName)) continue
    if (reading.kind === 'unusable') {
      unavailable.push({ name, reason: reading.why })
      continue
    }
    if (entries.some((entry) => entry.driver.name === actualName)) continue
    const found = driverVersion(reading.driver)
    if ('missing' in found) unavailable.push({ name: actualName, reason: found.missing })
    else entries.push({ driver: reading.driver, version: found.version, isJudged })
  }
  const named = new Set([
    ...entries.map((entry) => entry.driver.name),
    ...unavailable.map((item) => item.name),
  ])
  for (const name of wanted ?? [])
    if (!named.has(name)) unavailable.push({ name, reason: 'no driver of this name' })
  return { entries, unavailable }
}
