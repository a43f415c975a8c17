/** Whether to remove. Deleting data is a question of its own, and never what Enter alone does. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { nameOf, runInParts } from './run-on.ts'
import type { Place } from './keymap.ts'
import type { KeyPress } from './keys.ts'
import { type Line, type Size, span, spanLine, textLine } from './lines.ts'
import { STRINGS } from './strings.ts'
import type { Host, View } from './view.ts'

/** Names that are listed. */
const LISTED = 4

export class RemoveDialog implements View {
  readonly places: readonly Place[] = []
  readonly #host: Host
  /** Those, whatever happens to the list meanwhile. */
  readonly #torrents: readonly TorrentSummary[]
  #isAboutData = false

  constructor(host: Host, torrents: readonly TorrentSummary[]) {
    this.#host = host
    this.#torrents = torrents
  }

  get dialog(): NonNullable<View['dialog']> {
    const { remove } = STRINGS
    return {
      title: this.#isAboutData ? remove.titleData : remove.title(this.#torrents.length),
      hint: this.#isAboutData ? remove.hintData : remove.hint,
      isGrave: true,
      rows: () => Math.min(this.#torrents.length, LISTED + 1) + 3,
    }
  }

  lines({ width }: Size): readonly Line[] {
    const shown = this.#torrents.length > LISTED + 1 ? LISTED : LISTED + 1
    const names = this.#torrents.slice(0, shown).map((one) => textLine(nameOf(one), width))
    const more = this.#torrents.length - names.length
    const choices = this.#isAboutData ? STRINGS.remove.choicesData : STRINGS.remove.choices
    return [
      ...names,
      ...(more > 0 ? [textLine(STRINGS.remove.more(more), width, 'dim')] : []),
      ...choices.map(([key, meaning]) =>
        spanLine(
          [span(key.padEnd(6), 'key'), span(meaning, this.#isAboutData ? 'bad' : 'plain')],
          width,
        ),
      ),
    ]
  }

  onKey(key: KeyPress): boolean {
    if (key.name === 'Esc' || key.name === 'n' || key.name === 'q') this.#host.close(this)
    else if (key.name === 'y') this.#remove(this.#isAboutData)
    else if (key.name === 'D' && !this.#isAboutData) this.#isAboutData = true
    return true
  }

  onAction(): boolean {
    return false
  }

  onPaste(): boolean {
    return true
  }

  onMouse(): void {}

  hints(): readonly [] {
    return []
  }

  #remove(deleteData: boolean): void {
    this.#host.close(this)
    const { removed, removedData } = STRINGS.done
    const ids = this.#torrents.map(({ id }) => id)
    const done = deleteData ? removedData : removed
    runInParts(this.#host, ids, (part) => ({ do: 'remove', ids: part, deleteData }), done)
  }
}
