/**
 * What a node remembers of the DHT from one run to the next: its ids and the nodes it knew. Ours alone, so it is strict:
 * a blob that is not whole is no blob.
 */
import { sha1 } from '@noble/hashes/legacy.js'
import { decodeBencode, dictGet, dictOf, encodeBencode, isBencodeDict } from '../bencode.ts'
import { NODE_ID_BYTES } from '../bep/0005-krpc.ts'
import {
  COMPACT_NODE_BYTES,
  decodeNodes,
  type NodeContact,
  type NodeFamily,
} from '../bep/0032-nodes.ts'
import { concatBytes, equalBytes } from '../bytes.ts'

export interface SavedFamily {
  readonly id: Uint8Array
  readonly nodes: readonly NodeContact[]
}

export type SavedState = { readonly [F in NodeFamily]: SavedFamily | null }

/** Of one family. */
export const MAX_SAVED_NODES = 400

/** `nodes`: compact. */
export function encodeSavedState(
  families: {
    readonly [F in NodeFamily]: {
      readonly id: Uint8Array
      readonly nodes: readonly Uint8Array[]
    } | null
  },
): Uint8Array {
  const fields = ([4, 6] as const).map((family): [string, Uint8Array | null][] => {
    const saved = families[family]
    const nodes = saved === null ? null : concatBytes(saved.nodes.slice(0, MAX_SAVED_NODES))
    return [
      [`id${family}`, saved?.id ?? null],
      [`nodes${family}`, nodes],
    ]
  })
  const body = encodeBencode(dictOf(Object.fromEntries(fields.flat())))
  return encodeBencode(dictOf({ body, sum: sha1(body), version: VERSION }))
}

/** `null` for what is not a whole state of a version that we know. */
export function decodeSavedState(bytes: Uint8Array): SavedState | null {
  const outer = decodeBencode(bytes, LIMITS)
  if (!outer.ok || !isBencodeDict(outer.value)) return null
  const body = dictGet.bytes(outer.value, 'body')
  const sum = dictGet.bytes(outer.value, 'sum')
  if (dictGet.int(outer.value, 'version') !== VERSION || body === null || sum === null) return null
  if (!equalBytes(sha1(body), sum)) return null
  const inner = decodeBencode(body, LIMITS)
  if (!inner.ok || !isBencodeDict(inner.value)) return null
  const dict = inner.value
  const familyOf = (family: NodeFamily): SavedFamily | null => {
    const id = dictGet.bytes(dict, `id${family}`)
    const nodes = dictGet.bytes(dict, `nodes${family}`)
    if (id === null || nodes === null || id.length !== NODE_ID_BYTES) return null
    return { id: id.slice(), nodes: decodeNodes(nodes, family, MAX_SAVED_NODES) }
  }
  return { 4: familyOf(4), 6: familyOf(6) }
}

const VERSION = 1
const LIMITS = {
  maxDepth: 1,
  maxTokens: 8,
  strict: true,
  maxBytes: MAX_SAVED_NODES * (COMPACT_NODE_BYTES[4] + COMPACT_NODE_BYTES[6]) + 1_024,
}
