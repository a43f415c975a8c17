/**
 * One line that is drawn again and again on a terminal. Where stderr is no terminal it stays silent, so that logs hold
 * no half lines.
 */
const BAR_CELLS = 24
/** Where the numbers need the room. */
const SHORT_BAR_CELLS = 10
const WIDE_COLUMNS = 100
const LEAST_MS_BETWEEN = 100

export class ProgressLine {
  readonly #isShown: boolean = process.stderr.isTTY
  #lastMs = Number.NEGATIVE_INFINITY

  /** `share` from 0 to 1; `text` is fit to show. */
  show(share: number, text: string): void {
    const nowMs = performance.now()
    if (!this.#isShown || nowMs - this.#lastMs < LEAST_MS_BETWEEN) return
    this.#lastMs = nowMs
    const columns = process.stderr.columns ?? 80
    const line = `${bar(share, columns < WIDE_COLUMNS ? SHORT_BAR_CELLS : BAR_CELLS)} ${(share * 100).toFixed(1).padStart(5)} %  ${text}`
    process.stderr.write(`\r${line.slice(0, columns - 1)}\u001b[K`)
  }

  /** Takes the line away, before anything else is printed. */
  clear(): void {
    if (this.#isShown && this.#lastMs > Number.NEGATIVE_INFINITY) process.stderr.write('\r\u001b[K')
    this.#lastMs = Number.NEGATIVE_INFINITY
  }
}

function bar(share: number, cells: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells)
  return `[${'#'.repeat(filled)}${'-'.repeat(cells - filled)}]`
}
