/** The path below which everything lies: `/`, or what a proxy hands on, such as `/pigeon/`. */

/** As it is used everywhere, with a slash at both ends; `undefined` where it is no plain path. */
export function readBasePath(given: string): string | undefined {
  const trimmed = given.trim().replaceAll(/^\/+|\/+$/g, '')
  if (trimmed === '') return '/'
  const parts = trimmed.split('/')
  const isPlain = parts.every((part) => /^[\w.~-]{1,64}$/.test(part) && !/^\.+$/.test(part))
  return isPlain && parts.length <= 8 ? `/${trimmed}/` : undefined
}

/** What is left of a request's address below the base path, from its slash on; `null` where it lies elsewhere. */
export function belowBase(base: string, url: string): string | null {
  return url.startsWith(base) ? url.slice(base.length - 1) : null
}
