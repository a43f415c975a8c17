/** What a made-up node says of its network: everything at once, so that screens have something to show. */
import type { Problem, SessionSummary } from '../contract.ts'
import type { DhtAnswer, DhtQuery, DhtStatus, NetworkStatus, WireMessage } from '../network.ts'
import { problem } from '../problems.ts'

const NODE_ID = '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401'

function dhtStatus(family: 4 | 6, state: DhtStatus['state'], nodes: number): DhtStatus {
  return {
    family,
    state,
    nodeId: NODE_ID,
    isVerified: family === 4,
    isReadOnly: false,
    nodes,
    storedHashes: 1_204,
    storedPeers: 23_117,
    storedItems: 31,
    queriesIn: 88_201,
    queriesOut: 9_312,
    refusedIn: 17,
    bytesIn: 8_120_334,
    bytesOut: 21_003_114,
  }
}

const NO_ROUTER: Problem = problem(
  'timed-out',
  'No router answers UPnP, NAT-PMP or PCP here.',
  'Pass the port on in the settings of your router by hand.',
)

export function fakeNetwork(session: SessionSummary): NetworkStatus {
  return {
    listening: ['0.0.0.0:51413', '[::]:51413'],
    external: [
      { address: '203.0.113.7', saidBy: 'tracker' },
      { address: '203.0.113.7', saidBy: 'dht' },
      { address: '2001:db8::7', saidBy: 'peers' },
    ],
    reachability: 'reachable',
    lastIncomingAtMs: session.startedAtMs + 60_000,
    portMapping: session.isPortMappingOn
      ? { state: 'failed', method: null, external: null, problem: NO_ROUTER }
      : { state: 'off', method: null, external: null, problem: null },
    dht: session.isDhtOn ? [dhtStatus(4, 'ready', 312), dhtStatus(6, 'bootstrapping', 0)] : [],
    lsd: { isOn: session.isLsdOn, lastHeardAtMs: null },
    isPexOn: session.isPexOn,
    utp: { isOn: session.isUtpOn, connections: 12 },
    webRtc: session.isWebRtcOn
      ? { state: 'missing', help: 'Install the package node-datachannel, then start again.' }
      : { state: 'off', help: '' },
    encryption: session.encryption,
    proxy: null,
    isAnonymous: session.isAnonymous,
    blocklist: {
      source: '/etc/pigeon/level1.p2p.gz',
      ranges: 221_004,
      blocked: 3,
      loadedAtMs: session.startedAtMs,
      problem: null,
    },
    tracker: session.isTrackerOn
      ? {
          listening: '0.0.0.0:6969',
          urls: [
            'http://192.168.1.20:6969/announce',
            'udp://192.168.1.20:6969',
            'ws://192.168.1.20:6969',
          ],
          torrents: 3,
          peers: 28,
          announces: 1_911,
          problem: null,
        }
      : null,
    trackers: [
      { host: 'tracker.example', torrents: 8, working: 8, failing: 0, message: '' },
      {
        host: 'down.example',
        torrents: 2,
        working: 0,
        failing: 2,
        message: 'udp://down.example:6969 does not answer.',
      },
    ],
    peersBySource: { tracker: 61, magnet: 1, incoming: 22, user: 0, dht: 24, pex: 11, lsd: 1 },
    peersByTransport: { tcp: 106, utp: 12, webrtc: 2 },
    encryptedPeers: 71,
  }
}

export function fakeDhtAnswer(query: DhtQuery): DhtAnswer {
  switch (query.do) {
    case 'ping':
      return { kind: 'pong', nodeId: NODE_ID, client: 'LT', roundTripMs: 23 }
    case 'peers':
      return {
        kind: 'peers',
        peers: ['203.0.113.9:6881', '[2001:db8::9]:51413'],
        seeds: 14,
        downloaders: 3,
        nodesAsked: 41,
      }
    case 'get':
      return { kind: 'value', value: btoa('5:hello'), nodesAsked: 38 }
    case 'get-mutable':
      return {
        kind: 'mutable',
        value: btoa('5:hello'),
        seq: '4',
        signature: 'ab'.repeat(64),
        nodesAsked: 38,
      }
    case 'put':
    case 'put-mutable':
      return { kind: 'stored', target: 'e5f96f6f38320f0f33959cb4d3d656452117aadb', nodes: 17 }
    default:
      return query satisfies never
  }
}

type Line = Pick<WireMessage, 'direction' | 'name' | 'bep' | 'lengthBytes' | 'fields'>

const WIRE: readonly Line[] = [
  {
    direction: 'out',
    name: 'handshake',
    bep: 3,
    lengthBytes: 68,
    fields: [
      ['info-hash', '7c1a46eb2ac9b8d4be5a3ad2f6cbd8a2fa1cd9a4'],
      ['reserved', '0000000000100005'],
      ['peer id', '-PG0100-kTm3vQ9ZbX1w'],
    ],
  },
  {
    direction: 'in',
    name: 'extended-handshake',
    bep: 10,
    lengthBytes: 141,
    fields: [
      ['m', 'ut_metadata 2, ut_pex 1'],
      ['v', 'Transmission 4.1 \u202Egpj.exe'],
    ],
  },
  { direction: 'in', name: 'have-all', bep: 6, lengthBytes: 5, fields: [] },
  { direction: 'out', name: 'interested', bep: 3, lengthBytes: 5, fields: [] },
  { direction: 'in', name: 'unchoke', bep: 3, lengthBytes: 5, fields: [] },
  {
    direction: 'out',
    name: 'request',
    bep: 3,
    lengthBytes: 17,
    fields: [
      ['piece', '12'],
      ['begin', '16384'],
      ['length', '16384'],
    ],
  },
  {
    direction: 'in',
    name: 'piece',
    bep: 3,
    lengthBytes: 16_397,
    fields: [
      ['piece', '12'],
      ['begin', '16384'],
      ['length', '16384'],
    ],
  },
]

/** The next messages of an endless talk. */
export function fakeWire(from: number, nowMs: number): readonly WireMessage[] {
  const first = from === 0 ? 0 : 5
  return WIRE.slice(first).map((line, index) => ({ ...line, number: from + index, atMs: nowMs }))
}
