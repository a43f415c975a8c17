import { describe, expect, test } from 'vitest'
import { DhtNetwork, honestNetwork, publicAddress } from '../testing/dht-network.ts'

const HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 7 + 3)

describe('a network of honest nodes', () => {
  test('finds the peers that another node announced', () => {
    const network = new DhtNetwork()
    const nodes = honestNetwork(
      network,
      Array.from({ length: 100 }, (_, i) => publicAddress(i)),
    )
    nodes[20]?.operate({
      kind: 'find-peers',
      infoHash: HASH,
      isScrape: false,
      announce: { port: 7_000, isPortImplied: false, isSeed: true },
    })
    const found = nodes[90]?.operate({
      kind: 'find-peers',
      infoHash: HASH,
      isScrape: true,
      announce: null,
    })
    expect(found?.peers).toContainEqual({ host: nodes[20]?.address.host, port: 7_000 })
  })
})
