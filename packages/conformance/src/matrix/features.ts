/** The features of the matrix: what each demands of both sides, and how its cells run. */
import {
  SELECTED_FILES,
  awkwardPayload,
  magnetPayload,
  plainPayload,
  selectedPayload,
} from '../torrent/payloads.ts'
import { runEncrypted, runFallback, runUtp } from './carried-cell.ts'
import { runDht, runLsd, runPex } from './found-cell.ts'
import { runIpv6 } from './ipv6-cell.ts'
import { runOwnTracker } from './own-tracker-cell.ts'
import { runProxied } from './proxy-cell.ts'
import { runWebRtc } from './webrtc-cell.ts'
import { runResume } from './resume-cell.ts'
import type { Stage } from './stage.ts'
import { type Pair, runTransfer } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

export interface PairFeature {
  readonly kind: 'pair'
  readonly name: string
  readonly title: string
  /** What counts as evidence, for `explain` and for readers of the report. */
  readonly demands: string
  readonly needsOfSeeder: readonly string[]
  readonly needsOfLeecher: readonly string[]
  run(stage: Stage, pair: Pair, seed: string): Promise<Observation>
}

export interface SwarmFeature {
  readonly kind: 'swarm'
  readonly name: string
  readonly title: string
  readonly demands: string
  readonly needs: readonly string[]
}

export type Feature = PairFeature | SwarmFeature

const HTTP = ['tcp', 'http-tracker']

