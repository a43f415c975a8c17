/**
 * Who may ask a tracker now: a bound on all, one at a time for each host, and a pause after a host failed. A torrent
 * may list a victim as its tracker, and thousands of torrents may list the same one.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { Cancel, ClockPort } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import { TRACKER_LIMITS } from './settings.ts'

/** Leaves the gate, once. A problem says that the host failed as a tracker: whoever waits for it fails likewise. */
export type Leave = (hostProblem: IoProblem | null) => void

export interface Entrance {
  readonly host: string
  readonly isUrgent: boolean
  /** Asked when its turn has come; `false` gives the turn to the next. */
  readonly isWanted: () => boolean
}

export class HostGate {
  readonly #clock: ClockPort
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #inside = new Map<string, number>()
  readonly #pausedUntilMs = new Map<string, Millis>()
  #waitingCount = 0
  #insideCount = 0
  #cancelTimer: Cancel | null = null
  #isClosed = false

  constructor(clock: ClockPort) {
    this.#clock = clock
  }

  /** Answers when it is this one's turn; `null` when it was not wanted any more. */
  enter(entrance: Entrance): Promise<Leave | IoProblem | null> {
    if (this.#isClosed) return Promise.resolve(closedProblem())
    if (this.#waitingCount >= TRACKER_LIMITS.waitingAsks) return Promise.resolve(busyProblem())
    return new Promise((decide) => {
      const queue = this.#waiting.get(entrance.host) ?? []
      this.#waiting.set(entrance.host, queue)
      if (entrance.isUrgent) queue.unshift({ ...entrance, decide })
      else queue.push({ ...entrance, decide })
      this.#waitingCount++
      this.#admit()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    for (const host of this.#waiting.keys()) this.#refuseAll(host, closedProblem())
  }

  #admit(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const nowMs = this.#clock.nowMs()
    let wakeMs: Millis | null = null
    for (const [host, queue] of this.#waiting) {
      if (this.#insideCount >= TRACKER_LIMITS.asksAtOnce) break
      const pausedUntilMs = this.#pausedUntilMs.get(host) ?? 0
      while (this.#mayEnter(host, queue[0], nowMs >= pausedUntilMs)) this.#admitFirst(host, queue)
      if (queue.length === 0) this.#waiting.delete(host)
      else if (pausedUntilMs > nowMs) wakeMs = Math.min(wakeMs ?? pausedUntilMs, pausedUntilMs)
    }
    if (wakeMs !== null) this.#cancelTimer = this.#clock.after(wakeMs - nowMs, () => this.#admit())
  }

  #mayEnter(host: string, first: Waiting | undefined, isPauseOver: boolean): boolean {
    if (first === undefined || this.#insideCount >= TRACKER_LIMITS.asksAtOnce) return false
    const inside = this.#inside.get(host) ?? 0
    if (first.isUrgent) return inside < TRACKER_LIMITS.urgentAsksPerHost
    return isPauseOver && inside < TRACKER_LIMITS.asksPerHost
  }

  #admitFirst(host: string, queue: Waiting[]): void {
    const first = queue.shift()
    if (first === undefined) return
    this.#waitingCount--
    if (!first.isWanted()) {
      first.decide(null)
      return
    }
    this.#insideCount++
    this.#inside.set(host, (this.#inside.get(host) ?? 0) + 1)
    let hasLeft = false
    first.decide((hostProblem) => {
      if (hasLeft) return
      hasLeft = true
      this.#leave(host, hostProblem)
    })
  }

  #leave(host: string, hostProblem: IoProblem | null): void {
    this.#insideCount--
    const inside = (this.#inside.get(host) ?? 1) - 1
    if (inside > 0) this.#inside.set(host, inside)
    else this.#inside.delete(host)
    if (hostProblem === null) {
      this.#pausedUntilMs.delete(host)
    } else {
      this.#pause(host)
      this.#refuseAll(host, hostProblem)
    }
    if (!this.#isClosed) this.#admit()
  }

  #pause(host: string): void {
    const nowMs = this.#clock.nowMs()
    this.#pausedUntilMs.delete(host)
    this.#pausedUntilMs.set(host, nowMs + TRACKER_LIMITS.hostPauseMs)
    for (const [oldest, untilMs] of this.#pausedUntilMs) {
      const isOver = untilMs <= nowMs
      if (!isOver && this.#pausedUntilMs.size <= TRACKER_LIMITS.rememberedHosts) break
      this.#pausedUntilMs.delete(oldest)
    }
  }

  #refuseAll(host: string, problem: IoProblem): void {
    const queue = this.#waiting.get(host) ?? []
    this.#waiting.delete(host)
    this.#waitingCount -= queue.length
    for (const { decide } of queue) decide(problem)
  }
}

/** What every ask hears once the session ends. */
export function closedProblem(): IoProblem {
  return ioProblem('closed', 'Pigeon is closing.', 'Start it again.')
}

interface Waiting extends Entrance {
  readonly decide: (answer: Leave | IoProblem | null) => void
}

function busyProblem(): IoProblem {
  return ioProblem(
    'not-allowed',
    'Too many announces wait for their turn.',
    'Pause some torrents; the announce is tried again later.',
  )
}
