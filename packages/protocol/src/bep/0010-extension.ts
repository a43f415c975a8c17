/**
 * BEP 10: Extension Protocol. <https://www.bittorrent.org/beps/bep_0010.html>, "handshake message"
 *
 * Handshakes may repeat: `m` is additive, id 0 disables, other keys replace what was said before. Our own always
 * repeats the whole `m`, because some clients read a missing name as disabled.
 * Divergences: the text's own example of disabling leaves out the level `m`; we demand it. Numbers out of their range
 * count as absent, not as a fault. Keys may be unsorted, as uTorrent sends them.
 */
import {
  type BencodeDict,
  type BencodeLimits,
  decodeBencode,
  dictGet,
  dictOf,
  encodeBencode,
  isBencodeDict,
} from '../bencode.ts'
import { utf8Decode } from '../bytes.ts'
import type { PeerFault } from '../fault.ts'
import { invariant } from '../machine.ts'
import { readUploadOnly, UPLOAD_ONLY } from './0021-upload-only.ts'

/** The remote's extension handshake, merged over all that it sent. */
export interface RemoteExtensions {
  /** Extension name to the remote's id for it; id 0 (disabled) is left out. */
  readonly ids: ReadonlyMap<string, number>
  /** UTF-8 text as sent, hostile; `null` where absent. */
  readonly client: string | null
  readonly listenPort: number | null
  /** Requests that it queues for us; `null` where absent. */
  readonly requestQueueLimit: number | null
  readonly metadataSizeBytes: number | null
  /** BEP 21. */
  readonly uploadOnly: boolean
  /** Our address as the remote sees it: 4 or 16 bytes. */
  readonly yourIp: Uint8Array | null
}

/** What we say in our extension handshake; sent again whole whenever it changes. */
export interface LocalExtensions {
  /** Name to our id for it (1-255); 0 says that what was offered before is not any more. */
  readonly ids: ReadonlyMap<string, number>
  readonly client: string | null
  readonly listenPort: number | null
  readonly requestQueueLimit: number
  readonly metadataSizeBytes: number | null
  readonly uploadOnly: boolean
  readonly yourIp: Uint8Array | null
}

/** One extension handshake as sent: `null` for what it does not say. */
export interface ExtensionHandshake extends Omit<RemoteExtensions, 'uploadOnly'> {
  /** Id 0 stands for disabled. */
  readonly ids: ReadonlyMap<string, number>
  readonly uploadOnly: boolean | null
}

export type ExtensionHandshakeResult =
  | { readonly ok: true; readonly handshake: ExtensionHandshake }
  | { readonly ok: false; readonly fault: PeerFault }

/** The extended id of the handshake itself. */
export const EXTENSION_HANDSHAKE_ID = 0
/** Where the remote says nothing about its queue. */
export const DEFAULT_REQUEST_QUEUE_LIMIT = 250
export const EXTENSION_HANDSHAKE_BYTES_LIMIT: number = 64 * 1024
/** Names that are kept of one peer, and their length; more are left out. */
export const EXTENSION_NAMES_LIMIT = 100
export const EXTENSION_NAME_CHARACTERS_LIMIT = 64
export const CLIENT_NAME_BYTES_LIMIT = 512
/** The largest metadata that a peer may claim. */
export const METADATA_BYTES_LIMIT: number = 16 * 1024 * 1024

export const NO_EXTENSIONS: RemoteExtensions = {
  ids: new Map(),
  client: null,
  listenPort: null,
  requestQueueLimit: null,
  metadataSizeBytes: null,
  uploadOnly: false,
  yourIp: null,
}

/** Reads the payload of extended message 0. Nothing of the result is a view of it. */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshakeResult {
  if (payload.length > EXTENSION_HANDSHAKE_BYTES_LIMIT) {
    return bad(`${payload.length} bytes; the limit is ${EXTENSION_HANDSHAKE_BYTES_LIMIT}`)
  }
  const decoded = decodeBencode(payload, HANDSHAKE_LIMITS)
  if (!decoded.ok) return bad(`not bencode: ${decoded.fault.code}`)
  const dict = decoded.value
  if (!isBencodeDict(dict)) return bad('not a dictionary')
  const yourIp = dictGet.bytes(dict, 'yourip')
  const client = dictGet.bytes(dict, 'v')
  return {
    ok: true,
    handshake: {
      ids: readIds(dictGet.dict(dict, 'm')),
      client: client === null ? null : utf8Decode(client.subarray(0, CLIENT_NAME_BYTES_LIMIT)),
      listenPort: boundedInt(dict, 'p', 1, 0xffff),
      requestQueueLimit: boundedInt(dict, 'reqq', 1, 1_000_000),
      metadataSizeBytes: boundedInt(dict, 'metadata_size', 1, METADATA_BYTES_LIMIT),
      uploadOnly: readUploadOnly(dict.get(UPLOAD_ONLY)),
      yourIp: yourIp?.length === 4 || yourIp?.length === 16 ? yourIp.slice() : null,
    },
  }
}

/** What the remote has said by now. */
export function mergeExtensions(
  before: RemoteExtensions,
  said: ExtensionHandshake,
): RemoteExtensions {
  const ids = new Map(before.ids)
  for (const [name, id] of said.ids) {
    if (id === 0) ids.delete(name)
    else if (ids.has(name) || ids.size < EXTENSION_NAMES_LIMIT) ids.set(name, id)
  }
  return {
    ids,
    client: said.client ?? before.client,
    listenPort: said.listenPort ?? before.listenPort,
    requestQueueLimit: said.requestQueueLimit ?? before.requestQueueLimit,
    metadataSizeBytes: said.metadataSizeBytes ?? before.metadataSizeBytes,
    uploadOnly: said.uploadOnly ?? before.uploadOnly,
    yourIp: said.yourIp ?? before.yourIp,
  }
}

/** The payload of extended message 0. */
export function encodeExtensionHandshake(local: LocalExtensions): Uint8Array {
  for (const id of local.ids.values()) {
    invariant(Number.isInteger(id) && id >= 0 && id < 256, 'our extension ids are 0 to 255')
  }
  const inUse = [...local.ids.values()].filter((id) => id !== 0)
  invariant(new Set(inUse).size === inUse.length, 'no two extensions share an id')
  return encodeBencode(
    dictOf({
      m: new Map(local.ids),
      v: local.client,
      p: local.listenPort,
      reqq: local.requestQueueLimit,
      metadata_size: local.metadataSizeBytes,
      upload_only: local.uploadOnly ? 1 : 0,
      yourip: local.yourIp,
    }),
  )
}

const HANDSHAKE_LIMITS: BencodeLimits = { maxDepth: 32, maxTokens: 10_000, strict: false }

function readIds(dict: BencodeDict | null): ReadonlyMap<string, number> {
  const ids = new Map<string, number>()
  for (const [name, id] of dict ?? []) {
    if (ids.size >= EXTENSION_NAMES_LIMIT) break
    if (name.length > EXTENSION_NAME_CHARACTERS_LIMIT) continue
    if (typeof id === 'number' && id >= 0 && id < 256) ids.set(name, id)
  }
  return ids
}

function boundedInt(dict: BencodeDict, key: string, least: number, most: number): number | null {
  const value = dictGet.int(dict, key)
  return value !== null && value >= least && value <= most ? value : null
}

function bad(why: string): ExtensionHandshakeResult {
  return { ok: false, fault: { code: 'bad-extension-handshake', detail: why } }
}
