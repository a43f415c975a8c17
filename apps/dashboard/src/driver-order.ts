/** What a conformance suite asks of a driver, read from the environment. Contract version 1, level 0. */
import { type ListenAddress, parseListen } from './setting-table.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface DriverOrder {
  readonly source: { readonly torrentFile: string } | { readonly magnet: string }
  readonly dataFolder: string
  readonly stateFolder: string
  readonly listen: ListenAddress
  /** Options about the network, by their key in the settings. */
  readonly network: Readonly<Record<string, string>>
  /** Indexes; all files when `null`. */
  readonly wantedFiles: readonly number[] | null
  /** Bytes a second, as they were given; without limit when `null`. */
  readonly downLimit: string | null
  readonly upLimit: string | null
  readonly logFile: string
}

/** Asked to be on, these are: nothing can switch them off. */
const ALWAYS_ON = 'fast ext magnet http-tracker udp-tracker ipv6 resume select holepunch mse'.split(
  ' ',
)

/** Asked to be off, these are: this version has none of them. */
const ALWAYS_OFF = 'webseed httpseed v2 hybrid feeds'.split(' ')

/** Asked to be on or off, these are: the option that says so. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ['tcp', 'tcp'],
  ['utp', 'utp'],
  ['dht', 'dht'],
  ['pex', 'pex'],
  ['lsd', 'lsd'],
  ['ws-tracker', 'webrtc'],
])

/** The order, or why it cannot be carried out. */
export function readOrder(env: Environment): DriverOrder | string {
  const unsupported = refuse(env)
  if (unsupported !== null) return unsupported
  const { BTC_TORRENT: torrentFile, BTC_MAGNET: magnet, BTC_DATA, BTC_STATE } = env
  if (!torrentFile === !magnet) return 'exactly one of BTC_TORRENT and BTC_MAGNET has to be given'
  if (!BTC_DATA || !BTC_STATE) return 'BTC_DATA and BTC_STATE have to be given'
  if (env['BTC_LISTEN'] && env['BTC_LISTEN6']) return 'there is only one listening address'
  const listen = parseListen(env['BTC_LISTEN'] || env['BTC_LISTEN6'] || '')
  if (listen === undefined) return 'BTC_LISTEN or BTC_LISTEN6 has to be a numeric address and port'
  const wanted = words(env['BTC_SELECT'])
  if (!wanted.every(isNumber)) return 'BTC_SELECT has to be a list of file indexes'
  return {
    source: magnet ? { magnet } : { torrentFile: torrentFile ?? '' },
    dataFolder: BTC_DATA,
    stateFolder: BTC_STATE,
    listen,
    network: networkOf(env),
    wantedFiles: wanted.length === 0 ? null : wanted.map(Number),
    downLimit: limitOf(env['BTC_DOWN']),
    upLimit: limitOf(env['BTC_UP']),
    logFile: env['BTC_LOG'] || `${BTC_STATE}/driver.log`,
  }
}

function refuse(env: Environment): string | null {
  if (env['BTC_PROBE'] !== undefined) return 'probes are not understood'
  if (env['BTC_CONTRACT'] !== '1') return 'only version 1 of the contract is understood'
  if (env['BTC_ROLE'] !== 'leech' && env['BTC_ROLE'] !== 'seed')
    return 'BTC_ROLE has to be leech or seed'
  if (!['', 'off', 'prefer', 'require'].includes(env['BTC_MSE'] ?? ''))
    return 'BTC_MSE has to be off, prefer or require'
  const missing = words(env['BTC_ENABLE']).find(
    (word) => !ALWAYS_ON.includes(word) && !SWITCHES.has(word),
  )
  if (missing !== undefined) return `${missing} cannot be switched on`
  const stuck = words(env['BTC_DISABLE']).find(
    (word) => !ALWAYS_OFF.includes(word) && !SWITCHES.has(word),
  )
  if (stuck !== undefined) return `${stuck} cannot be switched off`
  const limit = ['BTC_DOWN', 'BTC_UP'].find((name) => !/^\d{0,15}$/.test(env[name] ?? ''))
  return limit === undefined ? null : `${limit} has to be a number of bytes a second`
}

/** Only the suite's own nodes are asked: the public ones never. */
function networkOf(env: Environment): Readonly<Record<string, string>> {
  const options: Record<string, string> = {
    encryption: env['BTC_MSE'] || 'prefer',
    bootstrapNodes: env['BTC_DHT_BOOTSTRAP'] || 'none',
    ...(env['BTC_TRACKER_LISTEN'] ? { tracker: env['BTC_TRACKER_LISTEN'] } : {}),
    ...(env['BTC_PROXY'] ? { proxy: env['BTC_PROXY'] } : {}),
  }
  for (const [named, value] of [
    [env['BTC_ENABLE'], 'true'],
    [env['BTC_DISABLE'], 'false'],
  ] as const) {
    for (const word of words(named)) {
      const option = SWITCHES.get(word)
      if (option !== undefined) options[option] = value
    }
  }
  return options
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function isNumber(word: string): boolean {
  return /^\d{1,6}$/.test(word)
}

function limitOf(text: string | undefined): string | null {
  return Number(text ?? 0) === 0 ? null : (text ?? null)
}
