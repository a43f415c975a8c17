/** Passes on what is usable of a tracker's peers: numeric addresses, each once, no more than a bound. */
import type { TrackerPeer } from '@pigeon/protocol/bep/0003-http-tracker'
import type { Address } from '../ports.ts'
import { TRACKER_LIMITS } from './settings.ts'
import type { TrackerAccess } from './tracker-access.ts'

export class PeerSieve {
  readonly #access: TrackerAccess
  readonly #onPeers: (peers: readonly Address[], trackerUrl: string) => void

  constructor(
    access: TrackerAccess,
    onPeers: (peers: readonly Address[], trackerUrl: string) => void,
  ) {
    this.#access = access
    this.#onPeers = onPeers
  }

  /** Numeric peers at once; named ones when their names are resolved. */
  async pass(peers: readonly TrackerPeer[], trackerUrl: string): Promise<void> {
    const numeric = peers.filter((peer) => !peer.isName)
    if (numeric.length > 0) this.#onPeers(distinct(numeric), trackerUrl)
    const named = peers.filter((peer) => peer.isName).slice(0, TRACKER_LIMITS.peerNamesPerAnswer)
    for (const { host, port } of named) {
      const found = await this.#access.resolvePeer(host)
      const resolved = found.map((address) => ({ host: address, port }))
      if (resolved.length > 0) this.#onPeers(distinct(resolved), trackerUrl)
    }
  }
}

function distinct(peers: readonly Address[]): readonly Address[] {
  const byName = new Map<string, Address>()
  for (const { host, port } of peers) byName.set(`${host} ${port}`, { host, port })
  return [...byName.values()].slice(0, TRACKER_LIMITS.peersPerAnswer)
}
