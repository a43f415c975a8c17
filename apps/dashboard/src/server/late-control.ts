/**
 * The control of a node that may be away when pigeon-web starts: is there at once, says that the node is down, and hands
 * everything on as soon as the line is open. Lines that break later are mended by the control that it opened.
 */
import type {
  DhtAnswer,
  DhtQuery,
  NetworkStatus,
  WireEvent,
  WireTarget,
} from '@pigeon/control/network'
import type {
  AddSource,
  Command,
  CommandResult,
  Control,
  FolderListing,
  Problem,
  TorrentDetail,
  TorrentPreview,
  Update,
} from '@pigeon/control/contract'
import { CLOSED, failed, isProblem, problem } from '@pigeon/control/problems'

export const FIRST_TRY_AGAIN_MS = 1_000
export const LAST_TRY_AGAIN_MS = 30_000

export interface LateControlPorts {
  open(): Promise<Control | Problem>
  /** Answers how to cancel. */
  later(delayMs: number, callback: () => void): () => void
}

type Listener = (update: Update) => void

export class LateControl implements Control {
  readonly #ports: LateControlPorts
  #control: Control | null = null
  #problem: Problem | null = CONNECTING
  #isClosed = false
  #delayMs = FIRST_TRY_AGAIN_MS
  #cancel: () => void = () => {}
  /** Who watches, and how its watching of the opened control is stopped. */
  readonly #watchers = new Map<Listener, () => void>()

  constructor(ports: LateControlPorts) {
    this.#ports = ports
  }

  /** Why the node cannot be reached now; `null` while it can. */
  get problem(): Problem | null {
    return this.#problem
  }

  /** Tries until the line is open; fulfilled after the first try. */
  async start(): Promise<void> {
    const opened = await this.#ports.open()
    if (this.#isClosed) {
      if (!isProblem(opened)) await opened.close()
      return
    }
    if (isProblem(opened)) this.#tryAgain(opened)
    else this.#begin(opened)
  }

  run(command: Command): Promise<CommandResult> {
    return this.#control?.run(command) ?? Promise.resolve(failed(this.#reason()))
  }

  detail(id: string): Promise<TorrentDetail | null> {
    return this.#control?.detail(id) ?? Promise.resolve(null)
  }

  metainfo(id: string): Promise<Uint8Array | null> {
    return this.#control?.metainfo(id) ?? Promise.resolve(null)
  }

  preview(source: AddSource): Promise<TorrentPreview | Problem> {
    return this.#control?.preview(source) ?? Promise.resolve(this.#reason())
  }

  network(): Promise<NetworkStatus | Problem> {
    return this.#control?.network() ?? Promise.resolve(this.#reason())
  }

  dht(query: DhtQuery): Promise<DhtAnswer | Problem> {
    return this.#control?.dht(query) ?? Promise.resolve(this.#reason())
  }

  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    if (this.#control !== null) return this.#control.inspect(target, listener)
    listener({ kind: 'ended', problem: this.#reason() })
    return () => {}
  }

  browse(path: string | null): Promise<FolderListing | Problem> {
    return this.#control?.browse(path) ?? Promise.resolve(this.#reason())
  }

  watch(listener: Listener): () => void {
    // Of its own, so that whoever watches twice can stop once.
    const tell: Listener = (update) => listener(update)
    const control = this.#control
    this.#watchers.set(tell, control === null ? () => {} : control.watch(tell))
    if (control === null)
      queueMicrotask(() => {
        if (this.#control === null && this.#watchers.has(tell))
          tell({ kind: 'offline', problem: this.#reason() })
      })
    return () => {
      this.#watchers.get(tell)?.()
      this.#watchers.delete(tell)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel()
    this.#watchers.clear()
    await this.#control?.close()
  }

  #begin(control: Control): void {
    this.#control = control
    this.#problem = null
    control.watch((update) => {
      this.#problem = update.kind === 'offline' ? update.problem : null
    })
    for (const tell of this.#watchers.keys()) this.#watchers.set(tell, control.watch(tell))
  }

  #tryAgain(reason: Problem): void {
    this.#problem = reason
    for (const tell of this.#watchers.keys()) tell({ kind: 'offline', problem: reason })
    this.#cancel = this.#ports.later(this.#delayMs, () => void this.start())
    this.#delayMs = Math.min(this.#delayMs * 2, LAST_TRY_AGAIN_MS)
  }

  #reason(): Problem {
    return this.#isClosed ? CLOSED : (this.#problem ?? CONNECTING)
  }
}

const CONNECTING = problem(
  'connecting',
  'The line to this node is being opened.',
  'Wait a moment; if it stays so, look whether the node runs.',
)
