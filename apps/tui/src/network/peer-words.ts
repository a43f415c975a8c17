/** Where a peer was found and how it is connected, in words that fit a column. */
import type { NetworkStatus, PeerSource } from '@pigeon/control/network'

type Transport = keyof NetworkStatus['peersByTransport']

export const SOURCE_WORDS: Readonly<Record<PeerSource, string>> = {
  tracker: 'tracker',
  magnet: 'magnet',
  incoming: 'incoming',
  user: 'user',
  dht: 'DHT',
  pex: 'PEX',
  lsd: 'LSD',
}

export const TRANSPORT_WORDS: Readonly<Record<Transport, string>> = {
  tcp: 'TCP',
  utp: 'µTP',
  webrtc: 'WebRTC',
}

/** Such as `61 tracker, 24 DHT`, the most first; empty where there is nobody. */
export function countsText<Key extends string>(
  counts: Readonly<Record<Key, number>>,
  words: Readonly<Record<Key, string>>,
): string {
  // The keys of a record are the names of its type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const keys = Object.keys(words) as Key[]
  return keys
    .filter((key) => counts[key] > 0)
    .toSorted((one, other) => counts[other] - counts[one])
    .map((key) => `${counts[key]} ${words[key]}`)
    .join(', ')
}
