/** Finding peers of a torrent, counting them, and saying that we are one. Spec: BEP 5, "get_peers", "announce_peer"; BEP 33 */
import type { KrpcBody, KrpcBodyDraft } from '../bep/0005-krpc.ts'
import {
  estimateFilter,
  FILTER_BYTES,
  filterMayHold,
  insertIntoFilter,
  unionFilters,
} from '../bep/0033-scrape-filter.ts'
import type { DhtAddress, DhtAnnounce, DhtOutcome } from './dht-messages.ts'
import type { Candidate, Lookup } from './lookup.ts'
import { STORE_NODES } from './lookup.ts'
import type { Operation, StoreQuery } from './operation.ts'
import { type Place, placeOfCompact } from './place.ts'

/** Peers that one operation hands out. */
export const MAX_PEERS_FOUND = 1_000
/** Of one answer; more cannot fit a datagram. */
export const MAX_VALUES_READ = 128
/** Lower ports belong to services that are no peers: nobody shall point us at them. */
export const MIN_PEER_PORT = 1_024
/** "Nodes should try to keep max(seeds,peers) below 6000": what claims more is no filter. */
export const MAX_FILTER_ESTIMATE = 6_000

export class PeersOperation implements Operation {
  readonly method = 'get_peers'
  readonly wantedAnswers: number = STORE_NODES
  readonly isSatisfied = false
  readonly operationId: number
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft
  readonly #announce: DhtAnnounce | null
  readonly #isScrape: boolean
  readonly #found = new Set<string>()
  readonly #seeds = new Uint8Array(FILTER_BYTES)
  readonly #downloaders = new Uint8Array(FILTER_BYTES)
  #hasFilter = false
  #announcedTo = 0

  constructor(
    operationId: number,
    infoHash: Uint8Array,
    isScrape: boolean,
    announce: DhtAnnounce | null,
  ) {
    this.operationId = operationId
    this.target = infoHash
    this.#announce = announce
    this.#isScrape = isScrape
    this.question = { infoHash, isScrape, isWithoutSeeds: announce?.isSeed === true }
  }

  answered(body: KrpcBody, from: Candidate): readonly DhtAddress[] {
    const places = this.#placesIn(body.values ?? [], from.place)
    if (this.#isScrape) this.#count(body, places)
    return this.accept(places)
  }

  /** Those that were not handed out yet. */
  accept(places: readonly Place[]): readonly DhtAddress[] {
    const peers: DhtAddress[] = []
    for (const { host, port } of places) {
      if (port < MIN_PEER_PORT || this.#found.size >= MAX_PEERS_FOUND) continue
      const key = `${host} ${port}`
      if (this.#found.has(key)) continue
      this.#found.add(key)
      peers.push({ host, port })
    }
    return peers
  }

  stores(lookup: Lookup): readonly StoreQuery[] {
    const announce = this.#announce
    if (announce === null) return []
    return lookup.storeSet().map((to) => ({
      to,
      method: 'announce_peer',
      body: {
        infoHash: this.target,
        port: announce.port,
        isPortImplied: announce.isPortImplied,
        isSeed: announce.isSeed,
        token: to.token,
      },
    }))
  }

  stored(errorCode: number | null): void {
    if (errorCode === null) this.#announcedTo++
  }

  outcome(nodesAsked: number): DhtOutcome {
    const scrape = this.#hasFilter
      ? {
          seeds: Math.round(estimateFilter(this.#seeds)),
          downloaders: Math.round(estimateFilter(this.#downloaders)),
        }
      : null
    return { kind: 'peers', nodesAsked, announcedTo: this.#announcedTo, scrape }
  }

  /** A node of the public network cannot know who is on our local one. */
  #placesIn(values: readonly Uint8Array[], from: Place): readonly Place[] {
    const places: Place[] = []
    for (const value of values.slice(0, MAX_VALUES_READ)) {
      const place = placeOfCompact(value)
      if (place === null || place.family !== from.family) continue
      if (!place.isLocal || from.isLocal) places.push(place)
    }
    return places
  }

  #count(body: KrpcBody, places: readonly Place[]): void {
    const { seedFilter, peerFilter } = body
    if (seedFilter !== null && peerFilter !== null) {
      if (!isPlausible(seedFilter, peerFilter, places)) return
      unionFilters(this.#seeds, seedFilter)
      unionFilters(this.#downloaders, peerFilter)
      this.#hasFilter = true
      return
    }
    for (const { ip } of places) {
      if (!filterMayHold(this.#seeds, ip)) insertIntoFilter(this.#downloaders, ip)
      this.#hasFilter = true
    }
  }
}

/** "checking if they are not full [...] or if the returned values are actually contained in either of the two filters" */
function isPlausible(seeds: Uint8Array, peers: Uint8Array, places: readonly Place[]): boolean {
  if (Math.max(estimateFilter(seeds), estimateFilter(peers)) > MAX_FILTER_ESTIMATE) return false
  return places.every(({ ip }) => filterMayHold(seeds, ip) || filterMayHold(peers, ip))
}
