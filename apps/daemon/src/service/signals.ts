/** What signals ask of a running daemon: the first one to stop asks, the second commands. */
import { isatty } from 'node:tty'

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
export type StopSignal = keyof typeof SIGNAL_NUMBERS

const STANDARD_ERROR = 2

export interface SignalHandlers {
  /** SIGHUP: the settings are to be read again. */
  reload(): void
  /** SIGUSR1: somebody wants numbers. */
  report(): void
}

export interface Signals {
  /** Fulfilled by the first signal that asks to stop. */
  readonly stop: Promise<StopSignal>
  /** From now on signals reach these. One that came before is not lost. */
  handle(handlers: SignalHandlers): void
  /** Gives the signals their usual meaning again. */
  release(): void
}

/** From now on a second signal to stop ends the process at once, with the status that a shell expects. */
export function catchSignals(): Signals {
  let handlers: SignalHandlers | null = null
  let isStopping = false
  let isReloadDue = false
  let resolveStop: (signal: StopSignal) => void = () => {}
  const stop = new Promise<StopSignal>((resolve) => {
    resolveStop = resolve
  })
  const hadTerminal = isatty(STANDARD_ERROR)

  const onStop = (signal: StopSignal): void => {
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal])
    isStopping = true
    resolveStop(signal)
  }
  const onHangUp = (): void => {
    // The terminal from which we were started is gone: that, and not new settings, is what the signal says.
    if (hadTerminal && !isatty(STANDARD_ERROR)) onStop('SIGHUP')
    else if (isStopping) return
    else if (handlers === null) isReloadDue = true
    else handlers.reload()
  }
  // Without a listener Node would open its debugger.
  const onReport = (): void => handlers?.report()

  for (const signal of STOP_SIGNALS) process.on(signal, onStop)
  process.on('SIGHUP', onHangUp)
  process.on('SIGUSR1', onReport)
  return {
    stop,
    handle: (given) => {
      handlers = given
      if (isReloadDue) given.reload()
    },
    release: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onStop)
      process.off('SIGHUP', onHangUp)
      process.off('SIGUSR1', onReport)
    },
  }
}
