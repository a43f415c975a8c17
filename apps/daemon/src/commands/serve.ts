/** `pigeond` itself: runs the daemon in the foreground until a signal ends it. */
import { isProblem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { type Daemon, startDaemon } from '../daemon.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts'
import { passedSocket, type ServiceManager, serviceManager } from '../service/service-manager.ts'
import { catchSignals } from '../service/signals.ts'
import { CLIENT_NAME } from '../version.ts'
import {
  complain,
  complainOf,
  type Flags,
  loadAll,
  loadOrSay,
  type Surroundings,
} from './context.ts'

/** How often a service manager is told how it goes. */
const STATUS_MS = 60_000

export async function serve(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const descriptor = passedSocket(around.env, process.pid)
  if (typeof descriptor === 'string') {
    complain(around, descriptor)
    return EXIT.config
  }
  const signals = catchSignals()
  const daemon = await startDaemon(loaded.settings, {
    descriptor,
    env: around.env,
    sources: loaded.sources,
    // As if the system had asked.
    shutDown: () => process.kill(process.pid, 'SIGTERM'),
  })
  if (isProblem(daemon)) {
    signals.release()
    complainOf(around, daemon)
    return exitCodeOf(daemon)
  }
  process.on('uncaughtException', (error) => {
    daemon.log.bug('crashed', error)
    process.exit(EXIT.failure)
  })
  const manager = serviceManager(around.env, (reason) =>
    daemon.log.write('warn', 'notify-failed', { reason }),
  )
  greet(around, daemon)
  manager.ready(daemon.status())
  const timer = tellStatus(daemon, manager)
  signals.handle({
    reload: () => void reload(around, flags, daemon, manager),
    report: () => daemon.report(),
  })
  const reason = await signals.stop
  clearInterval(timer)
  manager.stopping()
  const isDone = await daemon.stop(reason)
  await manager.flush()
  return isDone ? EXIT.ok : EXIT.failure
}

function greet(around: Surroundings, daemon: Daemon): void {
  for (const notice of daemon.notices) complainOf(around, notice)
  if (!around.isWatched) return
  const peers = daemon.listening ?? 'nowhere'
  complain(
    around,
    `${CLIENT_NAME} runs. Control: ${daemon.url} (token in ${toDisplay(daemon.tokenFile)}); peers: ${peers}. Ctrl-C stops it.`,
  )
}

/** Only what changed is told. */
function tellStatus(daemon: Daemon, manager: ServiceManager): ReturnType<typeof setInterval> {
  let last = daemon.status()
  return setInterval(() => {
    const now = daemon.status()
    if (now !== last) manager.status(now)
    last = now
  }, STATUS_MS).unref()
}

/** With a file that is wrong, everything stays as it is. */
async function reload(
  around: Surroundings,
  flags: Flags,
  daemon: Daemon,
  manager: ServiceManager,
): Promise<void> {
  manager.reloading()
  const loaded = loadAll(around, flags)
  if ('settings' in loaded) await daemon.reload(loaded.settings, loaded.sources)
  else daemon.refuseReload(loaded)
  manager.ready(daemon.status())
}
