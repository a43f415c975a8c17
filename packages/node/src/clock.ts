import { performance } from 'node:perf_hooks'
import type { ClockPort } from '@pigeon/engine/ports'
import { WEEKDAYS } from '@pigeon/engine/schedule'

/** The system's clocks. A wall clock that jumps never moves `nowMs`. A waiting timer keeps the process alive. */
export function createClockPort(): ClockPort {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    localTime: () => {
      const now = new Date()
      const weekday = WEEKDAYS[(now.getDay() + 6) % 7] ?? 'mon'
      return { weekday, minute: now.getHours() * 60 + now.getMinutes() }
    },
    after(delayMs, callback) {
      if (delayMs <= 0) {
        // Runs when what the system has for us now is read: Node's timers would wait a millisecond.
        const immediate = setImmediate(callback)
        return () => clearImmediate(immediate)
      }
      const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS))
      return () => clearTimeout(timer)
    },
  }
}

/** Node fires at once for longer delays. */
const MAX_DELAY_MS = 2 ** 31 - 1
