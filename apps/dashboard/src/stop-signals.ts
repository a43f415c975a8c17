/** How a user or a supervisor ends the process: the first signal asks, the second commands. */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Fulfilled by the first signal. From then on a second one ends the process at once, as a shell expects. */
export function firstStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false
    for (const signal of SIGNALS)
      process.on(signal, () => {
        if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal])
        isStopping = true
        resolve()
      })
  })
}
