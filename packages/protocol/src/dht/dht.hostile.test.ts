import { describe, expect, test } from 'vitest'
import { LiarNode, type LiarId } from '../testing/dht-liar.ts'
import {
  DhtNetwork,
  OwnNode,
  honestNetwork,
  publicAddress,
  seeded,
} from '../testing/dht-network.ts'

const HONEST = 60

interface Scene {
  readonly network: DhtNetwork
  readonly honest: readonly OwnNode[]
  readonly liars: readonly LiarNode[]
}

function scene(
  liarCount: number,
  kind: LiarId,
  addressOf = (i: number) => publicAddress(20_000 + i),
): Scene {
  const network = new DhtNetwork()
  network.delayMs = 50
  const places = Array.from({ length: liarCount }, (_, i) => addressOf(i))
  const liars = places.map((address, i) => new LiarNode(network, address, places, kind, i))
  const honest = honestNetwork(
    network,
    Array.from({ length: HONEST }, (_, i) => publicAddress(i)),
    10_000,
  )
  for (const [i, liar] of liars.entries()) {
    for (let n = 0; n < 8; n++) {
      const victim = honest[(i * 7 + n * 13) % HONEST]
      if (victim !== undefined) liar.approach(victim.address)
    }
  }
  network.run(60_000)
  return { network, honest, liars }
}

/** How many of so many announces are found by another node. */
function foundShare({ honest, network }: Scene, rounds: number): number {
  const chance = seeded(8)
  let found = 0
  for (let round = 0; round < rounds; round++) {
    const infoHash = chance(20).slice()
    const announcer = honest[(round * 31) % HONEST]
    const seeker = honest[(round * 31 + 77) % HONEST]
    announcer?.operate({
      kind: 'find-peers',
      infoHash,
      isScrape: false,
      announce: { port: 7_000, isPortImplied: false, isSeed: false },
    })
    network.run(1_000)
    const { peers } = seeker?.operate({
      kind: 'find-peers',
      infoHash,
      isScrape: false,
      announce: null,
    }) ?? { peers: [] }
    if (peers.some(({ host, port }) => host === announcer?.address.host && port === 7_000)) found++
  }
  return found / rounds
}

describe('a lookup among hostile nodes', () => {
  test.each([
    [20, 'near'],
    [20, 'rightly'],
    [50, 'near'],
    [50, 'rightly'],
  ] as const)('succeeds while %i of a hundred nodes lie (ids: %s)', (percent, kind) => {
    const liarCount = Math.round((HONEST * percent) / (100 - percent))
    const now = scene(liarCount, kind)
    const share = foundShare(now, 8)
    expect(now.liars.reduce((sum, { queriesIn }) => sum + queriesIn, 0)).toBeGreaterThan(50)
    expect(share).toBeGreaterThanOrEqual(percent === 20 ? 0.99 : 0.9)
    // Half of all are a majority of their own: no vote can tell them from the truth.
    for (const { dht } of percent === 20 ? now.honest : []) {
      const status = dht.status(now.network.nowMs)[0]
      expect(status?.externalHost).not.toBe('6.6.6.6')
    }
  })

  test('is not taken over by 250 sybils of one /24, and tables hold at most one of them', () => {
    const now = scene(250, 'near', (i) => ({ host: `66.6.6.${i + 1}`, port: 6_881 }))
    expect(foundShare(now, 8)).toBe(1)
    for (const { dht } of now.honest) {
      const target = new Uint8Array(20)
      const nodes = dht.closestNodes(target, 4, now.network.nowMs)
      expect(nodes.filter(({ host }) => host.startsWith('66.6.6.')).length).toBeLessThanOrEqual(1)
    }
  })
})
