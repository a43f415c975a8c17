/** What a user can set about how peers are found and reached. */
import { DEFAULT_SETTINGS, type EncryptionPolicy } from '@pigeon/engine/settings'
import {
  fileOrUrl,
  interfaceName,
  type ListenAddress,
  listenOrOff,
  proxy,
  type ProxyAddress,
  servers,
} from './network-kinds.ts'
import { address, duration, type Kind, oneOf, truth, wholeNumber } from './setting-kinds.ts'
import type { OptionRow, OptionTable } from './setting-sources.ts'

export interface NetworkSettings {
  readonly listenHost: string
  readonly listenPort: number
  readonly listenPortTries: number
  readonly bindInterface: string | null
  readonly dht: boolean
  /** None: only nodes that are known otherwise. */
  readonly bootstrapNodes: readonly string[]
  readonly dhtReadOnly: boolean
  readonly pex: boolean
  readonly lsd: boolean
  readonly utp: boolean
  readonly tcp: boolean
  readonly webrtc: boolean
  readonly stunServers: readonly string[]
  readonly encryption: EncryptionPolicy
  readonly portMapping: boolean
  readonly anonymous: boolean
  readonly proxy: ProxyAddress | null
  /** An absolute path or an http(s) address. */
  readonly blocklist: string | null
  readonly blocklistRefresh: number
  /** Where the embedded tracker listens. */
  readonly tracker: ListenAddress | null
}

/** By which a browser's address is found; asked only while WebRTC is used. */
export const PUBLIC_STUN_SERVERS: readonly string[] = [
  'stun.l.google.com:19302',
  'global.stun.twilio.com:3478',
]

const ENCRYPTION_POLICIES = ['off', 'prefer', 'require'] as const

const engine = DEFAULT_SETTINGS

export const NETWORK_OPTIONS: OptionTable<NetworkSettings> = {
  listenHost: row(
    'listen-host',
    address,
    '::',
    'The address on which peers reach us, :: for all of both families; dials leave from it too, unless it stands for all.',
  ),
  listenPort: row(
    'listen-port',
    wholeNumber(0, 65_535, 'port'),
    0,
    'The port on which peers reach us; 0 lets the system choose a free one.',
  ),
  listenPortTries: row(
    'listen-port-tries',
    wholeNumber(0, 1_000),
    engine.listenPortTries,
    'How many ports after listen-port are tried when it is taken.',
  ),
  bindInterface: row(
    'bind-interface',
    interfaceName,
    null,
    'Peers, trackers and the DHT are reached only from the addresses of this network interface.',
  ),
  dht: row('dht', truth, engine.isDhtOn, 'Finds peers without a tracker (BEP 5).'),
  bootstrapNodes: row(
    'bootstrap-nodes',
    servers,
    engine.bootstrapNodes,
    'The nodes by which a DHT that knows nobody begins.',
  ),
  dhtReadOnly: row(
    'dht-read-only',
    truth,
    engine.isDhtReadOnly,
    'Asks the DHT and never answers it (BEP 43).',
  ),
  pex: row('pex', truth, engine.isPexOn, 'Exchanges addresses of peers with peers (BEP 11).'),
  lsd: row('lsd', truth, engine.isLsdOn, 'Finds peers in the local network (BEP 14).'),
  utp: row('utp', truth, engine.isUtpOn, 'Reaches peers over uTP (BEP 29).'),
  tcp: row('tcp', truth, engine.isTcpOn, 'Reaches peers over TCP.'),
  webrtc: row('webrtc', truth, engine.isWebRtcOn, 'Reaches browsers over WebRTC.'),
  stunServers: row(
    'stun-servers',
    servers,
    PUBLIC_STUN_SERVERS,
    'Servers that tell our address for WebRTC.',
  ),
  encryption: row(
    'encryption',
    oneOf(ENCRYPTION_POLICIES, 'policy'),
    engine.encryption,
    'Whether connections with peers are encrypted: where the other can (prefer), all of them, or none.',
  ),
  portMapping: row(
    'port-mapping',
    truth,
    engine.isPortMappingOn,
    'Asks the router to pass our port on (UPnP, NAT-PMP, PCP).',
  ),
  anonymous: row(
    'anonymous',
    truth,
    engine.isAnonymous,
    'Tells peers and trackers neither the client nor our own addresses.',
  ),
  proxy: {
    ...row(
      'proxy',
      proxy,
      null,
      'A SOCKS5 proxy that all goes through; what cannot (UDP, incoming peers) is off.',
    ),
    isSecret: true,
  },
  blocklist: row(
    'blocklist',
    fileOrUrl,
    null,
    'Ranges of addresses that are no peers: a file or an address, in PeerGuardian, eMule or CIDR form, packed or not.',
  ),
  blocklistRefresh: row(
    'blocklist-refresh',
    duration(60_000, 90 * 86_400_000),
    86_400_000,
    'How often the blocklist is loaded anew.',
  ),
  tracker: row(
    'tracker',
    listenOrOff,
    null,
    'Where the embedded tracker listens for HTTP, UDP and WebSocket.',
  ),
}

function row<T>(name: string, kind: Kind<T>, fallback: T, description: string): OptionRow<T> {
  return { name, kind, fallback, description }
}
