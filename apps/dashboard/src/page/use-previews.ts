import type { Problem, TorrentPreview } from '@pigeon/control/contract'
import { useEffect, useReducer, useRef } from 'react'
import type { AddItem } from './add-items.ts'
import { getPreview } from './api.ts'
import { endSession } from './store.ts'
import { strings } from './strings.ts'

export type PreviewState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'known'; readonly preview: TorrentPreview }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** More than these are added unseen. */
export const MAX_PREVIEWS = 20
/** Addresses are asked for only after a pause in the typing. */
const PAUSE_MS = 500

/** What each of the files and addresses holds, by the item's key. Magnets hold nothing to look at yet. */
export function usePreviews(items: readonly AddItem[]): ReadonlyMap<string, PreviewState> {
  const states = useRef(new Map<string, PreviewState>())
  const [, redraw] = useReducer((turn: number) => turn + 1, 0)
  const isGone = useRef(false)
  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
    }
  }, [])
  useEffect(() => {
    const look = async (item: AddItem): Promise<void> => {
      states.current.set(item.key, { kind: 'reading' })
      redraw()
      const state = await previewOf(item)
      states.current.set(item.key, state)
      if (!isGone.current) redraw()
    }
    const fresh = items.filter(({ kind, key }) => kind !== 'magnet' && !states.current.has(key))
    const wanted = fresh.slice(0, MAX_PREVIEWS)
    for (const item of wanted) if (item.kind === 'metainfo') void look(item)
    const timer = setTimeout(() => {
      for (const item of wanted) if (item.kind === 'url') void look(item)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [items])
  return states.current
}

async function previewOf(item: AddItem): Promise<PreviewState> {
  try {
    const answer = await getPreview(await item.read())
    if (answer.kind === 'ok') return { kind: 'known', preview: answer.value }
    if (answer.kind === 'problem') return { kind: 'problem', problem: answer.problem }
    endSession('ended')
    return { kind: 'reading' }
  } catch (error) {
    return { kind: 'problem', problem: unreadable(item.label, error) }
  }
}

/** A file of the user's own machine that cannot be taken. */
export function unreadable(label: string, error: unknown): Problem {
  const isTooLarge = error instanceof RangeError
  const message = isTooLarge ? strings.add.tooLarge(label) : strings.add.unreadable(label)
  return { code: 'unreadable', message, help: '' }
}
