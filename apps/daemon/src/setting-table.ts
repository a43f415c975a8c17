/** What can be set about pigeond besides the node itself: who may control it, and from where. */
import { isAbsolute } from 'node:path'
import type { Kind } from '@pigeon/node/setting-kinds'
import { orNone, truth, wholeNumber } from '@pigeon/node/setting-kinds'
import type { OptionTable } from '@pigeon/node/setting-sources'
import type { NodeSettings } from '@pigeon/node/settings'
import { isIP } from 'node:net'
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import { z } from 'zod'
import { AUTOMATION_OPTIONS, type AutomationOptions } from './automation/settings.ts'
import { REMOTE_API_OPTIONS, type RemoteApiSettings } from './compat/setting-rows.ts'

/** What the kernel takes for the path of a socket. */
const SOCKET_PATH_BYTES = 107

export interface ListenAddress {
  /** Numeric, an IPv6 address without brackets. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface DaemonOptions extends AutomationOptions, RemoteApiSettings {
  readonly controlListen: ListenAddress
  readonly controlAllowRemote: boolean
  readonly controlHosts: readonly string[]
  readonly controlRoots: readonly string[]
  /** A path, `auto` for one in the runtime folder of the user, or `none`. */
  readonly controlSocket: string
  readonly metricsListen: ListenAddress | null
  readonly metricsTorrents: number
}

export const DAEMON_OPTIONS: OptionTable<DaemonOptions> = {
  controlListen: {
    name: 'control-listen',
    kind: listenAddress(),
    fallback: { host: '127.0.0.1', port: 9191 },
    description: 'Where the control API listens; port 0 lets the system choose a free one.',
  },
  controlAllowRemote: {
    name: 'control-allow-remote',
    kind: truth,
    fallback: false,
    description:
      'Lets the control API listen on other addresses than loopback. It is not encrypted: put a proxy with TLS before it.',
  },
  controlHosts: {
    name: 'control-hosts',
    kind: list('host,...', 'host names, each with or without a port, with commas between', isHost),
    fallback: [],
    description: 'Further names by which clients may call the control API (its Host header).',
  },
  controlRoots: {
    name: 'control-roots',
    kind: list('folder,...', 'absolute paths of folders, with commas between', isAbsolute),
    fallback: [],
    description:
      'Folders below which the control API may store and share; anywhere when there are none.',
  },
  controlSocket: {
    name: 'control-socket',
    kind: socketPath(),
    fallback: 'none',
    description:
      'A unix socket for the control API, for this user alone and without a token; "auto" is $XDG_RUNTIME_DIR/pigeon/pigeond.sock.',
  },
  metricsListen: {
    name: 'metrics-listen',
    kind: orNone(listenAddress()),
    fallback: null,
    description:
      'Where /metrics can be read without a token; at the control address it always can with one.',
  },
  metricsTorrents: {
    name: 'metrics-torrents',
    kind: wholeNumber(0, 10_000),
    fallback: 0,
    description: 'For so many torrents, the last active ones, /metrics has series of their own.',
  },
  ...REMOTE_API_OPTIONS,
  ...AUTOMATION_OPTIONS,
}

/** Why these settings cannot be used together, or `null`. */
export function refuseSettings(
  settings: DaemonOptions & Partial<Pick<NodeSettings, 'proxy'>>,
): string | null {
  const { controlListen, controlAllowRemote, onCompleteWebhook, proxy = null } = settings
  if (proxy !== null && onCompleteWebhook !== '' && !isOnThisMachine(onCompleteWebhook)) {
    return (
      'on-complete-webhook: it would go around the proxy; name an address of this machine ' +
      '(http://127.0.0.1:...), or let a program do it (on-complete-run)'
    )
  }
  if (isLoopback(controlListen.host) || controlAllowRemote) return null
  return (
    `control-listen: ${controlListen.host} can be reached from other machines, and the control API is not encrypted; ` +
    'listen on 127.0.0.1, or set control-allow-remote to true if that is what you want'
  )
}

function isOnThisMachine(url: string): boolean {
  const host = URL.parse(url)?.hostname.replaceAll(/[[\]]/g, '') ?? ''
  return host === 'localhost' || isLoopback(host)
}

function isLoopback(host: string): boolean {
  const bytes = parseIp(host)
  return bytes !== null && addressScope(bytes) === 'loopback'
}

function listenAddress(): Kind<ListenAddress> {
  const expected = 'a numeric address and a port, such as 127.0.0.1:9191 or [::1]:9191'
  return {
    placeholder: 'host:port',
    expected,
    schema: kindSchema(expected, (raw) => (typeof raw === 'string' ? parseListen(raw) : undefined)),
    show: ({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`),
  }
}

export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/.exec(text.trim())
  const named = match?.[1] ?? match?.[2]
  const host = named === 'localhost' ? '127.0.0.1' : named
  const port = Number(match?.[3])
  return host !== undefined && isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined
}

function socketPath(): Kind<string> {
  const expected = `the absolute path of a socket of at most ${SOCKET_PATH_BYTES} bytes, "auto", or "none"`
  const isPath = (text: string): boolean =>
    isAbsolute(text) && !text.includes('\0') && Buffer.byteLength(text) <= SOCKET_PATH_BYTES
  return {
    placeholder: 'path',
    expected,
    schema: kindSchema(expected, (raw) => {
      if (typeof raw !== 'string') return undefined
      return raw === 'none' || raw === 'auto' || isPath(raw) ? raw : undefined
    }),
    show: (path) => path,
  }
}

/** In a file a list or a text with commas, else only the text. */
function list(
  placeholder: string,
  expected: string,
  isItem: (text: string) => boolean,
): Kind<readonly string[]> {
  return {
    placeholder,
    expected,
    schema: kindSchema(expected, (raw) => {
      if (raw === '') return []
      const items: unknown = typeof raw === 'string' ? raw.split(',') : raw
      if (!Array.isArray(items)) return undefined
      const texts = items.map((item: unknown) => (typeof item === 'string' ? item.trim() : ''))
      return texts.every(isItem) ? texts : undefined
    }),
    show: (items) => items.join(','),
  }
}

function kindSchema<T>(expected: string, read: (raw: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((raw, context): T => {
    const value = read(raw)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected}` })
    return z.NEVER
  })
}

function isHost(text: string): boolean {
  return /^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text)
}
