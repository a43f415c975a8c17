/**
 * The screen's picture of the node, kept from the control's snapshot and diffs. However fast they come, who listens is
 * told at most five times a second.
 */
import type {
  Control,
  Problem,
  SessionSummary,
  TorrentSummary,
  Update,
} from '@pigeon/control/contract'

export const TELL_MS = 200
/** Points of the rate curves, one a second. */
export const HISTORY_POINTS = 240
const POINT_MS = 1_000

export interface RatePoint {
  readonly down: number
  readonly up: number
}

export interface Clock {
  now(): number
  /** Answers how to cancel. */
  after(delayMs: number, run: () => void): () => void
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

export class NodeStore {
  /** `null` until the first snapshot. */
  session: SessionSummary | null = null
  /** Why the line to the node is down. */
  offline: Problem | null = null
  /** Rises with each change of what is below. */
  version = 0
  readonly torrents = new Map<string, TorrentSummary>()
  readonly rates: RatePoint[] = []
  /** Told of each download that ended, as it happens. */
  onFinished: ((torrent: TorrentSummary) => void) | null = null
  readonly #clock: Clock
  readonly #tell: () => void
  #lastTellMs = Number.NEGATIVE_INFINITY
  #lastPointMs = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | null = null

  constructor(tell: () => void, clock: Clock = SYSTEM_CLOCK) {
    this.#tell = tell
    this.#clock = clock
  }

  /** Answers how to stop. */
  watch(control: Control): () => void {
    const stop = control.watch((update) => this.take(update))
    return () => {
      stop()
      this.#cancel?.()
      this.#cancel = null
    }
  }

  take(update: Update): void {
    if (update.kind === 'offline') this.offline = update.problem
    else this.#takeState(update)
    this.version += 1
    this.#schedule()
  }

  #takeState(update: Exclude<Update, { kind: 'offline' }>): void {
    this.offline = null
    if (update.kind === 'snapshot') {
      this.torrents.clear()
      for (const torrent of update.torrents) this.torrents.set(torrent.id, torrent)
    } else {
      for (const torrent of update.changed) this.#change(torrent)
      for (const id of update.removed) this.torrents.delete(id)
    }
    this.session = update.session ?? this.session
    this.#recordRates()
  }

  #change(torrent: TorrentSummary): void {
    const before = this.torrents.get(torrent.id)
    this.torrents.set(torrent.id, torrent)
    const isNews = before !== undefined && before.finishedAtMs === null
    if (isNews && torrent.finishedAtMs !== null) this.onFinished?.(torrent)
  }

  #recordRates(): void {
    const nowMs = this.#clock.now()
    if (this.session === null || nowMs - this.#lastPointMs < POINT_MS) return
    this.#lastPointMs = nowMs
    this.rates.push({ down: this.session.downRate, up: this.session.upRate })
    if (this.rates.length > HISTORY_POINTS) this.rates.shift()
  }

  #schedule(): void {
    if (this.#cancel !== null) return
    const waitMs = this.#lastTellMs + TELL_MS - this.#clock.now()
    if (waitMs <= 0) return this.#tellNow()
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = null
      this.#tellNow()
    })
  }

  #tellNow(): void {
    this.#lastTellMs = this.#clock.now()
    this.#tell()
  }
}
