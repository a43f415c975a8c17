/** What happened to the torrent, the newest last. */
import { formatTimeOfDay } from '@pigeon/control/units'
import type { LogLine } from '@pigeon/control/contract'
import type { DetailTab, Shown } from './detail-view.ts'
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { labelled } from './labelled.ts'
import { type Line, type Role, type Size, textLine } from './lines.ts'
import { Scrolled } from './scrolled.ts'
import { STRINGS } from './strings.ts'

const LABEL_CELLS = 15

export class LogTab implements DetailTab {
  readonly #scrolled = new Scrolled()

  lines({ detail }: Shown, { width, height }: Size): readonly Line[] {
    if (detail.log.length === 0) return [textLine(STRINGS.noLog, width, 'dim')]
    const lines = detail.log.flatMap(({ atMs, level, text }) =>
      labelled(`${formatTimeOfDay(atMs)} ${level}`, text, LABEL_CELLS, width, ROLES[level]),
    )
    return this.#scrolled.cut(lines, height)
  }

  onAction(action: Action): boolean {
    return this.#scrolled.onAction(action)
  }

  onMouse(mouse: MousePress): void {
    this.#scrolled.onMouse(mouse)
  }

  hints(): readonly Action[] {
    return []
  }
}

const ROLES: Readonly<Record<LogLine['level'], Role>> = {
  info: 'plain',
  warn: 'warn',
  error: 'bad',
}
