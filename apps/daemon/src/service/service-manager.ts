/** What systemd is told about us, where it listens: see sd_notify(3) and systemd.service(5), "notify-reload". */
import { spawn } from 'node:child_process'
import { toDisplay } from '@pigeon/protocol/display'

/** Messages that wait for their turn; of more, the oldest is left out. */
export const MESSAGES_WAITING = 16
/** A helper that hangs is given up after this. */
const HELPER_MS = 3_000

export interface ServiceManager {
  ready(status: string): void
  /** To be followed by `ready`. */
  reloading(): void
  stopping(): void
  status(text: string): void
  /** Fulfilled when all that was said has been handed over. */
  flush(): Promise<void>
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Speaks through `systemd-notify`, for Node has no datagram sockets of the unix family. The unit needs
 * `NotifyAccess=all`. Without NOTIFY_SOCKET nothing is started and nothing said.
 */
export function serviceManager(
  env: Environment,
  onFailure: (reason: string) => void,
): ServiceManager {
  if (!env['NOTIFY_SOCKET']) return SILENT
  const notifier = new Notifier(env, onFailure)
  return {
    ready: (status) => notifier.say(['READY=1', `STATUS=${oneLine(status)}`]),
    reloading: () => notifier.say(['RELOADING=1', `MONOTONIC_USEC=${monotonicMicros()}`]),
    stopping: () => notifier.say(['STOPPING=1', 'STATUS=Saying goodbye']),
    status: (text) => notifier.say([`STATUS=${oneLine(text)}`]),
    flush: () => notifier.flush(),
  }
}

const SILENT: ServiceManager = {
  ready: () => {},
  reloading: () => {},
  stopping: () => {},
  status: () => {},
  flush: () => Promise.resolve(),
}

/** One helper after the other, so that what is said arrives in the order in which it was said. */
class Notifier {
  readonly #env: Environment
  readonly #onFailure: (reason: string) => void
  readonly #waiting: (readonly string[])[] = []
  #working: Promise<void> | null = null

  constructor(env: Environment, onFailure: (reason: string) => void) {
    this.#env = env
    this.#onFailure = onFailure
  }

  say(assignments: readonly string[]): void {
    if (this.#waiting.length >= MESSAGES_WAITING) this.#waiting.shift()
    this.#waiting.push(assignments)
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
  }

  async flush(): Promise<void> {
    await this.#working
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const reason = await notify(next, this.#env)
      if (reason !== null) this.#onFailure(reason)
    }
  }
}

/** Answers why it did not work, or `null`. */
function notify(assignments: readonly string[], env: Environment): Promise<string | null> {
  return new Promise((resolve) => {
    const helper = spawn('systemd-notify', assignments, {
      env,
      stdio: 'ignore',
      timeout: HELPER_MS,
      killSignal: 'SIGKILL',
    })
    helper.on('error', (error) => resolve(error.message))
    helper.on('exit', (code) => resolve(code === 0 ? null : `systemd-notify exited with ${code}`))
  })
}

/** The clock that systemd compares with the time at which it sent the signal. */
function monotonicMicros(): bigint {
  return process.hrtime.bigint() / 1_000n
}

function oneLine(text: string): string {
  return toDisplay(text)
}

/** The first descriptor that a service manager hands over: see sd_listen_fds(3). */
const FIRST_DESCRIPTOR = 3

/** The socket that was opened for us; `null` without one, a text when it cannot be used. */
export function passedSocket(env: Environment, pid: number): number | string | null {
  if (env['LISTEN_PID'] !== String(pid)) return null
  const count = Number(env['LISTEN_FDS'])
  if (count === 1) return FIRST_DESCRIPTOR
  if (!(count > 1)) return null
  return `${count} sockets were handed over, but there is one control: leave one ListenStream in the socket unit.`
}
