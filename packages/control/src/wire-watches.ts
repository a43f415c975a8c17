/** The peers whose wire one client of the socket watches: few at a time, and nothing for who does not read. */
import type { Control, Problem, Scope } from './contract.ts'
import type { WireEvent, WireTarget } from './network.ts'
import { problem } from './problems.ts'
import { includesScope, notAllowed } from './scopes.ts'

/** Of one client at a time. */
export const WATCHES_AT_ONCE = 4
/** A wire shows addresses of third parties and what each of them fetches: it is for the owner. */
export const WATCH_SCOPE: Scope = 'full'

export interface WireMessageOut extends WireTarget {
  readonly kind: 'wire'
  readonly event: WireEvent
}

export class WireWatches {
  readonly #control: Control
  readonly #scope: Scope
  /** `false`: the client does not read fast enough, and this was not sent. */
  readonly #send: (message: WireMessageOut) => boolean
  readonly #stops = new Map<string, () => void>()

  constructor(control: Control, scope: Scope, send: (message: WireMessageOut) => boolean) {
    this.#control = control
    this.#scope = scope
    this.#send = send
  }

  /** A refusal comes as the end of the watch. A peer that is watched already is watched anew, from its beginning. */
  begin(target: WireTarget): void {
    this.end(target)
    const refused = this.#refuse()
    if (refused !== null) {
      this.#send({ kind: 'wire', ...target, event: { kind: 'ended', problem: refused } })
      return
    }
    const key = keyOf(target)
    let unsent = 0
    let hasEnded = false
    const stop = this.#control.inspect(target, (event) => {
      if (hasEnded) return
      const told = event.kind === 'ended' ? event : { ...event, leftOut: event.leftOut + unsent }
      if (event.kind === 'ended') {
        hasEnded = true
        this.#stops.delete(key)
      }
      const wasSent = this.#send({ kind: 'wire', ...target, event: told })
      if (told.kind === 'messages') unsent = wasSent ? 0 : told.leftOut + told.messages.length
    })
    // It may have ended while it began.
    if (!hasEnded) this.#stops.set(key, stop)
  }

  end(target: WireTarget): void {
    const key = keyOf(target)
    this.#stops.get(key)?.()
    this.#stops.delete(key)
  }

  endAll(): void {
    for (const stop of this.#stops.values()) stop()
    this.#stops.clear()
  }

  #refuse(): Problem | null {
    if (!includesScope(this.#scope, WATCH_SCOPE)) return notAllowed(WATCH_SCOPE)
    return this.#stops.size >= WATCHES_AT_ONCE ? TOO_MANY_WATCHES : null
  }
}

function keyOf({ torrent, peer }: WireTarget): string {
  return `${torrent} ${peer}`
}

const TOO_MANY_WATCHES = problem(
  'busy',
  `${WATCHES_AT_ONCE} peers are watched through this connection already.`,
  'Stop watching one of them.',
)
