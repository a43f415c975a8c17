/** Hashing folders that are to be shared: a few at a time, each shown as a job that can be broken off. */
import type { Command, CommandResult, Job, Problem } from './contract.ts'
import type { SessionProblem } from './controlled-session.ts'
import { defined } from './defined.ts'
import { showRefusal } from './display.ts'
import { failed, problem } from './problems.ts'

/** Folders that are hashed at the same time. */
export const SHARES_AT_ONCE = 2

export interface ShareOptions {
  /** Tiers. */
  readonly trackers?: readonly (readonly string[])[]
  readonly pieceLength?: number
  readonly isPrivate?: boolean
  readonly comment?: string
  readonly createdBy: string
  /** Seconds since 1970. */
  readonly creationDate: number
}

/** Hashes a file or folder; `folder` is where the torrent's own top-level name lies. As `@pigeon/node` has it. */
export type CreateTorrent = (
  path: string,
  options: ShareOptions,
  onProgress: (progress: { readonly hashedBytes: number; readonly totalBytes: number }) => void,
  signal: AbortSignal,
) => Promise<Created | { readonly kind: 'stopped' } | SessionProblem>

export interface Created {
  readonly kind: 'created'
  readonly bytes: Uint8Array
  readonly folder: string
}

type ShareCommand = Extract<Command, { do: 'share' }>

export class ShareJobs {
  readonly #node: string
  readonly #createTorrent: CreateTorrent
  readonly #onChange: () => void
  readonly #running = new Map<string, { job: Job; readonly abort: AbortController }>()
  #lastJob = 0

  /** `node`: what made the torrents, such as `pigeond 0.1.0`. */
  constructor(
    options: { readonly node: string; readonly createTorrent: CreateTorrent },
    onChange: () => void,
  ) {
    this.#node = options.node
    this.#createTorrent = options.createTorrent
    this.#onChange = onChange
  }

  get jobs(): readonly Job[] {
    return [...this.#running.values()].map(({ job }) => job)
  }

  /** Takes as long as it takes. Problems are fit to show. */
  async hash(command: ShareCommand): Promise<Created | Problem> {
    if (this.#running.size >= SHARES_AT_ONCE) return BUSY
    const { id, signal } = this.#begin(command.path)
    try {
      const created = await this.#create(command, id, signal)
      if (created.kind === 'created') return created
      return created.kind === 'stopped' ? CANCELLED : showRefusal(created)
    } finally {
      this.#running.delete(id)
      this.#onChange()
    }
  }

  cancel(id: string): CommandResult {
    const running = this.#running.get(id)
    if (running === undefined) return failed(UNKNOWN_JOB)
    running.abort.abort()
    return { ok: true, ids: [] }
  }

  /** Breaks all of them off. */
  stop(): void {
    for (const { abort } of this.#running.values()) abort.abort()
  }

  #begin(path: string): { readonly id: string; readonly signal: AbortSignal } {
    this.#lastJob += 1
    const id = `share-${this.#lastJob}`
    const abort = new AbortController()
    const job: Job = {
      id,
      kind: 'share',
      path,
      doneBytes: 0,
      totalBytes: null,
      startedAtMs: Date.now(),
    }
    this.#running.set(id, { job, abort })
    this.#onChange()
    return { id, signal: abort.signal }
  }

  #create(command: ShareCommand, id: string, signal: AbortSignal): ReturnType<CreateTorrent> {
    const { do: _, path, trackers, category: __, tags: ___, ...wishes } = command
    const options = {
      ...defined(wishes),
      ...(trackers === undefined ? {} : { trackers: trackers.map((url) => [url]) }),
      createdBy: this.#node,
      creationDate: Math.floor(Date.now() / 1000),
    }
    const onProgress: Parameters<CreateTorrent>[2] = ({ hashedBytes, totalBytes }) => {
      const running = this.#running.get(id)
      if (running === undefined) return
      running.job = { ...running.job, doneBytes: hashedBytes, totalBytes }
      this.#onChange()
    }
    return this.#createTorrent(path, options, onProgress, signal)
  }
}

const BUSY = problem(
  'busy',
  `${SHARES_AT_ONCE} folders are being hashed already.`,
  'Wait until one of them is done.',
)
const UNKNOWN_JOB = problem(
  'unknown-job',
  'There is no such work going on.',
  'It may have ended just now: look at the list.',
)
const CANCELLED = problem(
  'cancelled',
  'The hashing was broken off before the torrent was made.',
  'Share the folder again when you like.',
)
