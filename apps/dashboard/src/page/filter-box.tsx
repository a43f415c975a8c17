/** The filter in words: applied while it is typed, its mistakes told below it. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { readFilter } from './list-view.ts'
import { setView, useView } from './navigation.ts'
import { openDialog } from './store.ts'
import { strings } from './strings.ts'
import { useIsNarrow } from './use-media.ts'

export const FILTER_ID = 'filter'
const PROBLEM_ID = 'filter-problem'

/** Typing is applied after a pause of this length: browsers allow only so many changes of the address. */
const PAUSE_MS = 120

export function FilterBox() {
  const { filter } = strings
  const isNarrow = useIsNarrow()
  const [text, setText] = useFilterText()
  const parsed = readFilter(text)
  return (
    <search className="search">
      <Icon name="search" />
      <input
        id={FILTER_ID}
        type="search"
        className="search-input"
        aria-label={filter.label}
        aria-keyshortcuts="Control+F /"
        aria-invalid={!parsed.ok}
        aria-describedby={parsed.ok ? undefined : PROBLEM_ID}
        placeholder={isNarrow ? filter.short : filter.placeholder}
        value={text}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') return toList(event)
          if (event.key !== 'Escape') return
          event.preventDefault()
          if (text === '') event.currentTarget.blur()
          else setText('')
        }}
      />
      <span className="search-buttons">
        {text !== '' && (
          <IconButton icon="close" label={filter.clear} onClick={() => setText('')} />
        )}
        <IconButton
          icon="help"
          label={filter.help}
          onClick={() => openDialog({ kind: 'filter-help' })}
        />
      </span>
      <div className="search-problem" id={PROBLEM_ID} role="status">
        {!parsed.ok && (
          <>
            <strong>{parsed.problem.message}</strong> {parsed.problem.help}
          </>
        )}
      </div>
    </search>
  )
}

/** From the filter on to what it found. */
function toList(event: KeyboardEvent): void {
  const row = document.querySelector('.list [role="row"][tabindex="0"]')
  if (!(row instanceof HTMLElement)) return
  event.preventDefault()
  row.focus()
}

/** The text as it is typed, and a little later in the address. */
function useFilterText(): readonly [string, (text: string) => void] {
  const { text: applied } = useView()
  const [text, setText] = useState(applied)
  const sent = useRef(applied)
  useEffect(() => {
    // Changed by something else, such as a button that shows all.
    if (applied === sent.current) return
    sent.current = applied
    setText(applied)
  }, [applied])
  useEffect(() => {
    if (text === sent.current) return undefined
    const timer = setTimeout(() => {
      sent.current = text
      setView({ text })
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText]
}
