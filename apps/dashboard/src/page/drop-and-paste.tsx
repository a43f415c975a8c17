/** Takes what is dropped or pasted anywhere on the page, outside of fields that want the text themselves. */
import { useEffect, useState } from 'react'
import { Icon } from './icons.tsx'
import { isAddable } from './sources.ts'
import { offerToAdd, tell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { isTorrentFile } from './torrent-file.ts'

export function DropAndPaste() {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    // Enter and leave come for every element on the way; only the balance says whether the page was left.
    let depth = 0
    addEventListener(
      'dragenter',
      (event) => {
        if (!isWelcome(event)) return
        depth += 1
        setOver(true)
      },
      { signal },
    )
    addEventListener(
      'dragleave',
      (event) => {
        if (!isWelcome(event)) return
        depth = Math.max(0, depth - 1)
        if (depth === 0) setOver(false)
      },
      { signal },
    )
    addEventListener('dragover', (event) => isWelcome(event) && event.preventDefault(), { signal })
    addEventListener(
      'drop',
      (event) => {
        depth = 0
        setOver(false)
        if (!isWelcome(event)) return
        event.preventDefault()
        take(event.dataTransfer)
      },
      { signal },
    )
    addEventListener(
      'paste',
      (event) => {
        if (isField(event.target) || !isFree()) return
        const files = [...(event.clipboardData?.files ?? [])].filter(isTorrentFile)
        const text = event.clipboardData?.getData('text/plain') ?? ''
        if (files.length === 0 && !isAddable(text)) return
        event.preventDefault()
        offerToAdd(isAddable(text) ? text : '', files)
      },
      { signal },
    )
    return () => stop.abort()
  }, [])
  if (!isOver) return null
  return (
    <div className="drop-here" aria-hidden="true">
      <div className="drop-card">
        <Icon name="magnet" />
        <strong>{strings.add.drop}</strong>
        <span>{strings.add.dropHint}</span>
      </div>
    </div>
  )
}

function take(transfer: DataTransfer | null): void {
  const files = [...(transfer?.files ?? [])].filter(isTorrentFile)
  const text = transfer?.getData('text/uri-list') || transfer?.getData('text/plain') || ''
  const isText = isAddable(text)
  if (files.length === 0 && !isText) tell('bad', strings.add.dropNothing)
  else offerToAdd(isText && files.length === 0 ? text : '', files)
}

/** While another question is open, nothing may cover it. */
function isFree(): boolean {
  const { session, dialog } = useStore.getState()
  return session === 'in' && (dialog === null || dialog.kind === 'add')
}

function isWelcome(event: DragEvent): boolean {
  const kinds = event.dataTransfer?.types ?? []
  const holdsSomething = ['Files', 'text/uri-list', 'text/plain'].some((kind) =>
    kinds.includes(kind),
  )
  return holdsSomething && isFree() && (kinds.includes('Files') || !isField(event.target))
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  )
}
