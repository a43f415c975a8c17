/** Where the page is: the address is the one place that knows, for the view and for the list's filter and order. */
import { useMemo } from 'react'
import { navigate as go, usePathname, useSearch } from 'wouter/use-browser-location'
import { pathBelow, ROOT } from './base-path.ts'
import { type ListView, parseView, searchOf } from './list-view.ts'
import { parseRoute, pathOf, type Route } from './route.ts'

export interface NavigateOptions {
  /** Takes the place of the present entry of the history. */
  readonly replace?: boolean
}

export function useRoute(): Route {
  const path = usePathname()
  return useMemo(() => parseRoute(pathBelow(ROOT, path)), [path])
}

export function currentRoute(): Route {
  return parseRoute(pathBelow(ROOT, location.pathname))
}

/** For links: the path of a view, below the root of the page. */
export function hrefOf(route: Route): string {
  return `${ROOT}${pathOf(route).slice(1)}`
}

/** The filter and the order of the list stay as they are. */
export function navigate(route: Route, options: NavigateOptions = {}): void {
  const path = hrefOf(route)
  if (path !== location.pathname) go(`${path}${searchOf(currentView())}`, options)
}

/** The same object as long as nothing of it changes. */
export function useView(): ListView {
  const search = useSearch()
  return useMemo(() => parseView(search), [search])
}

export function currentView(): ListView {
  return parseView(location.search)
}

/** Typing in the filter is no step to go back to; everything else about the list neither. */
export function setView(fields: Partial<ListView>): void {
  const search = searchOf({ ...currentView(), ...fields })
  if (search !== location.search) go(`${location.pathname}${search}`, { replace: true })
}

const PLACE_NAME = 'pigeon-place'

/** Before a login that may come by a link: where to go on after it. */
export function keepPlace(): void {
  sessionStorage.setItem(PLACE_NAME, `${location.pathname}${location.search}`)
}

/** Goes on where the page was before the login; to the list where that is not known. */
export function returnToPlace(): void {
  const place = sessionStorage.getItem(PLACE_NAME)
  sessionStorage.removeItem(PLACE_NAME)
  if (place?.startsWith(ROOT) === true) go(place, { replace: true })
  else if (currentRoute().view === 'login') navigate({ view: 'list' }, { replace: true })
}
