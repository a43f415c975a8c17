/** The readable record of what passed a relay: one line a message, runs of blocks folded into one line. */
import type { Frame, Handshake } from '../codec/peer-wire.ts'

/** Enough for every message of a cell that is not a block or a request. */
const MAX_LINES = 2000
const FOLDED = new Set(['piece', 'request', 'have', 'cancel', 'reject', 'allowed-fast'])

export class Transcript {
  readonly #lines: string[] = []
  readonly #names: readonly [string, string]
  readonly #startedMs = Date.now()
  #run:
    | { readonly key: string; readonly head: string; count: number; first: string; last: string }
    | undefined

  /** Names of the dialling and of the dialled client. */
  constructor(names: readonly [string, string]) {
    this.#names = names
  }

  note(connection: number, text: string): void {
    this.#flush()
    this.#line(`${this.#stamp(connection)} -- ${text}`)
  }

  handshake(connection: number, direction: 'forward' | 'backward', handshake: Handshake): void {
    const id = handshake.peerId.toString('latin1', 0, 8).replaceAll(/[^\x20-\x7e]/g, '.')
    this.#flush()
    this.#line(
      `${this.#head(connection, direction)} handshake reserved=${handshake.reserved.toString('hex')} hash=${handshake.infoHash.toString('hex')} id=${id}`,
    )
  }

  frame(connection: number, direction: 'forward' | 'backward', name: string, frame: Frame): void {
    const detail = describe(name, frame)
    if (!FOLDED.has(name)) {
      this.#flush()
      this.#line(`${this.#head(connection, direction)} ${name}${detail}`)
      return
    }
    const key = `${connection} ${direction} ${name}`
    if (this.#run?.key === key) {
      this.#run.count += 1
      this.#run.last = detail
      return
    }
    this.#flush()
    this.#run = {
      key,
      head: `${this.#head(connection, direction)} ${name}`,
      count: 1,
      first: detail,
      last: detail,
    }
  }

  text(): string {
    this.#flush()
    const between = `# ${this.#names[0]} dials ${this.#names[1]}`
    return `${[between, ...this.#lines].join('\n')}\n`
  }

  #flush(): void {
    const run = this.#run
    this.#run = undefined
    if (run === undefined) return
    this.#line(
      run.count === 1
        ? `${run.head}${run.first}`
        : `${run.head} x${run.count}${run.first} ..${run.last}`,
    )
  }

  #line(line: string): void {
    if (this.#lines.length < MAX_LINES) this.#lines.push(line)
    else if (this.#lines.length === MAX_LINES) this.#lines.push('... (the rest is left out)')
  }

  #stamp(connection: number): string {
    return `${((Date.now() - this.#startedMs) / 1000).toFixed(3).padStart(8)} #${connection}`
  }

  #head(connection: number, direction: 'forward' | 'backward'): string {
    const [dialler, dialled] = this.#names
    const arrow = direction === 'forward' ? `${dialler} > ${dialled}` : `${dialled} > ${dialler}`
    return `${this.#stamp(connection)} ${arrow}:`
  }
}

function describe(name: string, frame: Frame): string {
  const { body } = frame
  if (name === 'piece' && body.length >= 8)
    return ` ${body.readUInt32BE(0)}+${body.readUInt32BE(4)} (${body.length - 8})`
  if (body.length === 12)
    return ` ${body.readUInt32BE(0)}+${body.readUInt32BE(4)} (${body.readUInt32BE(8)})`
  if (body.length === 4) return ` ${body.readUInt32BE(0)}`
  return body.length === 0 ? '' : ` [${body.length} bytes]`
}
