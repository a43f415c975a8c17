/** The session's blocklist, and how often it held. */
import type { ClockPort } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import { type AddressRange, Blocklist } from '../transport/blocklist.ts'
import type { BlocklistSummary } from './network-summary.ts'

/** A list as it is handed over: its text in any of the formats that circulate, or its ranges. */
export type BlocklistSource = { readonly source: string } & (
  | { readonly text: string }
  | { readonly ranges: readonly AddressRange[] }
)

export class BlockedAddresses {
  readonly #clock: Pick<ClockPort, 'wallMs'>
  #list: Blocklist | null = null
  #source = ''
  #loadedAtMs = 0
  #blocked = 0

  constructor(clock: Pick<ClockPort, 'wallMs'>) {
    this.#clock = clock
  }

  /** In place of the one before. A list of which nothing could be read is a problem, and the one before stays. */
  set(from: BlocklistSource | null): IoProblem | null {
    if (from === null) {
      this.#list = null
      return null
    }
    const list = 'text' in from ? Blocklist.parse(from.text) : Blocklist.of(from.ranges)
    if (list.rangeCount === 0 && list.badLineCount > 0) return unreadable(from.source)
    this.#list = list
    this.#source = from.source
    this.#loadedAtMs = this.#clock.wallMs()
    this.#blocked = 0
    return null
  }

  /** Counts when it is. */
  has(host: string): boolean {
    const isBlocked = this.#list?.has(host) === true
    if (isBlocked) this.#blocked += 1
    return isBlocked
  }

  get summary(): BlocklistSummary | null {
    if (this.#list === null) return null
    const { badLineCount, rangeCount } = this.#list
    return {
      source: this.#source,
      ranges: rangeCount,
      blocked: this.#blocked,
      loadedAtMs: this.#loadedAtMs,
      problem: badLineCount === 0 ? null : partlyRead(badLineCount),
    }
  }
}

const FORMATS = 'Use P2P text, an ipfilter.dat, or one address, range or CIDR block a line.'

function unreadable(source: string): IoProblem {
  return ioProblem('bad-answer', `${source} has no line that names addresses.`, FORMATS)
}

function partlyRead(lineCount: number): IoProblem {
  return ioProblem('bad-answer', `${lineCount} lines of it name no addresses.`, FORMATS)
}
