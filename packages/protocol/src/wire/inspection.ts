/**
 * A frame in words: its name, the BEP that it belongs to, and its fields, for whoever watches a connection. Payloads of
 * known extensions are decoded. Texts of the remote are raw; all is bounded, so that one message costs little to keep.
 */
import { readOffers } from '../bep/0003-handshake.ts'
import { decodeMetadataMessage } from '../bep/0009-metadata.ts'
import { EXTENSION_HANDSHAKE_ID } from '../bep/0010-extension.ts'
import { decodePex, PEX, PEX_FLAGS } from '../bep/0011-pex.ts'
import type { PeerAddress } from '../bep/0023-compact.ts'
import { decodeUploadOnly, UPLOAD_ONLY } from '../bep/0021-upload-only.ts'
import { decodeDontHave, DONT_HAVE } from '../bep/0054-donthave.ts'
import { decodeHolepunch, HOLEPUNCH, HOLEPUNCH_ERRORS } from '../bep/0055-holepunch.ts'
import {
  type BencodeValue,
  decodeBencode,
  isBencodeDict,
  isBencodeList,
  WIRE_BENCODE_LIMITS,
} from '../bencode.ts'
import { latin1Decode, toHex, utf8DecodeStrict } from '../bytes.ts'
import { countBits } from './bitfield.ts'
import type { PeerMessageKind } from './messages.ts'
import type { SeenFrame, SeenMessage } from './wire-tap.ts'

export interface FrameInWords {
  /** Such as `piece`, `ut_pex`, `handshake`. */
  readonly name: string
  /** `null` for what no BEP describes. */
  readonly bep: number | null
  /** At most `FIELDS_LIMIT`, each value at most `FIELD_CHARACTERS_LIMIT` long. */
  readonly fields: readonly Field[]
}

export type Field = readonly [name: string, value: string]

export const FIELDS_LIMIT = 32
export const FIELD_CHARACTERS_LIMIT = 300

/** Never throws, whatever the payload. */
export function describeFrame(frame: SeenFrame): FrameInWords {
  const { name, bep, fields } = describe(frame)
  return { name, bep, fields: bounded(fields) }
}

function describe(frame: SeenFrame): FrameInWords {
  switch (frame.kind) {
    case 'handshake': {
      const { reserved, infoHash, peerId } = frame.handshake
      const offers = Object.entries(readOffers(reserved)).filter(([, isOffered]) => isOffered)
      return inWords('handshake', 3, [
        ['info-hash', toHex(infoHash)],
        ['peer id', latin1Decode(peerId)],
        ['reserved', toHex(reserved)],
        ['offers', offers.map(([name]) => name).join(', ')],
      ])
    }
    case 'keep-alive':
      return inWords('keep-alive', 3, [])
    case 'message':
      return inWords(frame.message.kind, BEP_OF[frame.message.kind], fieldsOf(frame.message))
    case 'piece':
      return inWords('piece', 3, [
        ['piece', String(frame.pieceIndex)],
        ['begin', String(frame.begin)],
        ['length', String(frame.blockBytes)],
      ])
    case 'extended':
      return describeExtended(frame)
    case 'unread':
      return inWords(`message ${frame.id}`, null, [['id', String(frame.id)]])
    default:
      return frame satisfies never
  }
}

const BEP_OF: { readonly [K in PeerMessageKind]: number } = {
  choke: 3,
  unchoke: 3,
  interested: 3,
  'not-interested': 3,
  have: 3,
  bitfield: 3,
  request: 3,
  piece: 3,
  cancel: 3,
  port: 5,
  'suggest-piece': 6,
  'have-all': 6,
  'have-none': 6,
  'reject-request': 6,
  'allowed-fast': 6,
  extended: 10,
}

function fieldsOf(message: SeenMessage): readonly Field[] {
  switch (message.kind) {
    case 'have':
    case 'suggest-piece':
    case 'allowed-fast':
      return [['piece', String(message.pieceIndex)]]
    case 'bitfield':
      return [
        ['pieces', String(countBits(message.bits))],
        ['bits', cutHex(message.bits)],
      ]
    case 'request':
    case 'cancel':
    case 'reject-request':
      return [
        ['piece', String(message.pieceIndex)],
        ['begin', String(message.begin)],
        ['length', String(message.lengthBytes)],
      ]
    case 'port':
      return [['port', String(message.dhtPort)]]
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not-interested':
    case 'have-all':
    case 'have-none':
      return []
    default:
      return message satisfies never
  }
}

function describeExtended(frame: Extract<SeenFrame, { readonly kind: 'extended' }>): FrameInWords {
  const { extendedId, name, payload } = frame
  if (extendedId === EXTENSION_HANDSHAKE_ID)
    return inWords('extension handshake', 10, bencodedFields(payload))
  const id: Field = ['id', String(extendedId)]
  if (name === null)
    return inWords(`extended ${extendedId}`, 10, [id, ['payload', cutHex(payload)]])
  const known = EXTENSIONS.get(name)
  const fields = known?.fields(payload) ?? null
  return inWords(name, known?.bep ?? null, [id, ...(fields ?? [['payload', cutHex(payload)]])])
}

