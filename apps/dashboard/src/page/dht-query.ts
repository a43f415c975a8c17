/** From what somebody writes to what the DHT is asked, and from its values to text. */
import type { DhtQuery } from '@pigeon/control/network'
import { toDisplay } from '@pigeon/protocol/display'

export const DHT_KINDS = ['ping', 'peers', 'get', 'put'] as const
export type DhtKind = (typeof DHT_KINDS)[number]

/** Of a value as it travels, bencoded. Spec: BEP 44, "the value". */
export const VALUE_BYTES = 1_000
/** What bencoding adds to a text of that size. */
const FRAME_BYTES = '1000:'.length
export const TEXT_BYTES: number = VALUE_BYTES - FRAME_BYTES

export type ReadQuery =
  | { readonly kind: 'query'; readonly query: DhtQuery }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'long'; readonly bytes: number }

export function readQuery(kind: DhtKind, text: string): ReadQuery {
  const written = text.trim()
  switch (kind) {
    case 'ping':
      return isNode(written) ? asked({ do: 'ping', node: written }) : WRONG
    case 'peers': {
      const infoHash = infoHashIn(written)
      return infoHash === null ? WRONG : asked({ do: 'peers', infoHash })
    }
    case 'get': {
      const target = written.toLowerCase()
      return HASH.test(target) ? asked({ do: 'get', target }) : WRONG
    }
    case 'put':
      return readValue(text)
    default:
      return kind satisfies never
  }
}

/** A value as text: that of a bencoded string, or else its bytes as they are. */
export function textOfValue(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const colon = bytes.indexOf(0x3a)
  const head = new TextDecoder().decode(bytes.subarray(0, Math.max(colon, 0)))
  const isString = /^\d{1,4}$/.test(head) && Number(head) === bytes.length - colon - 1
  return toDisplay(isString ? bytes.subarray(colon + 1) : bytes, VALUE_BYTES)
}

const HASH = /^[0-9a-f]{40}$/
const WRONG: ReadQuery = { kind: 'wrong' }

function asked(query: DhtQuery): ReadQuery {
  return { kind: 'query', query }
}

/** A name, an IPv4 address or an IPv6 address in brackets, then the port. */
function isNode(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]{1,255}):(\d{1,5})$/.exec(text)
  const port = Number(match?.[1] ?? 0)
  return port > 0 && port < 65_536
}

function infoHashIn(text: string): string | null {
  const hash = (/urn:btih:([0-9a-fA-F]{40})(?![0-9a-zA-Z])/.exec(text)?.[1] ?? text).toLowerCase()
  return HASH.test(hash) ? hash : null
}

function readValue(text: string): ReadQuery {
  if (text === '') return WRONG
  const { length } = new TextEncoder().encode(text)
  if (length > TEXT_BYTES) return { kind: 'long', bytes: length }
  const bytes = new TextEncoder().encode(`${length}:${text}`)
  return asked({ do: 'put', value: btoa(String.fromCharCode(...bytes)) })
}
