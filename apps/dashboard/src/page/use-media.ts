import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 639.98px)')
const roomy = matchMedia('(min-width: 1024px)')

/** Whether the page is laid out for a phone: cards, and details instead of the list. */
export function useIsNarrow(): boolean {
  return useMedia(narrow)
}

/** Whether there is room for the filters beside the list. */
export function useIsRoomy(): boolean {
  return useMedia(roomy)
}

function useMedia(media: MediaQueryList): boolean {
  return useSyncExternalStore(
    (onChange) => {
      media.addEventListener('change', onChange)
      return () => media.removeEventListener('change', onChange)
    },
    () => media.matches,
  )
}
