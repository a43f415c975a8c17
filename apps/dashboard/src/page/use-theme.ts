import { useEffect, useState } from 'react'

/** Changes when the page's colours do, by the system or by choice: pictures are drawn again then. */
export function useTheme(): string {
  const [theme, setTheme] = useState(themeNow)
  useEffect(() => {
    const update = (): void => setTheme(themeNow())
    const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) =>
      matchMedia(query),
    )
    for (const query of queries) query.addEventListener('change', update)
    const observer = new MutationObserver(update)
    observer.observe(document.documentElement, { attributes: true })
    return () => {
      for (const query of queries) query.removeEventListener('change', update)
      observer.disconnect()
    }
  }, [])
  return theme
}

/** Two of the colours themselves stand for all: whatever sets them, it is seen here. */
function themeNow(): string {
  const style = getComputedStyle(document.documentElement)
  return ['--surface', '--text', '--line', '--down']
    .map((name) => style.getPropertyValue(name))
    .join()
}
