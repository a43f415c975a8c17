/** A log that a test can wait on. */
import type { LogPort } from '@pigeon/engine/ports'

export interface LogLine {
  readonly level: string
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export class RecordedLog implements LogPort {
  readonly lines: LogLine[] = []
  #wake: (() => void)[] = []

  write(...[level, event, fields]: Parameters<LogPort['write']>): void {
    this.lines.push({ level, event, fields })
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Fulfilled when there are so many lines of these events, with them. */
  async until(event: string, count = 1): Promise<readonly LogLine[]> {
    for (;;) {
      const found = this.lines.filter((line) => line.event === event)
      if (found.length >= count) return found
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve)
      })
    }
  }

  events(): readonly string[] {
    return this.lines.map(({ event }) => event)
  }
}
