/** What can be set about pigeon-web besides the node itself: where the page is, and whose node it shows. */
import { isIP } from 'node:net'
import { isLoopback } from '@pigeon/control/serve'
import { type Kind, orNone, text, truth } from '@pigeon/node/setting-kinds'
import type { OptionTable } from '@pigeon/node/setting-sources'
import { z } from 'zod'

export interface ListenAddress {
  /** Numeric, an IPv6 address without brackets. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface WebOptions {
  readonly webListen: ListenAddress
  readonly webAllowRemote: boolean
  readonly webOrigins: readonly string[]
  readonly connect: string | null
  readonly token: string | null
  readonly tokenFile: string | null
}

export const WEB_OPTIONS: OptionTable<WebOptions> = {
  webListen: {
    name: 'web-listen',
    kind: listenAddress(),
    fallback: { host: '127.0.0.1', port: 9292 },
    description: 'Where the page is served; port 0 lets the system choose a free one.',
  },
  webAllowRemote: {
    name: 'web-allow-remote',
    kind: truth,
    fallback: false,
    description:
      'Lets the page be served on other addresses than loopback. It is not encrypted: put a proxy with TLS before it.',
  },
  webOrigins: {
    name: 'web-origins',
    kind: originList(),
    fallback: [],
    description: 'Further origins under which the page is opened, such as those of a proxy.',
  },
  connect: {
    name: 'connect',
    kind: textOrNone('url'),
    fallback: null,
    description: 'Shows the node of another client at this address, and runs none of its own.',
  },
  token: {
    name: 'token',
    kind: textOrNone('token'),
    fallback: null,
    description:
      'With --connect: the token of that node. Other users can see it; a file is better.',
  },
  tokenFile: {
    name: 'token-file',
    kind: textOrNone('file'),
    fallback: null,
    description: 'With --connect: a file that holds the token of that node.',
  },
}

/** Why these settings cannot be used together, or `null`. */
export function refuseSettings(settings: WebOptions): string | null {
  const { webListen, webAllowRemote } = settings
  if (isLoopback(webListen.host) || webAllowRemote) return null
  return (
    `web-listen: ${webListen.host} can be reached from other machines, and the page is not encrypted; ` +
    'listen on 127.0.0.1, or set web-allow-remote to true if that is what you want'
  )
}

function textOrNone(placeholder: string): Kind<string | null> {
  return { ...orNone(text), placeholder }
}

function listenAddress(): Kind<ListenAddress> {
  const expected = 'a numeric address and a port, such as 127.0.0.1:9292 or [::1]:9292'
  return {
    placeholder: 'host:port',
    expected,
    schema: schemaOf(expected, (raw) => (typeof raw === 'string' ? parseListen(raw) : undefined)),
    show: ({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`),
  }
}

export function parseListen(given: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/.exec(given.trim())
  const named = match?.[1] ?? match?.[2]
  const host = named === 'localhost' ? '127.0.0.1' : named
  const port = Number(match?.[3])
  return host !== undefined && isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined
}

/** In a file a list or a text with commas, else only the text. */
function originList(): Kind<readonly string[]> {
  const expected = 'origins such as https://pigeon.example, with commas between'
  return {
    placeholder: 'url,...',
    expected,
    schema: schemaOf(expected, (raw) => {
      const items: unknown = typeof raw === 'string' ? raw.split(',') : raw
      if (!Array.isArray(items)) return undefined
      const origins = items.map((item: unknown) => originOf(item))
      return origins.every((origin) => origin !== undefined) ? origins : undefined
    }),
    show: (origins) => origins.join(','),
  }
}

function originOf(item: unknown): string | undefined {
  if (typeof item !== 'string' || !URL.canParse(item.trim())) return undefined
  const url = new URL(item.trim())
  const isPlain =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  return isPlain && /^https?:$/.test(url.protocol) ? url.origin : undefined
}

function schemaOf<T>(expected: string, read: (raw: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((raw, context): T => {
    const value = read(raw)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected}` })
    return z.NEVER
  })
}
