/**
 * BEP 5: DHT protocol, torrent file extensions <https://www.bittorrent.org/beps/bep_0005.html>
 *
 * Covered: the `nodes` key of a torrent: `[["host", port], ...]`. The DHT itself is not.
 */
import { isBencodeList, type BencodeDict, type BencodeValue } from '../bencode.ts'
import { utf8DecodeStrict } from '../bytes.ts'

/** The longest name that DNS knows. */
export const MAX_HOST_BYTES = 253

export interface DhtNode {
  readonly host: string
  readonly port: number
}

export interface NodeList {
  readonly nodes: readonly DhtNode[]
  readonly skippedCount: number
}

/** The usable entries of `nodes`; others are counted and left out. */
export function readNodes(root: BencodeDict, maxNodes: number): NodeList {
  const list = root.get('nodes')
  if (!isBencodeList(list)) return { nodes: [], skippedCount: list === undefined ? 0 : 1 }
  const nodes: DhtNode[] = []
  for (const entry of list) {
    const node = readNode(entry)
    if (node !== null && nodes.length < maxNodes) nodes.push(node)
  }
  return { nodes, skippedCount: list.length - nodes.length }
}

function readNode(entry: BencodeValue): DhtNode | null {
  if (!isBencodeList(entry)) return null
  const [hostBytes, port] = entry
  if (!(hostBytes instanceof Uint8Array) || typeof port !== 'number') return null
  if (hostBytes.length === 0 || hostBytes.length > MAX_HOST_BYTES) return null
  const host = utf8DecodeStrict(hostBytes)
  return host === null || port < 1 || port > 65_535 ? null : { host, port }
}
