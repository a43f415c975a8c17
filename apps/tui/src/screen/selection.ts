/**
 * Which torrent is under the cursor and which are selected. The cursor stays on the same torrent while others come and
 * go; when that goes itself, the one that takes its place is next. Only what is shown can be selected.
 */
import type { TorrentSummary } from '@pigeon/control/contract'

export class Selection {
  readonly #rows: () => readonly TorrentSummary[]
  readonly #marked = new Set<string>()
  /** Where `v` was pressed. */
  #anchor: string | null = null
  #id: string | null = null
  #index = 0
  /** Comes into the list soon. */
  #awaited: string | null = null

  constructor(rows: () => readonly TorrentSummary[]) {
    this.#rows = rows
  }

  /** 0 when there is nothing. */
  get index(): number {
    const rows = this.#rows()
    if (this.#awaited !== null) {
      const at = rows.findIndex(({ id }) => id === this.#awaited)
      if (at >= 0) this.#set(at, rows)
    }
    if (rows[this.#index]?.id === this.#id) return this.#index
    const found = rows.findIndex(({ id }) => id === this.#id)
    this.#set(found >= 0 ? found : this.#index, rows)
    return this.#index
  }

  get current(): TorrentSummary | undefined {
    const { index } = this
    return this.#rows()[index]
  }

  get count(): number {
    return this.#markedRows().length
  }

  get isRange(): boolean {
    return this.#anchor !== null
  }

  /** Whether the torrent in a row is selected. */
  has(row: number): boolean {
    const [from, to] = this.#range()
    return (row >= from && row <= to) || this.#marked.has(this.#rows()[row]?.id ?? '')
  }

  /** Those selected, or else the one under the cursor. */
  chosen(): readonly TorrentSummary[] {
    const marked = this.#markedRows()
    if (marked.length > 0) return marked
    const { current } = this
    return current === undefined ? [] : [current]
  }

  moveTo(index: number): void {
    this.#set(index, this.#rows())
  }

  /** It may come into the list later. */
  moveToId(id: string): void {
    this.#awaited = id
  }

  toggle(): void {
    const { current, index } = this
    if (current === undefined) return
    this.#endRange()
    if (!this.#marked.delete(current.id)) this.#marked.add(current.id)
    this.moveTo(index + 1)
  }

  toggleRange(): void {
    if (this.#anchor !== null) this.#endRange()
    else this.#anchor = this.current?.id ?? null
  }

  toggleAll(): void {
    const rows = this.#rows()
    this.#endRange()
    const isAll = rows.every(({ id }) => this.#marked.has(id))
    this.clear()
    if (!isAll) for (const { id } of rows) this.#marked.add(id)
  }

  /** Answers whether anything was selected. */
  clear(): boolean {
    const wasAny = this.#marked.size > 0 || this.#anchor !== null
    this.#marked.clear()
    this.#anchor = null
    return wasAny
  }

  #set(index: number, rows: readonly TorrentSummary[]): void {
    this.#index = Math.max(0, Math.min(index, rows.length - 1))
    this.#id = rows[this.#index]?.id ?? null
    this.#awaited = null
  }

  #markedRows(): readonly TorrentSummary[] {
    if (this.#marked.size === 0 && this.#anchor === null) return []
    const [from, to] = this.#range()
    return this.#rows().filter(
      ({ id }, index) => this.#marked.has(id) || (index >= from && index <= to),
    )
  }

  /** Indexes from, to; nothing where there is no range. */
  #range(): readonly [number, number] {
    if (this.#anchor === null) return [1, 0]
    const { index } = this
    const anchor = this.#rows().findIndex(({ id }) => id === this.#anchor)
    return anchor < 0 ? [1, 0] : [Math.min(anchor, index), Math.max(anchor, index)]
  }

  #endRange(): void {
    for (const { id } of this.#anchor === null ? [] : this.#markedRows()) this.#marked.add(id)
    this.#anchor = null
  }
}
