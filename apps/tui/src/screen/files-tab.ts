/** The files as a tree, with their priorities. */
import type { FilePriority } from '@pigeon/control/contract'
import type { DetailTab, Shown } from './detail-view.ts'
import { FileRows } from './file-rows.ts'
import type { TreeRow } from './file-tree.ts'
import type { Action } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import { type Line, type Size, textLine } from './lines.ts'
import { STRINGS } from './strings.ts'
import { openRenameOf } from './torrent-forms.ts'
import type { Host } from './view.ts'

const PRIORITIES: readonly FilePriority[] = ['skip', 'low', 'normal', 'high']

export class FilesTab implements DetailTab {
  readonly #host: Host
  readonly #rows = new FileRows()

  constructor(host: Host) {
    this.#host = host
  }

  lines({ detail }: Shown, { width, height }: Size): readonly Line[] {
    this.#rows.show(detail.files)
    if (detail.files.length === 0) return [textLine(STRINGS.files.unknown, width, 'dim')]
    return [this.#rows.heading(width), ...this.#rows.lines(width, Math.max(1, height - 1), markOf)]
  }

  onKey(key: KeyPress): boolean {
    if (key.name === 'Left') this.#rows.fold('fold')
    else if (key.name === 'Right') this.#rows.fold('unfold')
    else return false
    return true
  }

  onAction(action: Action, shown: Shown): boolean {
    if (this.#rows.onAction(action)) return true
    if (action === 'fold-or-unfold') return this.#rows.fold('turn')
    if (action === 'raise-priority') return this.#change(shown, 1)
    if (action === 'lower-priority') return this.#change(shown, -1)
    return action === 'rename' && this.#rename(shown)
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind !== 'click')
      this.#rows.moveTo(this.#rows.index + (mouse.kind === 'wheel-up' ? -3 : 3))
    else if (mouse.row > 0) {
      const row = this.#rows.first + mouse.row - 1
      if (row === this.#rows.index) this.#rows.fold('turn')
      else this.#rows.moveTo(row)
    }
  }

  hints(): readonly Action[] {
    return ['raise-priority', 'lower-priority', 'fold-or-unfold', 'rename']
  }

  #change({ torrent }: Shown, by: number): boolean {
    const row = this.#rows.current
    if (row === undefined) return false
    const at = PRIORITIES.findIndex((priority) => priority === row.priority) + by
    // Those that differ become the same first.
    const next = row.priority === 'mixed' ? 'normal' : PRIORITIES[at]
    if (next === undefined) return true
    const files = row.files.map((index) => ({ index, priority: next }))
    void this.#host.run({ do: 'set-files', id: torrent.id, files }, STRINGS.done.priority)
    return true
  }

  #rename({ torrent }: Shown): boolean {
    const row = this.#rows.current
    if (row === undefined) return false
    const name = row.path.slice(row.path.lastIndexOf('/') + 1)
    openRenameOf(this.#host, torrent.id, name, row.path)
    return true
  }
}

function markOf({ priority }: TreeRow): string {
  return STRINGS.files.priorities[priority]
}
