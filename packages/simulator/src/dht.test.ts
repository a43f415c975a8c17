import { expect, it } from 'vitest'
import type { Address } from '@pigeon/engine/ports'
import { startDhts } from './scenario/sim-dht.ts'
import { World } from './world.ts'

const HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 11 + 5)

function searchFor(found: Address[]) {
  return {
    infoHashes: [HASH],
    isSeed: () => false,
    wantedPeers: () => 10,
    onPeers: (peers: readonly Address[]) => {
      found.push(...peers)
    },
  }
}

it('a torrent finds the others that look for it, through nodes that only know each other', async () => {
  const world = new World(1)
  const nodes = await startDhts(world, 20)
  const first: Address[] = []
  const second: Address[] = []
  nodes[3]?.service.find(searchFor(first))
  await world.run(5_000)
  nodes[17]?.service.find(searchFor(second))
  await world.run(5_000)
  expect(second).toContainEqual(nodes[3]?.address)
  // Nobody was there at first, so it looks again soon.
  await world.run(120_000)
  expect(first).toContainEqual(nodes[17]?.address)
})
