import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 639.98px)')
/** A phone, or so wide a screen that the details stand beside the list. */
const slim = matchMedia('(max-width: 639.98px), (min-width: 1700px)')
const roomy = matchMedia('(min-width: 1024px)')

/** Whether the page is laid out for a phone: cards, and details instead of the list. */
export function useIsNarrow(): boolean {
  return useMedia(narrow)
}

/** Whether the details have no room for a table of many columns. */
export function useAreDetailsSlim(): boolean {
  return useMedia(slim)
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
