/** What can be set about pigeon-web besides the node itself: where the page is, and whose node it shows. */
import { isIP } from 'node:net'
import { isLoopback } from '@pigeon/control/serve'
import { type Kind, orNone, text, truth } from '@pigeon/node/setting-kinds'
import type { OptionTable } from '@pigeon/node/setting-sources'
import { z } from 'zod'
import { readBasePath } from './server/base-path.ts'
import { MAX_NODES } from './server/served-node.ts'

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
  /** With a slash at both ends. */
  readonly basePath: string
  readonly connect: readonly string[]
  readonly token: string | null
  readonly tokenFile: readonly string[]
  readonly nodes: readonly NamedNode[]
  readonly ownNode: boolean
}

/** A node of another client, as the configuration file names it. */
export interface NamedNode {
  readonly name: string
  readonly url: string
  readonly tokenFile: string
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
  basePath: {
    name: 'base-path',
    kind: basePath(),
    fallback: '/',
    description: 'The path below which a proxy shows the page, such as /pigeon/.',
  },
  connect: {
    name: 'connect',
    kind: textList('url,...'),
    fallback: [],
    description:
      'Shows the node of another client at this address, and runs none of its own. May be repeated.',
  },
  token: {
    name: 'token',
    kind: textOrNone('token'),
    fallback: null,
    description:
      'With one --connect: the token of that node. Other users can see it; a file is better.',
  },
  tokenFile: {
    name: 'token-file',
    kind: textList('file,...'),
    fallback: [],
    description:
      'With --connect: a file that holds the token of that node; one for each, in the same order, or one for all.',
  },
  nodes: {
    name: 'nodes',
    kind: nodeList(),
    fallback: [],
    description:
      'Nodes of other clients by name; in the file: [[nodes]] with name, url and token-file.',
  },
  ownNode: {
    name: 'own-node',
    kind: truth,
    fallback: false,
    description: 'Runs a node of its own besides those of other clients.',
  },
}

/** Why these settings cannot be used together, or `null`. */
export function refuseSettings(settings: WebOptions): string | null {
  return refuseNodes(settings) ?? refuseListen(settings)
}

function refuseNodes({ connect, token, tokenFile, nodes }: WebOptions): string | null {
  if (connect.length + nodes.length > MAX_NODES)
    return `connect: ${connect.length + nodes.length} nodes are too many; name at most ${MAX_NODES}`
  if (token !== null && connect.length > 1)
    return 'token: it fits one node only; name a token-file for each'
  if (tokenFile.length > 1 && tokenFile.length !== connect.length)
    return (
      `token-file: ${tokenFile.length} files for ${connect.length} nodes; ` +
      'name one for each --connect in the same order, or one for all'
    )
  return null
}

function refuseListen({ webListen, webAllowRemote }: WebOptions): string | null {
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

function basePath(): Kind<string> {
  const expected = 'a path such as /pigeon/, of letters, digits and . _ ~ -'
  return {
    placeholder: 'path',
    expected,
    schema: schemaOf(expected, (raw) => (typeof raw === 'string' ? readBasePath(raw) : undefined)),
    show: (path) => path,
  }
}

/** A list, or a text with commas. */
function textList(placeholder: string): Kind<readonly string[]> {
  const expected = 'one or more texts, with commas between'
  return {
    placeholder,
    expected,
    schema: schemaOf(expected, (raw) => {
      const items: unknown = typeof raw === 'string' ? raw.split(',') : raw
      if (!Array.isArray(items)) return undefined
      const texts = items.flatMap((item: unknown) => (typeof item === 'string' ? item.trim() : []))
      return texts.length === items.length && !texts.includes('') ? texts : undefined
    }),
    show: (texts) => texts.join(','),
  }
}

/** Tables in a file; in a text `name url token-file`, with semicolons between. */
function nodeList(): Kind<readonly NamedNode[]> {
  const expected =
    'nodes with name, url and token-file each, such as "nas http://nas:9191 /path;..."'
  return {
    placeholder: 'name url file;...',
    expected,
    schema: schemaOf(expected, (raw) => {
      const items: unknown = typeof raw === 'string' ? raw.split(';').map(nodeOfText) : raw
      if (!Array.isArray(items)) return undefined
      const nodes = items.flatMap((item: unknown) => nodeOf(item) ?? [])
      return nodes.length === items.length ? nodes : undefined
    }),
    show: (nodes) =>
      nodes.map(({ name, url, tokenFile }) => `${name} ${url} ${tokenFile}`).join(';'),
  }
}

function nodeOfText(written: string): unknown {
  const [name, url, file, ...more] = written.trim().split(/\s+/)
  return more.length === 0 ? { name, url, 'token-file': file } : undefined
}

const Node = z.strictObject({
  name: z.string().trim().min(1).max(64),
  url: z.string().min(1),
  'token-file': z.string().min(1),
})

function nodeOf(item: unknown): NamedNode | undefined {
  const parsed = Node.safeParse(item)
  if (!parsed.success) return undefined
  const { name, url, 'token-file': tokenFile } = parsed.data
  return { name, url, tokenFile }
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
