/**
 * The conformance driver of pigeond: a daemon as its users run it, given one torrent through its own control API.
 * Standard output belongs to the contract: `ready` and nothing else.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readTokenFile } from '@pigeon/control/bearer-token'
import { connectControl } from '@pigeon/control/connect'
import type { Command, Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { showSettingProblem } from '@pigeon/node/setting-sources'
import { loadSettings } from '@pigeon/node/settings'
import { type Daemon, type DaemonSettings, startDaemon } from './daemon.ts'
import { type DriverOrder, readOrder } from './driver-order.ts'
import { exitCodeOf } from './exit-codes.ts'
import { DAEMON_OPTIONS } from './setting-table.ts'
import { catchSignals } from './service/signals.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

const EXIT_REFUSED = 2
const EXIT_UNSUPPORTED = 127

async function main(): Promise<number> {
  if (process.argv[2] === '--version') {
    process.stdout.write(`${CLIENT_NAME}\n`)
    return 0
  }
  const order = readOrder(process.env)
  if (typeof order === 'string') return say(order, EXIT_UNSUPPORTED)
  const settings = settingsFor(order)
  if (typeof settings === 'string') return say(settings, EXIT_UNSUPPORTED)
  const signals = catchSignals()
  const logFile = order.logFile ?? join(settings.state, 'driver.log')
  const daemon = await startDaemon(settings, { logFile })
  if (isProblem(daemon)) return say(daemon.message, exitCodeOf(daemon))
  const refused = await addOrdered(daemon, order)
  if (refused !== null) {
    await daemon.stop('refused')
    return say(refused.message, isInputRefused(refused) ? EXIT_REFUSED : 1)
  }
  process.stdout.write('ready\n')
  return (await daemon.stop(await signals.stop)) ? 0 : 1
}

/** A user's own configuration has no say here. */
function settingsFor(order: DriverOrder): DaemonSettings | string {
  const loaded = loadSettings({
    client: CLIENT,
    env: { ...NO_STRANGERS, XDG_CONFIG_HOME: resolve(order.stateFolder) },
    extra: DAEMON_OPTIONS,
    flags: {
      state: order.stateFolder,
      downloads: order.dataFolder,
      listenHost: order.listen.host,
      listenPort: order.listen.port,
      controlListen: '127.0.0.1:0',
      // A laboratory's tracker may be asked as often as it likes itself.
      minAnnounce: '1 s',
      ...order.network,
      ...(order.downLimit === null ? {} : { downLimit: order.downLimit }),
      ...(order.upLimit === null ? {} : { upLimit: order.upLimit }),
    },
  })
  return loaded.ok ? loaded.settings : loaded.problems.map(showSettingProblem).join('\n')
}

async function addOrdered(daemon: Daemon, order: DriverOrder): Promise<Problem | null> {
  const source = await sourceOf(order)
  if (isProblem(source)) return source
  const token = await readTokenFile(daemon.tokenFile)
  if (typeof token !== 'string') return token
  const control = await connectControl(daemon.url, { token })
  if (isProblem(control)) return control
  const result = await control.run({
    do: 'add',
    source,
    ...(order.wantedFiles === null ? {} : { wantedFiles: [...order.wantedFiles] }),
  })
  await control.close()
  // It is there from the last run with the same state.
  return result.ok || result.problem.code === 'already-added' ? null : result.problem
}

type Source = Extract<Command, { do: 'add' }>['source']

async function sourceOf(order: DriverOrder): Promise<Source | Problem> {
  if (order.source.kind === 'magnet') return order.source
  const bytes = await readFile(order.source.path).catch(() => null)
  return bytes === null
    ? problem('bad-torrent', 'The torrent file cannot be read.', 'Check BTC_TORRENT.')
    : { kind: 'metainfo', base64: bytes.toString('base64') }
}

function isInputRefused({ code }: Problem): boolean {
  return ['bad-torrent', 'bad-magnet', 'bad-value', 'bad-command', 'too-long'].includes(code)
}

function say(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}

process.exit(await main())
