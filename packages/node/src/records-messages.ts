/** What goes between the records' thread and its host. */
import type { TorrentProgress, TorrentRecord } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'

export type RecordsRequest = { readonly id: number } & RecordsCall

export type RecordsCall =
  | { readonly kind: 'loadAll' }
  | { readonly kind: 'save'; readonly record: TorrentRecord }
  | { readonly kind: 'saveOptions'; readonly torrentId: string; readonly optionsJson: string }
  | {
      readonly kind: 'saveProgress'
      readonly torrentId: string
      readonly progress: TorrentProgress
    }
  | { readonly kind: 'remove'; readonly torrentId: string }
  | { readonly kind: 'loadSettings' }
  | { readonly kind: 'saveSettings'; readonly json: string }
  | { readonly kind: 'loadBlob'; readonly name: string }
  | { readonly kind: 'saveBlob'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'close' }

export type RecordsAnswer =
  | { readonly kind: 'opened'; readonly setAside: IoProblem | null }
  | { readonly kind: 'refused'; readonly problem: IoProblem }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