interface ExtensionRow {
  readonly bep: number
  /** `null` for a payload that is wrong. */
  readonly fields: (payload: Uint8Array) => readonly Field[] | null
}

const EXTENSIONS: ReadonlyMap<string, ExtensionRow> = new Map([
  ['ut_metadata', { bep: 9, fields: metadataFields }],
  [PEX, { bep: 11, fields: pexFields }],
  [UPLOAD_ONLY, { bep: 21, fields: uploadOnlyFields }],
  [DONT_HAVE, { bep: 54, fields: dontHaveFields }],
  [HOLEPUNCH, { bep: 55, fields: holepunchFields }],
])

function metadataFields(payload: Uint8Array): readonly Field[] | null {
  const read = decodeMetadataMessage(payload)
  if (read.kind !== 'message') return null
  const { message } = read
  const fields: Field[] = [
    ['type', message.kind],
    ['piece', String(message.pieceIndex)],
  ]
  if (message.kind === 'data') {
    if (message.totalBytes !== null) fields.push(['total size', String(message.totalBytes)])
    fields.push(['length', String(message.bytes.length)])
  }
  return fields
}

function pexFields(payload: Uint8Array): readonly Field[] | null {
  const read = decodePex(payload)
  if (!read.ok) return null
  const { added, dropped } = read.message
  const flagged = added.map((peer) => `${addressText(peer)}${flagText(peer.flags)}`)
  return [
    [`added (${added.length})`, flagged.join(', ')],
    [`dropped (${dropped.length})`, dropped.map(addressText).join(', ')],
  ]
}

function flagText(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
  return names.length === 0 ? '' : ` (${names.join(' ')})`
}

const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [PEX_FLAGS.prefersEncryption, 'encryption'],
  [PEX_FLAGS.isSeed, 'seed'],
  [PEX_FLAGS.hasUtp, 'uTP'],
  [PEX_FLAGS.hasHolepunch, 'holepunch'],
  [PEX_FLAGS.isReachable, 'reachable'],
]

function uploadOnlyFields(payload: Uint8Array): readonly Field[] | null {
  const uploadOnly = decodeUploadOnly(payload)
  return uploadOnly === null ? null : [['upload only', uploadOnly ? 'yes' : 'no']]
}

function dontHaveFields(payload: Uint8Array): readonly Field[] | null {
  const pieceIndex = decodeDontHave(payload)
  return pieceIndex === null ? null : [['piece', String(pieceIndex)]]
}

function holepunchFields(payload: Uint8Array): readonly Field[] | null {
  const message = decodeHolepunch(payload)
  if (message === null) return null
  const fields: Field[] = [
    ['type', message.kind],
    ['address', addressText(message.address)],
  ]
  if (message.kind === 'error') fields.push(['error', errorText(message.code)])
  return fields
}

function errorText(code: number): string {
  const known = Object.entries(HOLEPUNCH_ERRORS).find(([, value]) => value === code)
  return known?.[0] ?? String(code)
}

function addressText({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** One field for each key, dictionaries within it spread out by one level. */
function bencodedFields(payload: Uint8Array): readonly Field[] {
  const decoded = decodeBencode(payload, WIRE_BENCODE_LIMITS)
  if (!decoded.ok || !isBencodeDict(decoded.value)) return [['payload', cutHex(payload)]]
  const fields: Field[] = []
  for (const [key, value] of decoded.value) {
    if (fields.length >= FIELDS_LIMIT) break
    fields.push([key, key === 'm' && isBencodeDict(value) ? idsText(value) : valueText(value)])
  }
  return fields
}

function idsText(ids: ReadonlyMap<string, BencodeValue>): string {
  const first = [...ids].slice(0, FIELDS_LIMIT)
  return first.map(([name, id]) => `${name} ${valueText(id)}`).join(', ')
}

/** Bytes as text where all of them can be read, else as hexadecimal. */
function valueText(value: BencodeValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) {
    const start = value.subarray(0, FIELD_CHARACTERS_LIMIT)
    const text = utf8DecodeStrict(start)
    return text === null || hasControl(text) ? cutHex(value) : text
  }
  if (isBencodeList(value)) return `list of ${value.length}`
  return isBencodeDict(value) ? `dictionary of ${value.size}` : ''
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 0x20) return true
  return false
}

function cutHex(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, FIELD_CHARACTERS_LIMIT / 4)
  return `${toHex(shown)}${shown.length < bytes.length ? ` … (${bytes.length} bytes)` : ''}`
}

function inWords(name: string, bep: number | null, fields: readonly Field[]): FrameInWords {
  return { name, bep, fields }
}

function bounded(fields: readonly Field[]): readonly Field[] {
  return fields.slice(0, FIELDS_LIMIT).map(([name, value]): Field => [cut(name), cut(value)])
}

function cut(text: string): string {
  return text.length <= FIELD_CHARACTERS_LIMIT
    ? text
    : `${text.slice(0, FIELD_CHARACTERS_LIMIT - 1)}…`
}
