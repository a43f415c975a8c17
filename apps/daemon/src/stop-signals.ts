/** How a user or a supervisor ends the process: the first signal asks, the second commands. */

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
export type StopSignal = (typeof SIGNALS)[number]

export interface StopSignals {
  /** Fulfilled by the first signal. */
  readonly first: Promise<StopSignal>
  /** Gives the signals their usual meaning again. */
  release(): void
}

/** From now on a second signal ends the process at once, with the status that a shell expects. */
export function catchStopSignals(): StopSignals {
  let isStopping = false
  let stop: (signal: StopSignal) => void = () => {}
  const first = new Promise<StopSignal>((resolve) => {
    stop = resolve
  })
  const onSignal = (signal: StopSignal): void => {
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal])
    isStopping = true
    stop(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    first,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
