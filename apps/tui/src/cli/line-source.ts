/** Lines of an input, one at a time to whoever wants the next. */
import { createInterface, type Interface } from 'node:readline'

/** Lines that wait to be wanted; a faster writer is held back. */
export const WAITING_LINES = 1_000

export class LineSource {
  readonly #lines: Interface
  readonly #waiting: string[] = []
  #wanted: ((line: string | null) => void) | null = null
  #isEnded = false

  /** The terminal itself edits the lines: nothing is drawn here. */
  constructor(input: NodeJS.ReadableStream) {
    this.#lines = createInterface({ input, terminal: false })
    this.#lines.on('line', (line) => this.#take(line))
    this.#lines.on('close', () => {
      this.#isEnded = true
      this.#give(null)
    })
  }

  /** The next line; `null` when there is none any more. Ask for one at a time. */
  next(): Promise<string | null> {
    const line = this.#waiting.shift()
    if (line !== undefined) {
      if (!this.#isEnded && this.#waiting.length === WAITING_LINES - 1) this.#lines.resume()
      return Promise.resolve(line)
    }
    if (this.#isEnded) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#wanted = resolve
    })
  }

  close(): void {
    this.#lines.close()
  }

  #take(line: string): void {
    if (this.#wanted !== null) return this.#give(line)
    this.#waiting.push(line)
    if (this.#waiting.length >= WAITING_LINES) this.#lines.pause()
  }

  #give(line: string | null): void {
    const wanted = this.#wanted
    this.#wanted = null
    wanted?.(line)
  }
}