export const FEATURES: readonly Feature[] = [
  {
    kind: 'pair',
    name: 'tcp',
    title: 'TCP, introduced by an HTTP tracker',
    demands:
      'Every byte is right; both handshakes in clear with the info-hash; at least 99 % of the payload crossed the relay between the two; both announced over HTTP with event=started; both stop cleanly on SIGTERM.',
    needsOfSeeder: HTTP,
    needsOfLeecher: HTTP,
    run: (stage, pair, seed) =>
      runTransfer(stage, pair, { payload: plainPayload(seed), via: 'http', isMagnet: false }),
  },
  {
    kind: 'pair',
    name: 'udp-tracker',
    title: 'TCP, introduced by a UDP tracker',
    demands: 'As tcp, and the UDP tracker alone was announced to.',
    needsOfSeeder: ['tcp', 'udp-tracker'],
    needsOfLeecher: ['tcp', 'udp-tracker'],
    run: (stage, pair, seed) =>
      runTransfer(stage, pair, { payload: plainPayload(seed), via: 'udp', isMagnet: false }),
  },
  {
    kind: 'pair',
    name: 'magnet',
    title: 'Magnet link, metadata of two blocks',
    demands:
      'As tcp; the leecher is given a magnet link and no torrent file, and ut_metadata data messages for every block of the metadata crossed the relay.',
    needsOfSeeder: [...HTTP, 'ext'],
    needsOfLeecher: [...HTTP, 'ext', 'magnet'],
    run: (stage, pair, seed) =>
      runTransfer(stage, pair, { payload: magnetPayload(seed), via: 'http', isMagnet: true }),
  },
  {
    kind: 'pair',
    name: 'awkward',
    title: 'Many files: empty ones, pieces across files, other scripts, deep folders',
    demands: 'As tcp, and every file, the empty ones too, is at its place with its bytes.',
    needsOfSeeder: HTTP,
    needsOfLeecher: HTTP,
    run: (stage, pair, seed) =>
      runTransfer(stage, pair, { payload: awkwardPayload(seed), via: 'http', isMagnet: false }),
  },
  {
    kind: 'pair',
    name: 'select',
    title: 'Two of six files selected',
    demands:
      'The wanted files are right byte for byte; no piece is requested that only unwanted files need; unwanted files are absent or incomplete.',
    needsOfSeeder: HTTP,
    needsOfLeecher: [...HTTP, 'select'],
    run: (stage, pair, seed) =>
      runTransfer(stage, pair, {
        payload: selectedPayload(seed),
        via: 'http',
        isMagnet: false,
        select: SELECTED_FILES,
      }),
  },
  {
    kind: 'pair',
    name: 'resume-leecher',
    title: 'The leecher is killed (SIGKILL) half-way and started again',
    demands:
      'As tcp; the relay stops the wire at half of the payload for 3 s before the kill; afterwards less than one piece is fetched twice, not counting blocks of pieces that were not whole at the kill.',
    needsOfSeeder: HTTP,
    needsOfLeecher: [...HTTP, 'resume'],
    run: (stage, pair, seed) => runResume(stage, pair, 'leecher', seed),
  },
  {
    kind: 'pair',
    name: 'resume-seeder',
    title: 'The seeder is killed (SIGKILL) half-way and started again',
    demands: 'As resume-leecher, with the seeder killed: the leecher goes on where it was.',
    needsOfSeeder: [...HTTP, 'resume'],
    needsOfLeecher: HTTP,
    run: (stage, pair, seed) => runResume(stage, pair, 'seeder', seed),
  },
  {
    kind: 'pair',
    name: 'utp',
    title: 'uTP, where TCP is refused',
    demands:
      'Every byte is right; nobody listens over TCP where the tracker points to; SYN, handshakes and at least 99 % of the payload crossed the relay as uTP.',
    needsOfSeeder: [...HTTP, 'utp'],
    needsOfLeecher: [...HTTP, 'utp'],
    run: (stage, pair, seed) => runUtp(stage, pair, seed, 0),
  },
  {
    kind: 'pair',
    name: 'utp-lossy',
    title: 'uTP over a line that loses two datagrams of a hundred',
    demands: 'As utp, with 2 % of the datagrams of either direction lost.',
    needsOfSeeder: [...HTTP, 'utp'],
    needsOfLeecher: [...HTTP, 'utp'],
    run: (stage, pair, seed) => runUtp(stage, pair, seed, 0.02),
  },
  {
    kind: 'pair',
    name: 'mse-require',
    title: 'Encrypted, as both demand',
    demands:
      'Every byte is right; no handshake passes in clear in either direction; at least as many bytes as the payload has crossed the relay.',
    needsOfSeeder: [...HTTP, 'mse:require'],
    needsOfLeecher: [...HTTP, 'mse:require'],
    run: runEncrypted,
  },
  {
    kind: 'pair',
    name: 'mse-fallback',
    title: 'Encryption preferred, with one who knows none',
    demands:
      'Every byte is right; the leecher tried an encrypted handshake, then came again in clear; handshakes and payload crossed the relay.',
    needsOfSeeder: HTTP,
    needsOfLeecher: [...HTTP, 'mse:prefer'],
    run: runFallback,
  },
  {
    kind: 'pair',
    name: 'dht',
    title: 'Found by the DHT alone, from a magnet link where the client can be given a node',
    demands:
      'Every byte is right; no tracker is named to anybody; the seeder sent announce_peer, the leecher get_peers, to nodes of the suite; handshakes and payload crossed the relay that these nodes named.',
    needsOfSeeder: ['tcp', 'dht'],
    needsOfLeecher: ['tcp', 'dht', 'ext', 'magnet'],
    run: runDht,
  },
  {
    kind: 'pair',
    name: 'pex',
    title: 'Found by peer exchange alone (seeder and middle of one kind, leecher of the other)',
    demands:
      'Every byte is right; the tracker names A to B and B to C, and A gives nothing until C has come; ut_pex from B to C crossed the relay, and C dialled A.',
    needsOfSeeder: [...HTTP, 'pex:sends', 'ext'],
    needsOfLeecher: [...HTTP, 'pex:receives', 'ext'],
    run: runPex,
  },
  {
    kind: 'pair',
    name: 'lsd',
    title: 'Found on the local network alone',
    demands:
      'Every byte is right; no tracker, no DHT, no peer exchange; a BT-SEARCH for the torrent with the port of one of the two was heard.',
    needsOfSeeder: ['tcp', 'lsd:calls'],
    needsOfLeecher: ['tcp', 'lsd:hears'],
    run: runLsd,
  },
  {
    kind: 'pair',
    name: 'proxy',
    title: 'The leecher goes through a SOCKS5 proxy',
    demands:
      'Every byte is right; tracker and seeder saw connections of the proxy alone; the leecher held no UDP socket and listened to no peer, although everything was asked to be on.',
    needsOfSeeder: HTTP,
    needsOfLeecher: [...HTTP, 'proxy'],
    run: runProxied,
  },
  {
    kind: 'pair',
    name: 'webrtc',
    title: 'WebRTC, introduced by a WebSocket tracker',
    demands:
      'Every byte is right; the tracker handed on an offer and its answer and named no address to anybody, so nothing but the data channel joined the two; both announced with event=started.',
    needsOfSeeder: ['ws-tracker'],
    needsOfLeecher: ['ws-tracker'],
    run: runWebRtc,
  },
  {
    kind: 'pair',
    name: 'ipv6',
    title: 'IPv6 alone',
    demands:
      'Every byte is right; tracker and relay saw addresses of IPv6 alone from both; handshakes and payload crossed the relay.',
    needsOfSeeder: [...HTTP, 'ipv6'],
    needsOfLeecher: [...HTTP, 'ipv6'],
    run: runIpv6,
  },
  {
    kind: 'pair',
    name: 'own-tracker',
    title: "Introduced by the seeder's own tracker, over HTTP",
    demands:
      "Every byte is right; the only tracker is the seeder's own, which has both on its books, as a scrape of the suite shows.",
    needsOfSeeder: ['tcp', 'tracker-server'],
    needsOfLeecher: HTTP,
    run: (stage, pair, seed) => runOwnTracker(stage, pair, seed, 'http'),
  },
  {
    kind: 'pair',
    name: 'own-tracker-udp',
    title: "Introduced by the seeder's own tracker, over UDP",
    demands: 'As own-tracker, with an announce URL of UDP.',
    needsOfSeeder: ['tcp', 'tracker-server', 'udp-tracker'],
    needsOfLeecher: ['tcp', 'udp-tracker'],
    run: (stage, pair, seed) => runOwnTracker(stage, pair, seed, 'udp'),
  },
  {
    kind: 'swarm',
    name: 'swarm',
    title: 'Swarm of five where no one has everything',
    demands:
      'Each of five clients begins with another fifth of the pieces; all end with every byte; each got pieces from at least two others.',
    needs: HTTP,
  },
]

export function findFeature(name: string): Feature | undefined {
  return FEATURES.find((feature) => feature.name === name)
}
