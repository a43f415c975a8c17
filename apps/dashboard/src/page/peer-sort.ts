/** The order of the peers in their table. */
import type { PeerDetail } from '@pigeon/control/contract'
import { strings } from './strings.ts'

export const PEER_KEYS = [
  'address',
  'client',
  'progress',
  'down',
  'up',
  'got',
  'gave',
  'time',
  'source',
  'transport',
] as const
export type PeerKey = (typeof PEER_KEYS)[number]

const TEXT_KEYS: ReadonlySet<PeerKey> = new Set(['address', 'client', 'source', 'transport'])

export interface PeerSort {
  readonly key: PeerKey
  readonly isDescending: boolean
}

const collator = new Intl.Collator('en', { numeric: true })

const VALUES: { readonly [K in PeerKey]: (peer: PeerDetail) => number | string } = {
  address: ({ address }) => address,
  client: ({ client }) => client,
  progress: ({ progress }) => progress,
  down: ({ downRate }) => downRate,
  up: ({ upRate }) => upRate,
  got: ({ downloadedBytes }) => downloadedBytes,
  gave: ({ uploadedBytes }) => uploadedBytes,
  time: ({ connectedMs }) => connectedMs,
  source: ({ source }) => strings.peers.sources[source],
  // Among those of one transport, the encrypted ones together.
  transport: ({ transport, isEncrypted }) => `${transport} ${isEncrypted ? 1 : 2}`,
}

/** Equal ones by address, so that rows keep their places. */
export function sortPeers(peers: readonly PeerDetail[], sort: PeerSort): readonly PeerDetail[] {
  const valueOf = VALUES[sort.key]
  const sign = sort.isDescending ? -1 : 1
  return peers.toSorted((one, other) => {
    const order = compare(valueOf(one), valueOf(other))
    return order === 0 ? collator.compare(one.address, other.address) : sign * order
  })
}

/** Numbers begin with the largest, texts with the first. */
export function nextSort(before: PeerSort, key: PeerKey): PeerSort {
  if (before.key === key) return { key, isDescending: !before.isDescending }
  return { key, isDescending: !TEXT_KEYS.has(key) }
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(String(one), String(other))
}
