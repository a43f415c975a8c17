import { performance } from 'node:perf_hooks'
import type { ClockPort } from '@pigeon/engine/ports'

/** The system's clocks. A wall clock that jumps never moves `nowMs`. A waiting timer keeps the process alive. */
export function createClockPort(): ClockPort {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS))
      return () => clearTimeout(timer)
    },
  }
}

/** Node fires at once for longer delays. */
const MAX_DELAY_MS = 2 ** 31 - 1
