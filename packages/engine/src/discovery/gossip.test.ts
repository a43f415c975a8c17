import { encodeHolepunch, HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import { expect, it } from 'vitest'
import { PeerList } from '../peer-list.ts'
import type { Address } from '../ports.ts'
import { Gossip } from './gossip.ts'
import { fakePeer } from './testing/fake-peer.ts'

it('whoever arranges a meeting has nobody dialled beyond the bounds on dials, nor who is banned', () => {
  const { peer } = fakePeer(1, { host: '203.0.113.1', port: 6881 }, new Map([[HOLEPUNCH, 9]]))
  const candidates = new PeerList({ random: () => 0 })
  const dialled: Address[] = []
  let mayDial = false
  const gossip = new Gossip({
    peers: new Map([[peer.number, peer]]),
    candidates,
    random: () => 0,
    nowMs: () => 0,
    isPexOn: () => true,
    isHolepunchOn: () => true,
    isSeed: () => false,
    isOwn: () => false,
    onUtpPeer: () => {},
    onEncryptingPeer: () => {},
    onCandidates: () => {},
    mayDial: () => mayDial,
    dialOverUtp: (address) => dialled.push(address),
    wantedPeers: () => 1,
    isFinished: () => false,
  })
  const address = { host: '203.0.113.2', port: 6881 }
  const connect = encodeHolepunch({ kind: 'connect', address })
  gossip.receive(peer, HOLEPUNCH, connect)
  expect([dialled, candidates.size]).toEqual([[], 0])
  mayDial = true
  gossip.receive(peer, HOLEPUNCH, connect)
  expect(dialled).toEqual([address])
})
