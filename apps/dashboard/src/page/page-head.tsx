import { useEffect, useRef } from 'react'
import { IconButton } from './icon-button.tsx'
import { navigate } from './navigation.ts'
import type { Route } from './route.ts'
import { strings } from './strings.ts'

/** The head of a view that takes the list's place: its name, and the way back. It takes the focus. */
interface PageHeadProps {
  readonly title: string
  /** To the list when absent. */
  readonly back?: { readonly label: string; readonly to: Route }
}

export function PageHead({ title, back }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <header className="page-head">
      <IconButton
        icon="back"
        label={back?.label ?? strings.settings.back}
        onClick={() => navigate(back?.to ?? { view: 'list' })}
      />
      <h1 className="page-title" ref={heading} tabIndex={-1} dir="auto">
        {title}
      </h1>
    </header>
  )
}
