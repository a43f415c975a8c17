/** The colours and the language of the page: as chosen, or else as the system says. */
import { useEffect } from 'react'
import type { Preferences } from './preferences.ts'
import { useStore } from './store.ts'
import { languageOf, loadStrings } from './strings.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')
const contrast = matchMedia('(prefers-contrast: more)')

/** Writes on the document what the style sheets go by: one place decides, for every part and picture of the page. */
export function applyLooks({ theme, density }: Preferences): void {
  const { dataset } = document.documentElement
  const isDark = theme === 'dark' || (theme !== 'light' && dark.matches)
  dataset['scheme'] = isDark ? 'dark' : 'light'
  dataset['contrast'] = theme === 'contrast' || contrast.matches ? 'more' : 'usual'
  dataset['density'] = density
}

/** Keeps them as they shall be, whatever changes. */
export function useLooks(): void {
  const preferences = useStore((state) => state.preferences)
  useEffect(() => {
    const apply = (): void => applyLooks(preferences)
    apply()
    for (const media of [dark, contrast]) media.addEventListener('change', apply)
    return () => {
      for (const media of [dark, contrast]) media.removeEventListener('change', apply)
    }
  }, [preferences])
  const { language } = preferences
  useEffect(() => {
    const wanted = language ?? languageOf(navigator.languages)
    void loadStrings(wanted).then(() => useStore.setState({ language: wanted }))
  }, [language])
}
