/** Peers of another node whose wire is watched here: what comes over the line is handed to who asked for it. */
import { showWireEvent } from './display.ts'
import { WireAnswer } from './network-messages.ts'
import type { WireEvent, WireTarget } from './network.ts'
import type { Problem } from './contract.ts'

interface Watch {
  readonly target: WireTarget
  readonly listeners: Set<(event: WireEvent) => void>
  hasBegun: boolean
}

export class RemoteWatches {
  readonly #watches = new Map<string, Watch>()
  readonly #send: (message: unknown) => void

  constructor(send: (message: unknown) => void) {
    this.#send = send
  }

  /** All listeners to one peer share the watch; one who comes later sees what comes later. */
  begin(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    const key = keyOf(target)
    let watch = this.#watches.get(key)
    if (watch === undefined) {
      watch = { target, listeners: new Set(), hasBegun: false }
      this.#watches.set(key, watch)
      this.#send({ inspect: { torrent: target.torrent, peer: target.peer } })
    }
    watch.listeners.add(listener)
    return () => this.#leave(key, listener)
  }

  /** Whether the message was one of these. */
  receive(message: unknown): boolean {
    const parsed = WireAnswer.safeParse(message)
    if (!parsed.success) return false
    const { torrent, peer, event } = parsed.data
    const watch = this.#watches.get(keyOf({ torrent, peer }))
    if (watch === undefined) return true
    watch.hasBegun = true
    if (event.kind === 'ended') this.#watches.delete(keyOf({ torrent, peer }))
    const shown = showWireEvent(event)
    for (const listener of watch.listeners) listener(shown)
    return true
  }

  /** The line broke, or the node does not know what was asked. */
  endAll(reason: Problem, which: 'all' | 'not-begun' = 'all'): void {
    for (const [key, watch] of this.#watches) {
      if (which === 'not-begun' && watch.hasBegun) continue
      this.#watches.delete(key)
      for (const listener of watch.listeners) listener({ kind: 'ended', problem: reason })
    }
  }

  #leave(key: string, listener: (event: WireEvent) => void): void {
    const watch = this.#watches.get(key)
    if (watch === undefined || !watch.listeners.delete(listener)) return
    if (watch.listeners.size > 0) return
    this.#watches.delete(key)
    const { torrent, peer } = watch.target
    this.#send({ uninspect: { torrent, peer } })
  }
}

function keyOf({ torrent, peer }: WireTarget): string {
  return `${torrent} ${peer}`
}
