/** The hashes by which encrypted beginnings name torrents, each counted once. */
import { equalBytes } from '@pigeon/protocol/bytes'
import { type InfoHashes, wireInfoHashes } from '@pigeon/protocol/info-hash'
import { hashOfName } from '@pigeon/protocol/mse/hashes'

interface Skey {
  readonly name: Uint8Array
  readonly hashed: Uint8Array
}

export class SkeyIndex {
  readonly #known = new WeakMap<InfoHashes, readonly Skey[]>()

  /** Of the torrent's names, v1 or v2, the one that is meant; `null` for another torrent. */
  nameOf(hashes: InfoHashes, hashed: Uint8Array): Uint8Array | null {
    return this.#of(hashes).find((skey) => equalBytes(skey.hashed, hashed))?.name ?? null
  }

  #of(hashes: InfoHashes): readonly Skey[] {
    const known = this.#known.get(hashes)
    if (known !== undefined) return known
    const skeys = wireInfoHashes(hashes).map((name) => ({ name, hashed: hashOfName(name) }))
    this.#known.set(hashes, skeys)
    return skeys
  }
}
