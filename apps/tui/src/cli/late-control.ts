/** A control that can be given away before the node behind it is open: what is asked of it meanwhile waits. */
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
import { CLOSED, failed } from '@pigeon/control/problems'

interface Watcher {
  readonly listener: (update: Update) => void
  stop: () => void
}

export class LateControl implements Control {
  readonly #opened: Promise<Control | null>
  #settle: (control: Control | null) => void = () => {}
  #control: Control | null = null
  #isClosed = false
  readonly #watchers = new Set<Watcher>()

  constructor() {
    this.#opened = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** The node is open. Where this was closed meanwhile, so is the node. */
  async use(control: Control): Promise<void> {
    if (this.#isClosed) return control.close()
    this.#control = control
    for (const watcher of this.#watchers) watcher.stop = control.watch(watcher.listener)
    this.#settle(control)
  }

  async run(command: Command): Promise<CommandResult> {
    const control = await this.#opened
    return control === null ? failed(CLOSED) : control.run(command)
  }

  async detail(id: string): Promise<TorrentDetail | null> {
    return (await this.#opened)?.detail(id) ?? null
  }

  async metainfo(id: string): Promise<Uint8Array | null> {
    return (await this.#opened)?.metainfo(id) ?? null
  }

  async preview(source: AddSource): Promise<TorrentPreview | Problem> {
    return (await this.#opened)?.preview(source) ?? CLOSED
  }

  async network(): Promise<NetworkStatus | Problem> {
    return (await this.#opened)?.network() ?? CLOSED
  }

  async dht(query: DhtQuery): Promise<DhtAnswer | Problem> {
    return (await this.#opened)?.dht(query) ?? CLOSED
  }

  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    if (this.#control !== null) return this.#control.inspect(target, listener)
    listener({ kind: 'ended', problem: CLOSED })
    return () => {}
  }

  async browse(path: string | null): Promise<FolderListing | Problem> {
    return (await this.#opened)?.browse(path) ?? CLOSED
  }

  watch(listener: (update: Update) => void): () => void {
    if (this.#control !== null) return this.#control.watch(listener)
    const watcher: Watcher = { listener, stop: () => {} }
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
      watcher.stop()
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#settle(null)
    await this.#control?.close()
  }
}
