/**
 * Virtual time: events in the order of their time, and of their making where times are equal.
 */
import type { Millis } from '@pigeon/protocol/machine'

export interface TimelineEvent {
  readonly atMs: Millis
  readonly number: number
  isCancelled: boolean
  readonly run: () => void
}

/** A burst of everything at once takes some thousand. */
const READS_PER_EVENT = 50_000

export class Timeline {
  /** A binary heap, the next event first. */
  readonly #heap: TimelineEvent[] = []
  /** Events that have run. */
  eventCount = 0
  #nowMs: Millis = 0
  #nextNumber = 0
  /** How often programs looked since the last event. */
  #reads = 0

  get nowMs(): Millis {
    return this.#nowMs
  }

  /** As `nowMs`, for programs: finds out one that runs on and on within an event, where no time-out could end it. */
  read(): Millis {
    this.#reads += 1
    if (this.#reads > READS_PER_EVENT) throw new Error('The program never lets time pass')
    return this.#nowMs
  }

  /** When the next event is due; `null` when nothing will ever happen again. */
  get nextMs(): Millis | null {
    while (this.#heap[0]?.isCancelled === true) this.#take()
    return this.#heap[0]?.atMs ?? null
  }

  /** Answers how to call it off. */
  after(delayMs: Millis, run: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, delayMs)
    const event = { atMs, number: this.#nextNumber, isCancelled: false, run }
    this.#nextNumber += 1
    this.#heap.push(event)
    this.#rise(this.#heap.length - 1)
    return () => {
      event.isCancelled = true
    }
  }

  /** Runs the next event and moves time to it. */
  step(): void {
    const event = this.#take()
    if (event === undefined || event.isCancelled) return
    this.#nowMs = event.atMs
    this.eventCount += 1
    this.#reads = 0
    event.run()
  }

  /** Lets time pass in which nothing happens. */
  skipTo(atMs: Millis): void {
    this.#nowMs = Math.max(this.#nowMs, atMs)
  }

  #take(): TimelineEvent | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || this.#heap.length === 0) return first
    this.#heap[0] = last
    this.#sink()
    return first
  }

  #rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) return
      at = parent
    }
  }

  #sink(): void {
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left
      if (!this.#swapIfLater(at, child)) return
      at = child
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#heap[a]
    const other = this.#heap[b]
    if (one === undefined || other === undefined) return false
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number)
  }

  #swapIfLater(parent: number, child: number): boolean {
    const upper = this.#heap[parent]
    const lower = this.#heap[child]
    if (upper === undefined || lower === undefined || !this.#isBefore(child, parent)) return false
    this.#heap[parent] = lower
    this.#heap[child] = upper
    return true
  }
}
