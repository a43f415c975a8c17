import { describe, expect, test } from 'vitest'
import { BanList } from '../blame.ts'
import { ioProblem } from '../problem.ts'
import { DEFAULT_SETTINGS } from '../settings.ts'
import type { Peer } from '../swarm/peer.ts'
import { Dialer } from '../transport/dialer.ts'
import { FakeClock, FakeDialer, FakeSocket, fakeRandom } from '../transport/testing/fake-streams.ts'
import { UdpSockets } from '../transport/udp-sockets.ts'
import { Connector, type Joinable } from './connector.ts'

const BLOCKED = '203.0.113.66'
const FREE = '203.0.113.1'

function setUp() {
  const clock = new FakeClock()
  const random = fakeRandom()
  const tcp = new FakeDialer('tcp', clock)
  const settings = { ...DEFAULT_SETTINGS, encryption: 'off', isUtpOn: false } as const
  const refused = ioProblem('not-allowed', 'No', '')
  const hub = new UdpSockets({ bind: () => Promise.resolve(refused) })
  const isBlocked = (host: string): boolean => host === BLOCKED
  const dialer = new Dialer({ clock, random, settings, tcp, utp: () => null, isBlocked })
  const joined: Peer[] = []
  const torrent: Joinable = {
    infoHashes: { v1: new Uint8Array(20), v2: null },
    peerId: new Uint8Array(20),
    geometry: () => null,
    localExtensions: () => ({
      ids: new Map(),
      client: null,
      listenPort: null,
      requestQueueLimit: 1,
      metadataSizeBytes: null,
      uploadOnly: false,
      yourIp: null,
    }),
    offersDht: () => false,
    admits: () => true,
    mayUse: () => true,
    joined: (peer) => joined.push(peer),
    dialFailed: () => {},
    onEffect: () => {},
    onSettled: () => {},
    onDrained: () => {},
    onClosed: () => {},
  }
  const connector = new Connector({
    ports: {
      clock,
      random,
      log: { write: () => {} },
      network: { dial: (...args) => tcp.dial(...args), listen: () => Promise.resolve(refused) },
    },
    settings,
    peerId: torrent.peerId,
    bans: new BanList(),
    findTorrent: () => torrent,
    hub,
    dialer,
    isBlocked,
  })
  return { connector, joined, tcp, torrent }
}

describe('a connection that trackers brought about over WebRTC', () => {
  test.each(['incoming', 'outgoing'] as const)(
    'is ended where it leads to a blocked address (%s)',
    (direction) => {
      const { connector, joined, torrent } = setUp()
      const bad = new FakeSocket({ host: BLOCKED, port: 5_000 }, 'webrtc')
      const good = new FakeSocket({ host: FREE, port: 5_000 }, 'webrtc')
      for (const socket of [bad, good]) connector.adopt(socket, direction, 'tracker', torrent)
      expect([bad.isClosed, good.isClosed]).toEqual([true, false])
      expect(joined.some(({ address }) => address.host === BLOCKED)).toBe(false)
    },
  )
})

describe('while the session closes', () => {
  test('nobody is let in any more, by whichever way', async () => {
    const { connector, joined, tcp, torrent } = setUp()
    connector.dial({ host: FREE, port: 6_881 }, 'tracker', torrent)
    const closing = connector.close()
    const late = tcp.open()
    const sockets = [1, 2, 3].map(
      (last) => new FakeSocket({ host: `203.0.113.${last}`, port: 5_000 }),
    )
    const [stranger, offered, answered] = sockets
    if (stranger !== undefined) connector.accept(stranger)
    if (offered !== undefined) connector.adopt(offered, 'outgoing', 'tracker', torrent)
    if (answered !== undefined) connector.adopt(answered, 'incoming', 'tracker', torrent)
    expect([late, ...sockets].map(({ isClosed }) => isClosed)).toEqual([true, true, true, true])
    expect(joined).toEqual([])
    await closing
  })
})
