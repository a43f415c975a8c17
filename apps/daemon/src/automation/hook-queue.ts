/** What is to be done outside for completed torrents, a little at a time. */

export const HOOKS_AT_ONCE = 2
export const HOOKS_WAITING = 100

/** Never rejects. Ends soon when the signal says so. */
export type HookJob = (signal: AbortSignal) => Promise<void>

export class HookQueue {
  readonly #waiting: HookJob[] = []
  readonly #abort = new AbortController()
  readonly #running = new Set<Promise<void>>()

  /** False, and nothing will be done, when too many wait already or the queue is closed. */
  offer(job: HookJob): boolean {
    if (this.#abort.signal.aborted || this.#waiting.length >= HOOKS_WAITING) return false
    this.#waiting.push(job)
    this.#fill()
    return true
  }

  /** Ends what runs, forgets what waits. */
  async close(): Promise<void> {
    this.#waiting.length = 0
    this.#abort.abort()
    await Promise.all(this.#running)
  }

  #fill(): void {
    while (this.#running.size < HOOKS_AT_ONCE) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      const run = job(this.#abort.signal).finally(() => {
        this.#running.delete(run)
        this.#fill()
      })
      this.#running.add(run)
    }
  }
}
