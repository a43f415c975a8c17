/** The kinds of values that options about the network have, besides those of `setting-kinds.ts`. */
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Kind } from './setting-kinds.ts'

/** Addresses in one list. */
export const MAX_LISTED = 32

/** A SOCKS5 proxy. The password is never shown: `proxyName` is what stands for all of it. */
export interface ProxyAddress {
  /** A name or a numeric address, an IPv6 one without brackets. */
  readonly host: string
  readonly port: number
  readonly login: { readonly user: string; readonly password: string } | null
}

export interface ListenAddress {
  /** Numeric, an IPv6 address without brackets. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** `host:port` of servers, each by name or numeric. */
export const servers: Kind<readonly string[]> = {
  placeholder: 'host:port,...',
  expected: `at most ${MAX_LISTED} addresses such as router.example:6881 or [2001:db8::1]:6881 with commas between, or "none"`,
  schema: schemaOf(readServers, () => servers.expected),
  show: (list) => (list.length === 0 ? 'none' : list.join(',')),
}

/** `null` for "none". */
export const proxy: Kind<ProxyAddress | null> = {
  placeholder: 'socks5://host:port',
  expected:
    'the address of a SOCKS5 proxy such as socks5://127.0.0.1:1080 or socks5://user:password@host:port, or "none"',
  schema: schemaOf(readProxy, () => proxy.expected),
  show: (value) => (value === null ? 'none' : proxyName(value)),
}

/** Where something listens; `null` for "off". */
export const listenOrOff: Kind<ListenAddress | null> = {
  placeholder: 'address:port',
  expected: 'a numeric address and a port such as 0.0.0.0:6969 or [::]:6969, or "off"',
  schema: schemaOf(
    (raw) => (raw === 'off' ? null : readListen(raw)),
    () => listenOrOff.expected,
  ),
  show: (value) => (value === null ? 'off' : hostPort(value.host, value.port)),
}

/** An absolute path or an http(s) address; `null` for "none". */
export const fileOrUrl: Kind<string | null> = {
  placeholder: 'file|url',
  expected: 'the path of a file, an http or https address, or "none"',
  schema: schemaOf(readFileOrUrl, () => fileOrUrl.expected),
  show: (value) => value ?? 'none',
}

/** The name of a network interface; `null` for "none". */
export const interfaceName: Kind<string | null> = {
  placeholder: 'name',
  expected: 'the name of a network interface such as wg0, or "none"',
  schema: schemaOf(
    (raw) => {
      if (raw === 'none') return null
      return typeof raw === 'string' && /^[^\s/:%]{1,64}$/u.test(raw) ? raw : undefined
    },
    () => interfaceName.expected,
  ),
  show: (value) => value ?? 'none',
}

/** What may be said of a proxy to anybody. */
export function proxyName({ host, port }: ProxyAddress): string {
  return `socks5://${hostPort(host, port)}`
}

export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function readServers(raw: unknown): readonly string[] | undefined {
  if (raw === 'none') return []
  const items: unknown = typeof raw === 'string' ? raw.split(',') : raw
  if (!Array.isArray(items) || items.length > MAX_LISTED) return undefined
  const texts = items.map((item: unknown) => (typeof item === 'string' ? item.trim() : ''))
  return texts.every(isServer) ? [...new Set(texts)] : undefined
}

function isServer(text: string): boolean {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)):(\d{1,5})$/.exec(
    text,
  )
  if (match === null || text.length > 260) return false
  const port = Number(match[3])
  return port >= 1 && port <= 65_535 && (match[1] === undefined || isIP(match[1]) === 6)
}

function readProxy(raw: unknown): ProxyAddress | null | undefined {
  if (raw === 'none') return null
  if (typeof raw !== 'string' || raw.length > 1024) return undefined
  const match = /^socks5h?:\/\/(?:([^:@/]*):([^@/]*)@)?([^@/]+)\/?$/.exec(raw)
  const place = match?.[3] ?? ''
  if (match === null || !isServer(place)) return undefined
  const login = loginOf(match[1], match[2])
  if (login === undefined) return undefined
  const at = place.lastIndexOf(':')
  const host = place.slice(0, at).replaceAll(/[[\]]/g, '')
  return { host, port: Number(place.slice(at + 1)), login }
}

/** As RFC 1929 can carry it: each of 1 to 255 bytes. */
function loginOf(
  user: string | undefined,
  password: string | undefined,
): ProxyAddress['login'] | undefined {
  if (user === undefined || password === undefined) return null
  const plain = [user, password].map(decoded)
  const [name = null, secret = null] = plain
  if (name === null || secret === null) return undefined
  const fits = [name, secret].every((text) => {
    const lengthBytes = Buffer.byteLength(text)
    return lengthBytes >= 1 && lengthBytes <= 255
  })
  return fits ? { user: name, password: secret } : undefined
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function readListen(raw: unknown): ListenAddress | undefined {
  if (typeof raw !== 'string') return undefined
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(raw)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host !== undefined && isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined
}

function readFileOrUrl(raw: unknown): string | null | undefined {
  if (raw === 'none') return null
  if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return undefined
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(raw)) return resolve(raw.replace(/^~(?=\/)/, homedir()))
  const url = URL.parse(raw)
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== ''
    ? url.href
    : undefined
}

function schemaOf<T>(read: (raw: unknown) => T | undefined, expected: () => string): z.ZodType<T> {
  return z.unknown().transform((raw, context): T => {
    const value = read(typeof raw === 'string' ? raw.trim() : raw)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected()}` })
    return z.NEVER
  })
}
