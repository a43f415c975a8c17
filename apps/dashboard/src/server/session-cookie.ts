import type { IncomingMessage } from 'node:http'

/** Longer headers are not searched. */
const MAX_COOKIE_HEADER = 4096

/** Cookies are shared by all ports of a host, so that two servers on one machine need two names. */
export function cookieName(port: number): string {
  return `pigeon-${port}`
}

export function readCookie(request: IncomingMessage, name: string): string | null {
  const header = request.headers.cookie
  if (header === undefined || header.length > MAX_COOKIE_HEADER) return null
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined) return value
  }
  return null
}

export interface CookiePlace {
  readonly name: string
  /** Sent with requests below this path only. */
  readonly path: string
}

/** `lifeMs` 0 removes it. Over TLS (a proxy that the operator named) it never leaves TLS again. */
export function setCookie(
  { name, path }: CookiePlace,
  value: string,
  lifeMs: number,
  isSecure: boolean,
): string {
  const seconds = Math.floor(lifeMs / 1000)
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${seconds}`,
  ]
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ')
}
