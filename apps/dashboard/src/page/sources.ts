/** Finds what can be added in text that somebody pasted, dropped or typed. */
import type { Command } from '@pigeon/control/contract'

export type Source = Extract<Command, { do: 'add' }>['source']

export interface FoundSource {
  readonly source: Source
  /** As it stands in the text. */
  readonly word: string
}

export interface FoundSources {
  readonly found: readonly FoundSource[]
  /** Lines that are nothing that can be added. */
  readonly unknown: readonly string[]
}

/** One paste adds at most this many; the rest counts as unknown. */
export const MAX_SOURCES = 200

const HEX_V1 = /^[0-9a-f]{40}$/i
const HEX_V2 = /^[0-9a-f]{64}$/i
const BASE32_V1 = /^[a-z2-7]{32}$/i

/** Reads magnets, info-hashes (v1 in hex or base32, v2 in hex) and http(s) addresses, one a line or between spaces. */
export function findSources(text: string): FoundSources {
  const words = text.split(/\s+/).filter((word) => word !== '' && !word.startsWith('#'))
  const found: FoundSource[] = []
  const unknown: string[] = []
  for (const word of words) {
    const source = found.length < MAX_SOURCES ? toSource(word) : null
    if (source === null) unknown.push(word)
    else found.push({ source, word })
  }
  return { found, unknown }
}

/** Whether the whole text is things to add, so that a paste outside of any field may be taken. */
export function isAddable(text: string): boolean {
  const { found, unknown } = findSources(text)
  return found.length > 0 && unknown.length === 0
}

function toSource(word: string): Source | null {
  if (/^magnet:\?/i.test(word)) return { kind: 'magnet', uri: word }
  if (HEX_V1.test(word) || BASE32_V1.test(word))
    return { kind: 'magnet', uri: `magnet:?xt=urn:btih:${word}` }
  if (HEX_V2.test(word)) return { kind: 'magnet', uri: `magnet:?xt=urn:btmh:1220${word}` }
  if (/^https?:\/\/[^/]/i.test(word) && URL.canParse(word)) return { kind: 'url', url: word }
  return null
}
