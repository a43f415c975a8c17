/** Rows of a file tree as lines, and the cursor that walks over them. */
import { formatBytes, formatPercent } from '@pigeon/control/units'
import { fitToCells } from './cells.ts'
import { type TreeFile, type TreeRow, treeRows } from './file-tree.ts'
import type { Action } from './keymap.ts'
import { type Line, type Role, span, spanLine } from './lines.ts'
import { Scroll } from './scroll.ts'
import { STRINGS } from './strings.ts'

/** Trees of more files begin folded. */
const OPEN_FILES = 500

export class FileRows {
  readonly #scroll = new Scroll()
  readonly #folded = new Set<string>()
  #files: readonly TreeFile[] = []
  #rows: readonly TreeRow[] = []
  #path: string | null = null
  #index = 0
  #isFirst = true

  get rows(): readonly TreeRow[] {
    return this.#rows
  }

  get current(): TreeRow | undefined {
    return this.#rows[this.#index]
  }

  get first(): number {
    return this.#scroll.first
  }

  get index(): number {
    return this.#index
  }

  /** Keeps the cursor where it was while the files change. */
  show(files: readonly TreeFile[]): void {
    if (files === this.#files) return
    this.#files = files
    if (this.#isFirst && files.length > OPEN_FILES) this.#foldAll()
    this.#isFirst = files.length === 0
    this.#update()
  }

  moveTo(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.#rows.length - 1))
    this.#path = this.current?.path ?? null
  }

  onAction(action: Action): boolean {
    return this.#scroll.onAction(action, this.#index, (to) => this.moveTo(to))
  }

  /** Answers whether there was something to fold or unfold. */
  fold(wanted: 'fold' | 'unfold' | 'turn'): boolean {
    const row = this.current
    if (row === undefined) return false
    if (row.kind === 'file' || (wanted === 'fold' && !row.isOpen)) {
      if (wanted !== 'fold') return false
      const parent = row.path.slice(0, row.path.lastIndexOf('/'))
      const at = this.#rows.findIndex(({ path }) => path === parent)
      if (at >= 0) this.moveTo(at)
      return true
    }
    const isOpen = wanted === 'turn' ? !row.isOpen : wanted === 'unfold'
    if (isOpen) this.#folded.delete(row.path)
    else this.#folded.add(row.path)
    this.#update()
    return true
  }

  lines(width: number, room: number, markOf: (row: TreeRow) => string): readonly Line[] {
    const first = this.#scroll.fit(this.#index, this.#rows.length, room)
    return this.#rows.slice(first, first + room).map((row, offset) => {
      const isCursor = first + offset === this.#index
      const { lengthBytes, doneBytes } = row
      const share = lengthBytes === 0 ? 1 : doneBytes / lengthBytes
      const sign = row.kind === 'file' ? '  ' : row.isOpen ? '▾ ' : '▸ '
      const indent = ' '.repeat(Math.min(row.depth * 2, Math.floor(width / 4)))
      return spanLine(
        [
          span(isCursor ? '▌' : ' ', 'key'),
          span(fitToCells(markOf(row), MARK_CELLS), PRIORITY_ROLES[row.priority]),
          span(` ${fitToCells(formatPercent(share), 6, 'right')}`),
          span(` ${fitToCells(formatBytes(lengthBytes), 9, 'right')}  `),
          span(`${indent}${sign}`, 'dim'),
          span(row.name, row.kind === 'folder' ? 'title' : 'plain'),
        ],
        width,
        isCursor,
      )
    })
  }

  heading(width: number): Line {
    const { get, done, size, name } = STRINGS.files
    const cells = [
      ` ${fitToCells(get, MARK_CELLS)}`,
      fitToCells(done, 6, 'right'),
      fitToCells(size, 9, 'right'),
      `   ${name}`,
    ]
    return spanLine([span(cells.join(' '), 'dim')], width)
  }

  #foldAll(): void {
    for (const { path } of this.#files) {
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        if (path.indexOf('/') !== at) this.#folded.add(path.slice(0, at))
    }
  }

  #update(): void {
    this.#rows = treeRows(this.#files, this.#folded)
    const at = this.#rows.findIndex(({ path }) => path === this.#path)
    this.moveTo(at >= 0 ? at : this.#index)
  }
}

const MARK_CELLS = 6

const PRIORITY_ROLES: Readonly<Record<TreeRow['priority'], Role>> = {
  skip: 'dim',
  low: 'plain',
  normal: 'plain',
  high: 'warn',
  mixed: 'dim',
}
