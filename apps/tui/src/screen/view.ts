/** What the screen is made of: views in a stack, of which the topmost gets the keys. */
import type {
  Command,
  CommandResult,
  Control,
  Problem,
  TorrentSummary,
} from '@pigeon/control/contract'
import type { Action, Keymap, Place } from './keymap.ts'
import type { KeyPress, MousePress } from './keys.ts'
import type { Line, Size } from './lines.ts'
import type { NodeStore } from './node-store.ts'
import type { Remembered } from './remembered.ts'

export interface View {
  /** Where its keys stand in the keymap, the most special first; none for dialogs, whose keys are their own. */
  readonly places: readonly Place[]
  /** No more lines than there is height, none wider than the width. */
  lines(size: Size): readonly Line[]
  /** Comes before the keymap; answers whether the key was for it. */
  onKey(key: KeyPress): boolean
  /** Answers whether it did something. */
  onAction(action: Action): boolean
  /** Answers whether it took the text; else the screen asks whether to add it. */
  onPaste(text: string): boolean
  /** `row` counts from the view's own first line. */
  onMouse(mouse: MousePress): void
  /** What the footer tells, the most useful first. */
  hints(): readonly Action[]
  /** Dialogs: rows that it would like to have. It stands below the view under it, with a frame around. */
  readonly dialog?: DialogFrame
  /** Instead of hints, while letters are typed into it: they are no keys then. */
  typingHint?(): string | null
  /** The torrents that actions are for. */
  chosen?(): readonly TorrentSummary[]
  onClose?(): void
}

export interface DialogFrame {
  readonly title: string
  readonly hint: string
  /** Typed ahead, keys are not for it. */
  readonly isGrave?: boolean
  rows(width: number): number
}

/** What views may ask of the screen that they stand in. */
export interface Host {
  readonly control: Control
  readonly store: NodeStore
  readonly keymap: Keymap
  readonly remembered: Remembered
  /** Whether paths are on another machine, perhaps, and not ours to resolve. */
  readonly isRemote: boolean
  readonly size: Size
  open(view: View): void
  close(view: View): void
  say(text: string): void
  complain(problem: Problem): void
  redraw(): void
  /** Ends the program in order. */
  quit(): void
  /** Says `done`, or why not. */
  run(command: Command, done: string): Promise<CommandResult>
  /** Writes what moves no cursor: a bell, or a text for the clipboard. */
  signal(sequence: string): void
}
