/**
 * BEP 27: private torrents <https://www.bittorrent.org/beps/bep_0027.html>
 *
 * Covered: the `private` key, and which sources of peers it leaves.
 * Diverges: every integer but 0 counts as private, because to leak a private torrent is worse than to find fewer peers.
 */
import type { BencodeDict } from '../bencode.ts'

/** Where an address of a peer came from. */
export type PeerSource = 'tracker' | 'dht' | 'pex' | 'lsd' | 'magnet' | 'incoming' | 'user'

/** Whether the info dictionary says `private`; `null` where the key has a type that says nothing. */
export function readPrivate(info: BencodeDict): boolean | null {
  const value = info.get('private')
  if (value === undefined) return false
  return typeof value === 'number' || typeof value === 'bigint' ? value !== 0 : null
}

/**
 * Whether peers of this source may be used.
 *
 * "it MUST ONLY announce itself to the private tracker, and MUST ONLY initiate connections to peers returned from the
 * private tracker." Addresses that the user typed stay allowed: that is the user's own doing.
 */
export function mayUsePeerSource(isPrivate: boolean, source: PeerSource): boolean {
  return !isPrivate || source === 'tracker' || source === 'incoming' || source === 'user'
}
