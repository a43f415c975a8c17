import { useCallback, useState } from 'react'

/**
 * Gives the focus back when a question is over: to where it was, or to the list where that is gone. Radix gives it back
 * to the button that opens a dialog, and ours are opened by keys and menus.
 */
export function useReturnFocus(): (event: Event) => void {
  const [before] = useState(() => document.activeElement)
  return useCallback(
    (event) => {
      event.preventDefault()
      const isThere =
        before instanceof HTMLElement && before.isConnected && before !== document.body
      const target = isThere
        ? before
        : document.querySelector<HTMLElement>('[role=row][tabindex="0"]')
      target?.focus({ preventScroll: true })
    },
    [before],
  )
}
