/** The driver contract, version 1: what `driver.json` says, read and checked. See the package's README. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const CONTRACT_VERSION = 1
export const EXIT_REFUSED = 2
export const EXIT_UNSUPPORTED = 127

/** Names of features that the contract knows; what is declared besides is an error, never ignored. */
const FEATURES = [
  'tcp',
  'utp',
  'mse',
  'fast',
  'ext',
  'magnet',
  'pex',
  'dht',
  'lsd',
  'http-tracker',
  'udp-tracker',
  'ws-tracker',
  'webseed',
  'httpseed',
  'v2',
  'hybrid',
  'ipv6',
  'resume',
  'select',
  'add-peer',
  'holepunch',
  'feeds',
  'proxy',
  'tracker-server',
] as const
const FEATURE_NAMES: ReadonlySet<string> = new Set(FEATURES)

export interface DriverLimits {
  readonly unchokeSeconds: number
  readonly replySeconds: number
}

export interface Driver {
  readonly name: string
  readonly dir: string
  /** Absolute path of the executable. */
  readonly exec: string
  readonly versionCommand: readonly string[]
  readonly features: ReadonlySet<string>
  readonly limits: DriverLimits
}

export type DriverReading =
  | { readonly kind: 'driver'; readonly driver: Driver }
  | { readonly kind: 'unusable'; readonly why: string }

const DEFAULT_LIMITS: DriverLimits = { unchokeSeconds: 15, replySeconds: 15 }

export function readDriver(dir: string): DriverReading {
  const file = join(resolve(dir), 'driver.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return { kind: 'unusable', why: `no driver.json in ${dir}` }
  }
  try {
    return parseDriver(JSON.parse(text), resolve(dir))
  } catch (error) {
    return { kind: 'unusable', why: `${file}: ${String(error)}` }
  }
}

/** Checks the parsed `driver.json`; `dir` is absolute. */
export function parseDriver(json: unknown, dir: string): DriverReading {
  if (!isRecord(json)) return unusable('not an object')
  if (json['contract'] !== CONTRACT_VERSION)
    return unusable(`contract ${String(json['contract'])}, this suite speaks ${CONTRACT_VERSION}`)
  const { name, exec, version, features, limits } = json
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9.-]*$/.test(name)) return unusable('bad "name"')
  if (typeof exec !== 'string') return unusable('bad "exec"')
  if (!isStrings(version) || version.length === 0) return unusable('bad "version"')
  if (!isRecord(features)) return unusable('bad "features"')
  const unknown = Object.keys(features).find((feature) => !FEATURE_NAMES.has(feature))
  if (unknown !== undefined) return unusable(`unknown feature "${unknown}"`)
  return {
    kind: 'driver',
    driver: {
      name,
      dir,
      exec: resolve(dir, exec),
      versionCommand: version,
      features: declared(features),
      limits: readLimits(limits),
    },
  }
}

function unusable(why: string): DriverReading {
  return { kind: 'unusable', why }
}

/** A list counts as declared too, and each of its words as `mse:require`. */
function declared(features: Record<string, unknown>): ReadonlySet<string> {
  return new Set(
    Object.entries(features).flatMap(([name, value]) => {
      if (value === true) return [name]
      return isStrings(value) && value.length > 0
        ? [name, ...value.map((word) => `${name}:${word}`)]
        : []
    }),
  )
}

function readLimits(limits: unknown): DriverLimits {
  if (!isRecord(limits)) return DEFAULT_LIMITS
  const seconds = (name: keyof DriverLimits): number => {
    const value = limits[name]
    return typeof value === 'number' && value > 0 && value <= 120 ? value : DEFAULT_LIMITS[name]
  }
  return { unchokeSeconds: seconds('unchokeSeconds'), replySeconds: seconds('replySeconds') }
}

/** The client's version line, or why the client cannot be run on this machine. */
export function driverVersion(
  driver: Driver,
): { readonly version: string } | { readonly missing: string } {
  const [command = '', ...args] = driver.versionCommand
  const program = command.startsWith('.') ? resolve(driver.dir, command) : command
  const run = spawnSync(program, args, { cwd: driver.dir, encoding: 'utf8', timeout: 20_000 })
  if (run.error) return { missing: run.error.message }
  const said = `${run.stdout}\n${run.stderr}`.trim().split('\n')[0] ?? ''
  if (run.status !== 0) return { missing: said === '' ? `version exits ${run.status}` : said }
  return { version: said }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
