/**
 * The last things that happened to a torrent, for whoever looks at it.
 */
import { LIMITS } from '../settings.ts'

export interface LogLine {
  readonly atMs: number
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

export class TorrentLog {
  readonly #wallMs: () => number
  #lines: LogLine[] = []

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs
  }

  /** Newest last. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }

  write(level: LogLine['level'], text: string): void {
    // Peers can repeat what makes a line: only the newest are kept, and a repeated line is not written again.
    if (this.#lines.at(-1)?.text === text) return
    this.#lines.push({ atMs: this.#wallMs(), level, text })
    if (this.#lines.length > LIMITS.logLines) this.#lines = this.#lines.slice(-LIMITS.logLines)
  }
}
