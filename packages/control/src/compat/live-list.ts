/** What a control tells its listeners, kept for APIs whose clients ask again and again instead of listening. */
import type {
  Caller,
  Command,
  CommandResult,
  Control,
  SessionSummary,
  TorrentSummary,
  Update,
} from '../contract.ts'

/** How long a first question waits for the first snapshot. */
export const SNAPSHOT_MS = 10_000
/** How long an answer to a change of the session waits for the change to be told. */
const CHANGE_MS = 600
/** Torrents that are looked at again at once after a command; of more, the next update tells. */
export const REFRESHED_TORRENTS = 16
/** Removals that are remembered, for `REMOVED_MS`. */
export const REMOVALS = 10_000
export const REMOVED_MS = 60_000

export interface Row {
  /** Small, from 1 on, never given twice while the process lives. */
  readonly number: number
  readonly summary: TorrentSummary
  /** When its summary last became another one. Monotonic. */
  readonly changedAtMs: number
}

/** Holds one subscription, from the first question on. */
export class LiveList {
  readonly control: Control
  readonly #nowMs: () => number
  readonly #rows = new Map<string, Row>()
  readonly #ids = new Map<number, string>()
  readonly #onSession = new Set<() => void>()
  readonly #removals: { readonly number: number; readonly atMs: number }[] = []
  #session: SessionSummary | null = null
  #lastNumber = 0
  #watching: Promise<void> | null = null

  constructor(control: Control, nowMs: () => number = () => performance.now()) {
    this.control = control
    this.#nowMs = nowMs
  }

  /** The session, once it is known; `null` when the node says nothing in time. */
  async session(): Promise<SessionSummary | null> {
    this.#watching ??= new Promise((resolve) => {
      this.#onSession.add(resolve)
      this.control.watch((update) => this.#take(update))
    })
    if (this.#session === null) await inTime(this.#watching, SNAPSHOT_MS)
    return this.#session
  }

  /** In the order in which they were first seen. */
  rows(): readonly Row[] {
    return [...this.#rows.values()]
  }

  row(id: string): Row | null {
    return this.#rows.get(id) ?? null
  }

  rowOfNumber(number: number): Row | null {
    const id = this.#ids.get(number)
    return id === undefined ? null : this.row(id)
  }

  /** Those whose summary changed, and the numbers of those that went, in the last while. */
  recent(withinMs: number = REMOVED_MS): { rows: readonly Row[]; removed: readonly number[] } {
    const sinceMs = this.#nowMs() - withinMs
    return {
      rows: this.rows().filter((row) => row.changedAtMs >= sinceMs),
      removed: this.#removals.filter(({ atMs }) => atMs >= sinceMs).map(({ number }) => number),
    }
  }

  /** Runs a command; what it changed is in the list when this is fulfilled, but for commands of many torrents. */
  async run(command: Command, caller?: Caller): Promise<CommandResult> {
    await this.session()
    const told = this.#nextSession()
    const result = await this.control.run(command, caller)
    if (SESSION_COMMANDS.has(command.do) && result.ok) await inTime(told.promise, CHANGE_MS)
    told.forget()
    if (result.ids.length <= REFRESHED_TORRENTS) {
      for (const id of result.ids) await this.refresh(id)
    }
    return result
  }

  /** Looks at one torrent now rather than at the next update. */
  async refresh(id: string): Promise<Row | null> {
    const detail = await this.control.detail(id)
    if (detail === null) this.#remove(id)
    else this.#put(detail.summary)
    return this.row(id)
  }

  #nextSession(): { readonly promise: Promise<void>; forget(): void } {
    let listener = (): void => {}
    const promise = new Promise<void>((resolve) => {
      listener = resolve
    })
    this.#onSession.add(listener)
    return { promise, forget: () => void this.#onSession.delete(listener) }
  }

  #take(update: Update): void {
    if (update.kind === 'offline') return
    if (update.kind === 'snapshot') {
      const present = new Set(update.torrents.map(({ id }) => id))
      for (const id of this.#rows.keys()) if (!present.has(id)) this.#remove(id)
      // Numbers by age, so that they are the same again after most restarts.
      const byAge = update.torrents.toSorted((one, other) => one.addedAtMs - other.addedAtMs)
      for (const torrent of byAge) this.#put(torrent)
    } else {
      for (const torrent of update.changed) this.#put(torrent)
      for (const id of update.removed) this.#remove(id)
    }
    if (update.session === null) return
    this.#session = update.session
    for (const told of this.#onSession) told()
    this.#onSession.clear()
  }

  #put(summary: TorrentSummary): void {
    const known = this.#rows.get(summary.id)
    const number = known?.number ?? this.#newNumber(summary.id)
    this.#rows.set(summary.id, { number, summary, changedAtMs: this.#nowMs() })
  }

  #newNumber(id: string): number {
    this.#lastNumber += 1
    this.#ids.set(this.#lastNumber, id)
    return this.#lastNumber
  }

  #remove(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    this.#ids.delete(row.number)
    const nowMs = this.#nowMs()
    const isOld = (at: number): boolean => (this.#removals[at]?.atMs ?? nowMs) < nowMs - REMOVED_MS
    while (this.#removals.length >= REMOVALS || isOld(0)) this.#removals.shift()
    this.#removals.push({ number: row.number, atMs: nowMs })
  }
}

const SESSION_COMMANDS: ReadonlySet<Command['do']> = new Set([
  'set-session',
  'save-category',
  'remove-category',
])

async function inTime(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
