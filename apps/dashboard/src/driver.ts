/**
 * The conformance driver of pigeon-web: the dashboard as its users run it, entered by its own one-time link and given
 * one torrent through its own API. Standard output belongs to the contract: `ready` and nothing else.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command, CommandResult, Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { showSettingProblem } from '@pigeon/node/setting-sources'
import { loadSettings } from '@pigeon/node/settings'
import { startDashboard } from './dashboard.ts'
import { type DriverOrder, readOrder } from './driver-order.ts'
import { exitCodeOf } from './exit-codes.ts'
import { KEY_HEADER } from './server/session-gate.ts'
import { WEB_OPTIONS } from './setting-table.ts'
import { firstStopSignal } from './stop-signals.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

const EXIT_REFUSED = 2
const EXIT_UNSUPPORTED = 127

/** Refusals of the input itself, not of what the machine can do with it. */
const INPUT_CODES = ['bad-torrent', 'bad-magnet', 'bad-value', 'bad-command', 'too-long']

async function main(): Promise<number> {
  if (process.argv[2] === '--version') {
    process.stdout.write(`${CLIENT_NAME}\n`)
    return 0
  }
  const order = readOrder(process.env)
  if (typeof order === 'string') return say(order, EXIT_UNSUPPORTED)
  const source = sourceOf(order)
  if (source === null) return say('the torrent file cannot be read', EXIT_REFUSED)
  const loaded = settingsFor(order)
  if (!loaded.ok) return say(loaded.problems.map(showSettingProblem).join('\n'), EXIT_UNSUPPORTED)
  const signal = firstStopSignal()
  const log = openLog(order.logFile)
  const dashboard = await startDashboard({
    settings: loaded.settings,
    onLog: (level, event, fields) => log({ level, event, ...fields }),
    onError: (error) => log({ level: 'error', event: 'bug', reason: String(error) }),
  })
  if (isProblem(dashboard)) return say(dashboard.message, exitCodeOf(dashboard))
  const refused = await addOrdered(dashboard.server.newLink(), source, order)
  if (refused !== null) {
    await dashboard.stop()
    return say(refused.message, INPUT_CODES.includes(refused.code) ? EXIT_REFUSED : 1)
  }
  process.stdout.write('ready\n')
  await signal
  return (await dashboard.stop()) ? 0 : 1
}

/** A user's own configuration has no say here. */
function settingsFor(order: DriverOrder) {
  return loadSettings({
    client: CLIENT,
    env: { ...NO_STRANGERS, XDG_CONFIG_HOME: resolve(order.stateFolder) },
    extra: WEB_OPTIONS,
    flags: {
      state: order.stateFolder,
      downloads: order.dataFolder,
      listenHost: order.listen.host,
      listenPort: order.listen.port,
      webListen: '127.0.0.1:0',
      // A laboratory's tracker may be asked as often as it likes itself.
      minAnnounce: '1 s',
      ...order.network,
      ...(order.downLimit === null ? {} : { downLimit: order.downLimit }),
      ...(order.upLimit === null ? {} : { upLimit: order.upLimit }),
    },
  })
}

type Source = Extract<Command, { do: 'add' }>['source']

function sourceOf({ source }: DriverOrder): Source | null {
  if ('magnet' in source) return { kind: 'magnet', uri: source.magnet }
  try {
    return { kind: 'metainfo', base64: readFileSync(source.torrentFile, 'base64') }
  } catch {
    return null
  }
}

/** Logs in with the link as the page does, and adds the torrent; `null` when it is there. */
async function addOrdered(
  link: string,
  source: Source,
  { wantedFiles }: DriverOrder,
): Promise<Problem | null> {
  const { origin, hash } = new URL(link)
  const welcome = await post(`${origin}/login`, { token: hash.slice(1) })
  const { key } = await readJson<{ key: string }>(welcome)
  const cookie = welcome.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const command = {
    do: 'add',
    source,
    ...(wantedFiles === null ? {} : { wantedFiles }),
  }
  const answer = await post(`${origin}/api/v1/torrents`, command, { cookie, [KEY_HEADER]: key })
  const result = await readJson<CommandResult | { readonly problem: Problem }>(answer)
  if ('ok' in result && result.ok) return null
  // It is there from the last run with the same state.
  return result.problem.code === 'already-added' ? null : result.problem
}

function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the contract's type.
async function readJson<Value>(response: Response): Promise<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server, in this process.
  return (await response.json()) as Value
}

function openLog(file: string): (line: object) => void {
  mkdirSync(dirname(file), { recursive: true })
  return (line) => appendFileSync(file, `${JSON.stringify({ at: Date.now(), ...line })}\n`)
}

function say(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}

process.exit(await main())
