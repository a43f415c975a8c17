/** For where there are no WebSockets: every opening ends at once, and says so. */
import type { ClockPort, WebSocketPort } from '../ports.ts'
import { ioProblem } from '../problem.ts'

export function noWebSockets(clock: ClockPort): WebSocketPort {
  return {
    open: (url, handlers) => {
      clock.after(0, () =>
        handlers.closed(ioProblem('refused', `${url} cannot be reached from here.`, '')),
      )
      return { send: () => {}, close: () => {} }
    },
  }
}
