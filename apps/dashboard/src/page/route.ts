/** Which view an address means. Only the page's own paths are known; everything else is the list. */
export const DETAIL_TABS = ['overview', 'files', 'peers', 'trackers', 'pieces', 'log'] as const
export type DetailTab = (typeof DETAIL_TABS)[number]

const PLAIN_VIEWS = ['login', 'add', 'settings', 'network', 'about'] as const

export type Route =
  | { readonly view: 'list' }
  | { readonly view: (typeof PLAIN_VIEWS)[number] }
  | { readonly view: 'detail'; readonly id: string; readonly tab: DetailTab }
  /** The wire of one peer of a torrent; `peer` is its number in this run of the node. */
  | { readonly view: 'wire'; readonly id: string; readonly peer: number }

/** Of a path below the root of the page, with its first slash. */
export function parseRoute(path: string): Route {
  const plain = PLAIN_VIEWS.find((view) => path === `/${view}`)
  if (plain !== undefined) return { view: plain }
  const match = /^\/t\/([0-9a-f]{40}|[0-9a-f]{64})(?:\/([a-z]+)(?:\/(\d{1,9}))?)?$/.exec(path)
  const id = match?.[1]
  if (id === undefined) return { view: 'list' }
  if (match?.[3] !== undefined)
    return match[2] === 'peers' ? { view: 'wire', id, peer: Number(match[3]) } : { view: 'list' }
  const tab = DETAIL_TABS.find((name) => name === match?.[2]) ?? 'overview'
  return { view: 'detail', id, tab }
}

export function pathOf(route: Route): string {
  if (route.view === 'list') return '/'
  if (route.view === 'wire') return `/t/${route.id}/peers/${route.peer}`
  if (route.view !== 'detail') return `/${route.view}`
  return route.tab === 'overview' ? `/t/${route.id}` : `/t/${route.id}/${route.tab}`
}
