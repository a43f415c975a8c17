/** Many may be inside at once, or one alone: a move waits for the pieces under way and holds up those that follow. */
export class Gate {
  #inside = 0
  /** Those who are or want to be alone: nobody else enters before they are done. */
  #aloneCount = 0
  readonly #waiting: (() => void)[] = []
  #whenEmpty: (() => void) | null = null
  #lastAlone: Promise<unknown> = Promise.resolve()

  async enter(): Promise<void> {
    while (this.#aloneCount > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#inside++
  }

  leave(): void {
    this.#inside--
    if (this.#inside === 0) this.#whenEmpty?.()
  }

  /** One after the other, each alone. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    this.#aloneCount++
    const result = this.#lastAlone.then(() => this.#hold(work))
    this.#lastAlone = result.catch(() => {})
    return result
  }

  async #hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
      this.#whenEmpty = null
    }
    try {
      return await work()
    } finally {
      this.#aloneCount--
      for (const go of this.#waiting.splice(0)) go()
    }
  }
}
