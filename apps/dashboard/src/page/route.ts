/** Which view an address means. Only the page's own paths are known; everything else is the list. */
export const DETAIL_TABS = ['overview', 'files', 'peers', 'trackers', 'pieces', 'log'] as const
export type DetailTab = (typeof DETAIL_TABS)[number]

const PLAIN_VIEWS = ['login', 'add', 'settings', 'about'] as const

export type Route =
  | { readonly view: 'list' }
  | { readonly view: (typeof PLAIN_VIEWS)[number] }
  | { readonly view: 'detail'; readonly id: string; readonly tab: DetailTab }

/** Of a path below the root of the page, with its first slash. */
export function parseRoute(path: string): Route {
  const plain = PLAIN_VIEWS.find((view) => path === `/${view}`)
  if (plain !== undefined) return { view: plain }
  const match = /^\/t\/([0-9a-f]{40}|[0-9a-f]{64})(?:\/([a-z]+))?$/.exec(path)
  const id = match?.[1]
  if (id === undefined) return { view: 'list' }
  const tab = DETAIL_TABS.find((name) => name === match?.[2]) ?? 'overview'
  return { view: 'detail', id, tab }
}

export function pathOf(route: Route): string {
  if (route.view === 'list') return '/'
  if (route.view !== 'detail') return `/${route.view}`
  return route.tab === 'overview' ? `/t/${route.id}` : `/t/${route.id}/${route.tab}`
}
