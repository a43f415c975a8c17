/** Whoever finds peers for all torrents of a session at once: the DHT, local discovery. */
import type { Address } from '../ports.ts'

/** A torrent that looks for peers. Only public ones search: see `mayUsePeerSource`. */
export interface Search {
  /** The 20-byte names under which others look for it. */
  readonly infoHashes: readonly Uint8Array[]
  /** Whether all of it is here (BEP 33). */
  isSeed(): boolean
  /** How many more peers it would like to have. */
  wantedPeers(): number
  onPeers(addresses: readonly Address[]): void
}

export interface PeerFinder {
  readonly source: 'dht' | 'lsd'
  /**
   * Looks for peers, and tells others of us, until the answer is called. While the finder is switched off nothing
   * happens; the search goes on by itself when it is switched on.
   */
  find(search: Search): () => void
}

/** What a torrent asks of its session's network. */
export interface TorrentReach {
  readonly finders: readonly PeerFinder[]
  /** Where our DHT node is reached over UDP (BEP 5); `null` while there is none. */
  readonly dhtPort: number | null
  /** Where trackers and peers are told that we listen; `null` while nobody reaches us. */
  readonly announcedPort: number | null
  /** A peer says that it has a DHT node there. */
  heardOfNode(address: Address): void
  /** A torrent names a DHT node: `host:port`, by name or numeric. */
  heardOfNamedNode(node: string): void
  /** Our address and port as others see them; `null` while nobody said. */
  ownAddress(family: 4 | 6): Address | null
  /** A peer or tracker says how it sees our numeric address; `by` is its host. */
  heardOwnIp(ip: string, saidBy: 'peers' | 'tracker', by: string): void
}
