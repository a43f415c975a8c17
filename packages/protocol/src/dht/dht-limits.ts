/** What the DHT takes, keeps and does at most; all can be set. Times are milliseconds, rates bytes a second. */
export interface DhtLimits {
  /** Queries of one address: sustained, in one go, and how long it is ignored after more. */
  readonly queriesPerSecond: number
  readonly queryBurst: number
  readonly muteMs: number
  /** Addresses whose rate is remembered. */
  readonly rememberedSources: number
  /** What goes out in answers that are more than three times as long as their queries. */
  readonly largeAnswerRate: number
  readonly storedHashes: number
  readonly peersPerHash: number
  readonly storedItems: number
  /** Hashes, items, and peers of a hash that one /24 (IPv6: /64) may have us keep. */
  readonly storedPerBlock: number
  /** Peers in one answer. */
  readonly valuesPerAnswer: number
  /** Queries of ours that wait for an answer. */
  readonly openQueries: number
  /** Lookups under way, of all operations. */
  readonly operations: number
}

export const DHT_LIMITS: DhtLimits = {
  queriesPerSecond: 5,
  queryBurst: 50,
  muteMs: 5 * 60_000,
  rememberedSources: 4_096,
  largeAnswerRate: 8_000,
  storedHashes: 2_000,
  peersPerHash: 500,
  storedItems: 700,
  storedPerBlock: 20,
  valuesPerAnswer: 50,
  openQueries: 1_024,
  operations: 64,
}
