/** Watches a control for a test: waits for what is to come, keeps what came, and holds the state as a screen would. */
import type { Control, TorrentSummary, Update } from '../contract.ts'

type Kind = Update['kind']
type Of<K extends Kind> = Extract<Update, { kind: K }>

export class UpdateLog {
  /** Of all snapshots and diffs, in order. */
  readonly numbers: number[] = []
  readonly #unread: Update[] = []
  readonly #torrents = new Map<string, TorrentSummary>()
  readonly #stopWatching: () => void
  #wake: () => void = () => {}

  constructor(control: Control) {
    this.#stopWatching = control.watch((update) => {
      this.#apply(update)
      this.#unread.push(update)
      this.#wake()
    })
  }

  stop(): void {
    this.#stopWatching()
  }

  /** The next update of a kind; others before it are passed over. */
  async next<K extends Kind>(kind: K): Promise<Of<K>> {
    for (;;) {
      const update = this.#unread.shift()
      if (update !== undefined && isOf(update, kind)) return update
      if (update === undefined) await this.#more()
    }
  }

  /** The torrents by id, once they are as is asked for. */
  async until(
    isRight: (torrents: ReadonlyMap<string, TorrentSummary>) => boolean,
  ): Promise<ReadonlyMap<string, TorrentSummary>> {
    while (!isRight(this.#torrents)) await this.#more()
    return this.#torrents
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #apply(update: Update): void {
    if (update.kind === 'offline') return
    this.numbers.push(update.number)
    if (update.kind === 'snapshot') this.#torrents.clear()
    const present = update.kind === 'snapshot' ? update.torrents : update.changed
    for (const torrent of present) this.#torrents.set(torrent.id, torrent)
    if (update.kind === 'diff') for (const id of update.removed) this.#torrents.delete(id)
  }
}

function isOf<K extends Kind>(update: Update, kind: K): update is Of<K> {
  return update.kind === kind
}
