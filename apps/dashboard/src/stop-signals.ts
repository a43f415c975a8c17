/** How a user or a supervisor ends the process: the first signal asks, the second commands. */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** One Ctrl-C can come twice: from the terminal, and passed on by the program that started this one. */
export const SAME_PRESS_MS = 500

/** Fulfilled by the first signal. From then on a second one ends the process at once, as a shell expects. */
export function firstStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null
    for (const signal of SIGNALS)
      process.on(signal, () => {
        if (firstAtMs === null) {
          firstAtMs = performance.now()
          resolve()
        } else if (performance.now() - firstAtMs > SAME_PRESS_MS) {
          process.exit(128 + SIGNAL_NUMBERS[signal])
        }
      })
  })
}
