/**
 * Numbers behind switches that are off. In this API a limit is a number and a switch, in Pigeon it is a number or
 * nothing: what was there before a limit was switched off is kept here, while the process lives.
 */

/** Torrents whose numbers are remembered; the oldest is forgotten first. */
export const REMEMBERED_OWNERS = 10_000

/** What can be switched off. Units as the API has them: kB a second, minutes, minutes after midnight, bits of days. */
export type Switched =
  | 'down'
  | 'up'
  | 'alt_down'
  | 'alt_up'
  | 'ratio'
  | 'idle'
  | 'begin'
  | 'end'
  | 'day'

/** What Transmission itself begins with. */
const DEFAULTS: { readonly [S in Switched]: number } = {
  down: 100,
  up: 100,
  alt_down: 50,
  alt_up: 50,
  ratio: 2,
  idle: 30,
  begin: 540,
  end: 1020,
  day: 127,
}

export const THE_SESSION = 'session'

export class Remembered {
  /** `start-added-torrents`: what becomes of torrents that are added here and say nothing of it. */
  startsAdded = true
  readonly #values = new Map<string, Partial<Record<Switched, number>>>()

  /** `owner`: a torrent's id, a group's name behind `group:`, or the session. */
  get(owner: string, what: Switched): number {
    return this.#values.get(owner)?.[what] ?? DEFAULTS[what]
  }

  set(owner: string, what: Switched, value: number): void {
    const values = { ...this.#values.get(owner), [what]: value }
    this.#values.delete(owner)
    if (this.#values.size >= REMEMBERED_OWNERS) {
      const oldest = this.#values.keys().next()
      if (!oldest.done) this.#values.delete(oldest.value)
    }
    this.#values.set(owner, values)
  }

  /**
   * The limit after a call that may have named its number, its switch, both or neither: `undefined` when it stays.
   * A number without a switch counts at once where the limit is on, and is kept for later where it is off.
   */
  settle(
    owner: string,
    what: Switched,
    now: number | null,
    asked: { readonly value?: number | undefined; readonly isOn?: boolean | undefined },
  ): number | null | undefined {
    if (asked.value !== undefined) this.set(owner, what, asked.value)
    else if (asked.isOn === false && now !== null) this.set(owner, what, now)
    const isOn = asked.isOn ?? now !== null
    if (!isOn) return asked.isOn === undefined ? undefined : null
    if (asked.value !== undefined) return asked.value
    return asked.isOn === true && now === null ? this.get(owner, what) : undefined
  }
}
