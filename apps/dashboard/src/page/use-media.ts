import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 639.98px)')

/** Whether the page is laid out for a phone: cards, and details instead of the list. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      narrow.addEventListener('change', onChange)
      return () => narrow.removeEventListener('change', onChange)
    },
    () => narrow.matches,
  )
}
