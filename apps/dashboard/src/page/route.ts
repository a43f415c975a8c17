/** Which view an address means. Only the page's own paths are known; everything else is the list. */
export const DETAIL_TABS = ['overview', 'files', 'peers', 'trackers', 'pieces', 'log'] as const
export type DetailTab = (typeof DETAIL_TABS)[number]

export type Route =
  | { readonly view: 'list' }
  | { readonly view: 'login' }
  | { readonly view: 'detail'; readonly id: string; readonly tab: DetailTab }

export function parseRoute(path: string): Route {
  if (path === '/login') return { view: 'login' }
  const match = /^\/t\/([0-9a-f]{40}|[0-9a-f]{64})(?:\/([a-z]+))?$/.exec(path)
  const id = match?.[1]
  if (id === undefined) return { view: 'list' }
  const tab = DETAIL_TABS.find((name) => name === match?.[2]) ?? 'overview'
  return { view: 'detail', id, tab }
}

export function pathOf(route: Route): string {
  if (route.view === 'list') return '/'
  if (route.view === 'login') return '/login'
  return route.tab === 'overview' ? `/t/${route.id}` : `/t/${route.id}/${route.tab}`
}
