/** Which files of a torrent to fetch, before it is added. */
import type { Problem, TorrentPreview } from '@pigeon/control/contract'
import { formatBytes } from '@pigeon/control/units'
import { FileRows } from './file-rows.ts'
import type { TreeFile, TreeRow } from './file-tree.ts'
import type { Action, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { type Line, type Size, textLine } from './lines.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

export class FileChooser implements View {
  readonly places: readonly Place[] = ['moving']
  readonly dialog: NonNullable<View['dialog']>
  readonly #host: Host
  readonly #rows = new FileRows()
  readonly #skipped = new Set<number>()
  readonly #preview: TorrentPreview
  readonly #onChosen: (wantedFiles: number[]) => void

  constructor(host: Host, preview: TorrentPreview, onChosen: (wantedFiles: number[]) => void) {
    this.#host = host
    this.#preview = preview
    this.#onChosen = onChosen
    this.#update()
    this.dialog = {
      title: STRINGS.add.choose,
      hint: STRINGS.add.chooseHint,
      rows: () => this.#rows.rows.length + 1,
    }
  }

  lines({ width, height }: Size): readonly Line[] {
    const wanted = this.#preview.files.filter(({ index }) => !this.#skipped.has(index))
    const bytes = wanted.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
    const sum = STRINGS.files.chosen(wanted.length, this.#preview.files.length, formatBytes(bytes))
    return [
      textLine(sum, width, 'dim'),
      ...this.#rows.lines(width, Math.max(1, height - 1), markOf),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (key.name === 'Esc') this.#host.close(this)
    else if (key.name === 'Space') this.#turn()
    else if (key.name === 'Left') this.#rows.fold('fold')
    else if (key.name === 'Right') this.#rows.fold('unfold')
    else if (key.name === 'Enter') this.#submit()
    else return false
    return true
  }

  onAction(action: Action): boolean {
    return this.#rows.onAction(action)
  }

  onPaste(): boolean {
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind === 'wheel-up') this.#rows.moveTo(this.#rows.index - 3)
    else if (mouse.kind === 'wheel-down') this.#rows.moveTo(this.#rows.index + 3)
    else if (mouse.row > 0) {
      this.#rows.moveTo(this.#rows.first + mouse.row - 1)
      this.#turn()
    }
  }

  hints(): readonly [] {
    return []
  }

  #turn(): void {
    const row = this.#rows.current
    if (row === undefined) return
    const isSkipped = row.files.every((index) => this.#skipped.has(index))
    for (const index of row.files) {
      if (isSkipped) this.#skipped.delete(index)
      else this.#skipped.add(index)
    }
    this.#update()
  }

  #update(): void {
    this.#rows.show(
      this.#preview.files.map(
        (file): TreeFile => ({
          ...file,
          doneBytes: 0,
          priority: this.#skipped.has(file.index) ? 'skip' : 'normal',
        }),
      ),
    )
  }

  #submit(): void {
    const wanted = this.#preview.files
      .map(({ index }) => index)
      .filter((index) => !this.#skipped.has(index))
    if (wanted.length === 0) {
      const problem: Problem = STRINGS.add.noneChosen
      return this.#host.complain(problem)
    }
    this.#host.close(this)
    this.#onChosen(wanted)
  }
}

function markOf({ priority }: TreeRow): string {
  return priority === 'skip' ? '[ ]' : priority === 'mixed' ? '[-]' : '[✓]'
}
