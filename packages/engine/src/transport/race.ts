/** Several ways to one peer, tried one after another with a head start each; the first that opens wins. */
import type { Cancel, ClockPort, DialHandlers, Dialling } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import type { Millis } from '@pigeon/protocol/machine'

export type Runner = (handlers: DialHandlers) => Dialling

/** `opened` or `failed` (with the problem of the last) comes exactly once, unless it is cancelled. */
export class Race implements Dialling {
  readonly #runners: readonly Runner[]
  readonly #headStartMs: Millis
  readonly #clock: Pick<ClockPort, 'after'>
  readonly #handlers: DialHandlers
  readonly #running = new Set<Entrant>()
  #next = 0
  #left: number
  #isOver = false
  #cancelTimer: Cancel | null = null

  constructor(init: {
    readonly runners: readonly Runner[]
    readonly headStartMs: Millis
    readonly clock: Pick<ClockPort, 'after'>
    readonly handlers: DialHandlers
  }) {
    this.#runners = init.runners
    this.#headStartMs = init.headStartMs
    this.#clock = init.clock
    this.#handlers = init.handlers
    this.#left = init.runners.length
    this.#startNext()
  }

  cancel(): void {
    this.#isOver = true
    this.#cancelTimer?.()
    const losers = [...this.#running]
    this.#running.clear()
    for (const { dialling } of losers) dialling?.cancel()
  }

  #startNext(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const runner = this.#runners[this.#next]
    if (runner === undefined || this.#isOver) return
    this.#next += 1
    if (this.#next < this.#runners.length)
      this.#cancelTimer = this.#clock.after(this.#headStartMs, () => this.#startNext())
    const entrant = new Entrant()
    this.#running.add(entrant)
    entrant.dialling = runner({
      opened: (socket) => {
        // What opens too late must not stay open.
        if (!this.#running.delete(entrant)) {
          socket.close()
          return
        }
        this.cancel()
        this.#handlers.opened(socket)
      },
      failed: (problem) => {
        if (this.#running.delete(entrant)) this.#failed(problem)
      },
    })
  }

  #failed(problem: IoProblem): void {
    this.#left -= 1
    if (this.#left > 0) {
      // Whoever is already under way goes on; otherwise there is nothing to wait for.
      if (this.#running.size === 0) this.#startNext()
      return
    }
    this.#isOver = true
    this.#handlers.failed(problem)
  }
}

/** Its dial may end before it is known. */
class Entrant {
  dialling: Dialling | null = null
}
