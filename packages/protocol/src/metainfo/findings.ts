/** Collects what is odd about a torrent while it is read, and the first thing that is wrong. */
import type { MetainfoFault, MetainfoFaultCode } from '../metainfo.ts'

/** A hostile torrent may be odd in every file; nobody reads more lines than this. */
export const MAX_WARNINGS = 50

export class Findings {
  readonly #warnings: string[] = []
  #fault: MetainfoFault | null = null

  get warnings(): readonly string[] {
    return this.#warnings
  }

  get fault(): MetainfoFault | null {
    return this.#fault
  }

  /** Words must be ours: `where` names keys and indexes, never foreign text. */
  warn(where: string, message: string): void {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(`${where}: ${message}`)
    else if (this.#warnings.length === MAX_WARNINGS) this.#warnings.push('and more like these')
  }

  /** Keeps the first fault. Gives `null`, so that a reader can `return findings.refuse(...)`. */
  refuse(code: MetainfoFaultCode, where: string, message: string): null {
    this.#fault ??= { code, where, message }
    return null
  }
}
