/** Where the page lies: the server's base path, and which node's part of it is shown. */

/** `/`, or the path below which a proxy shows everything, such as `/pigeon/`. */
export const BASE: string = baseOf(document)

/** In the address; `null` for the first node. */
export const NODE_KEY: string | null = nodeKeyOf(BASE, location.pathname)

/** All paths of the page and of the shown node's API begin with it. */
export const ROOT: string = NODE_KEY === null ? BASE : `${BASE}n/${NODE_KEY}/`

/** The rest of an address below `root`, from its slash on. */
export function pathBelow(root: string, path: string): string {
  return path.startsWith(root) ? path.slice(root.length - 1) : '/'
}

export function nodeKeyOf(base: string, path: string): string | null {
  return /^\/n\/([a-z0-9-]+)\//.exec(pathBelow(base, path))?.[1] ?? null
}

function baseOf(page: Document): string {
  const content = page.querySelector('meta[name="pigeon-base"]')?.getAttribute('content') ?? '/'
  // Opened without our server, the build's own mark is still in it.
  return content.startsWith('/') ? content : '/'
}
