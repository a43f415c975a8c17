/** Which other programs' APIs the daemon speaks, and by what name and password they may be used. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { type Kind, truth } from '@pigeon/node/setting-kinds'
import type { OptionTable } from '@pigeon/node/setting-sources'
import { z } from 'zod'

export interface RemoteApiSettings {
  readonly transmissionRpc: boolean
  readonly qbittorrentApi: boolean
  readonly rpcUsername: string
  /** Absolute. */
  readonly rpcPasswordFile: string | null
  readonly rpcPrivateUrls: boolean
}

export const REMOTE_API_OPTIONS: OptionTable<RemoteApiSettings> = {
  transmissionRpc: {
    name: 'transmission-rpc',
    kind: truth,
    fallback: false,
    description: "Speaks Transmission's RPC at /transmission/rpc of the control API's address.",
  },
  qbittorrentApi: {
    name: 'qbittorrent-api',
    kind: truth,
    fallback: false,
    description: "Speaks a part of qBittorrent's Web API at /api/v2 of the control API's address.",
  },
  rpcUsername: {
    name: 'rpc-username',
    kind: username(),
    fallback: 'pigeon',
    description: 'The name that goes with rpc-password-file.',
  },
  rpcPasswordFile: {
    name: 'rpc-password-file',
    kind: fileOrNone(),
    fallback: null,
    description:
      'A file (mode 600) with the password for these APIs; a token of the daemon may always stand for it.',
  },
  rpcPrivateUrls: {
    name: 'rpc-private-urls',
    kind: truth,
    fallback: false,
    description:
      'Lets clients of these APIs have torrent files fetched from inside the own network.',
  },
}

function username(): Kind<string> {
  const expected = 'a name of 1 to 64 characters without colons'
  return {
    placeholder: 'name',
    expected,
    schema: schemaOf(expected, (raw) =>
      typeof raw === 'string' && /^[^:\p{C}]{1,64}$/u.test(raw) ? raw : undefined,
    ),
    show: (name) => name,
  }
}

function fileOrNone(): Kind<string | null> {
  const expected = 'the path of a file, or "none"'
  return {
    placeholder: 'file',
    expected,
    schema: schemaOf<string | null>(expected, (raw) => {
      if (raw === 'none' || raw === null) return null
      if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return undefined
      return resolve(raw.replace(/^~(?=\/|$)/, homedir()))
    }),
    show: (path) => path ?? 'none',
  }
}

function schemaOf<T>(expected: string, read: (raw: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((raw, context): T => {
    const value = read(raw)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected}` })
    return z.NEVER
  })
}
