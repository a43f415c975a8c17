import { expect, test } from 'vitest'
import { BanList } from '../blame.ts'
import { fakePeer } from '../discovery/testing/fake-peer.ts'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { Admission, CROSSING_MS } from './admission.ts'

const HOST = '203.0.113.1'
const ELSEWHERE = '2001:db8::1'

/** We dialled a peer, and who has the same peer id, greater than ours, comes in afterwards. */
function secondWins(host: string, connectedMs: number): boolean {
  const first = fakePeer(9, { host: HOST, port: 6881 }, new Map()).peer
  const late = { direction: 'incoming', connectedMs } as const
  const second = fakePeer(9, { host, port: 50_000 }, new Map(), late).peer
  const admission = new Admission({
    peers: new Map([
      [1, first],
      [2, second],
    ]),
    settings: DEFAULT_SETTINGS,
    maxPeers: () => 50,
    bans: new BanList(),
    peerId: () => new Uint8Array(20).fill(1),
  })
  const wins = admission.winsAgainstTwin(second, new Uint8Array(20).fill(9))
  expect(first.isClosed).toBe(wins)
  return wins
}

test('of two dials that crossed one stays, also where they took different networks', () => {
  expect(secondWins(HOST, 100)).toBe(true)
  expect(secondWins(ELSEWHERE, CROSSING_MS - 1)).toBe(true)
})

test('who comes later from elsewhere with the peer id of another does not drive that one out', () => {
  expect(secondWins(ELSEWHERE, CROSSING_MS)).toBe(false)
  expect(secondWins(HOST, CROSSING_MS)).toBe(true)
})
