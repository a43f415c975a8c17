/** What a conformance suite asks of a driver, read from the environment. Contract version 1, level 0. */
import { parseListen, type ListenAddress } from './setting-table.ts'

export interface DriverOrder {
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'magnet'; readonly uri: string }
  readonly dataFolder: string
  readonly stateFolder: string
  readonly listen: ListenAddress
  /** Options about the network, by their key in the settings. */
  readonly network: Readonly<Record<string, string>>
  readonly wantedFiles: readonly number[] | null
  /** Bytes a second, as they were given. */
  readonly downLimit: string | null
  readonly upLimit: string | null
  readonly logFile: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What may be asked to be on: it always is. */
const ALWAYS_ON: ReadonlySet<string> = new Set([
  'fast',
  'ext',
  'magnet',
  'http-tracker',
  'udp-tracker',
  'ipv6',
  'holepunch',
  'mse',
  'resume',
  'select',
])

/** What may be asked to be on or off: the option that says so. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ['tcp', 'tcp'],
  ['utp', 'utp'],
  ['dht', 'dht'],
  ['pex', 'pex'],
  ['lsd', 'lsd'],
  ['ws-tracker', 'webrtc'],
])
const ENCRYPTION_POLICIES: readonly string[] = ['off', 'prefer', 'require']

/** What may be asked to be off: it always is. */
const ALWAYS_OFF: ReadonlySet<string> = new Set(['webseed', 'httpseed', 'v2', 'hybrid', 'feeds'])

/** The order, or why it cannot be carried out. */
export function readOrder(env: Environment): DriverOrder | string {
  const unsupported = refuseFeatures(env)
  if (unsupported !== null) return unsupported
  const source = sourceOf(env)
  if (source === null) return 'exactly one of BTC_TORRENT and BTC_MAGNET has to be given'
  const { BTC_DATA: dataFolder, BTC_STATE: stateFolder } = env
  if (!dataFolder || !stateFolder) return 'BTC_DATA and BTC_STATE have to be given'
  const listen = listenOf(env)
  if (listen === null) return 'one address is needed, in BTC_LISTEN or in BTC_LISTEN6'
  const wantedFiles = selectionOf(env['BTC_SELECT'])
  if (wantedFiles === undefined) return 'BTC_SELECT is no list of file numbers'
  for (const name of ['BTC_DOWN', 'BTC_UP']) {
    if (!/^\d{0,15}$/.test(env[name] ?? '')) return `${name} is no number of bytes a second`
  }
  return {
    source,
    dataFolder,
    stateFolder,
    listen,
    network: networkOf(env),
    wantedFiles,
    downLimit: limitOf(env['BTC_DOWN']),
    upLimit: limitOf(env['BTC_UP']),
    logFile: env['BTC_LOG'] || null,
  }
}

function refuseFeatures(env: Environment): string | null {
  if (env['BTC_PROBE'] !== undefined) return 'probes are not understood'
  if (env['BTC_CONTRACT'] !== '1') return 'only version 1 of the contract is understood'
  if (env['BTC_ROLE'] !== 'leech' && env['BTC_ROLE'] !== 'seed') return 'there are two roles only'
  const mse = env['BTC_MSE'] || 'prefer'
  if (!ENCRYPTION_POLICIES.includes(mse)) return `BTC_MSE=${mse}: there is no such policy`
  const cannotEnable = wordsOf(env['BTC_ENABLE']).find(
    (word) => !ALWAYS_ON.has(word) && !SWITCHES.has(word),
  )
  if (cannotEnable !== undefined) return `BTC_ENABLE: ${cannotEnable} is not there`
  const cannotDisable = wordsOf(env['BTC_DISABLE']).find(
    (word) => !ALWAYS_OFF.has(word) && !SWITCHES.has(word),
  )
  if (cannotDisable !== undefined) return `BTC_DISABLE: ${cannotDisable} cannot be switched off`
  return null
}

/** Only the suite's own nodes are asked: the public ones never. */
function networkOf(env: Environment): Readonly<Record<string, string>> {
  const options: Record<string, string> = {
    encryption: env['BTC_MSE'] || 'prefer',
    bootstrapNodes: env['BTC_DHT_BOOTSTRAP'] || 'none',
    ...(env['BTC_TRACKER_LISTEN'] ? { tracker: env['BTC_TRACKER_LISTEN'] } : {}),
    ...(env['BTC_PROXY'] ? { proxy: env['BTC_PROXY'] } : {}),
  }
  for (const [words, value] of [
    [env['BTC_ENABLE'], 'true'],
    [env['BTC_DISABLE'], 'false'],
  ] as const) {
    for (const word of wordsOf(words)) {
      const option = SWITCHES.get(word)
      if (option !== undefined) options[option] = value
    }
  }
  return options
}

function sourceOf({
  BTC_TORRENT: path,
  BTC_MAGNET: uri,
}: Environment): DriverOrder['source'] | null {
  if (path && !uri) return { kind: 'file', path }
  return uri && !path ? { kind: 'magnet', uri } : null
}

/** There is one listening socket: a second address is more than can be done. */
function listenOf({ BTC_LISTEN: v4, BTC_LISTEN6: v6 }: Environment): ListenAddress | null {
  return v4 && v6 ? null : (parseListen(v4 || v6 || '') ?? null)
}

function selectionOf(text: string | undefined): readonly number[] | null | undefined {
  if (text === undefined || text === '') return null
  const words = wordsOf(text)
  return words.every((word) => /^\d{1,6}$/.test(word)) ? words.map(Number) : undefined
}

function limitOf(text: string | undefined): string | null {
  return text === undefined || Number(text) === 0 ? null : text
}

function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
