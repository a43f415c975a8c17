import { useEffect, useRef } from 'react'
import { IconButton } from './icon-button.tsx'
import { navigate } from './navigation.ts'
import { strings } from './strings.ts'

/** The head of a view that takes the list's place: its name, and the way back. It takes the focus. */
export function PageHead({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <header className="page-head">
      <IconButton
        icon="back"
        label={strings.settings.back}
        onClick={() => navigate({ view: 'list' })}
      />
      <h1 className="page-title" ref={heading} tabIndex={-1}>
        {title}
      </h1>
    </header>
  )
}
