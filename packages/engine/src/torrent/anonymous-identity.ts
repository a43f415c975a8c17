/** Who a torrent says that it is, where nothing may lead from it to us or to our other torrents. */
import type { RandomInt } from '@pigeon/protocol/machine'
import { makeAnonymousPeerId } from '@pigeon/protocol/peer-id'

export interface AnonymousIdentity {
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** 32 bits. */
  readonly announceKey: number
}

export function anonymousIdentity(random: RandomInt): AnonymousIdentity {
  return { peerId: makeAnonymousPeerId(random), announceKey: random(2 ** 32) }
}
