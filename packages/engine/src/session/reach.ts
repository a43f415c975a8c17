/**
 * Where the session meets the network: the ports it listens at, its one dialer, and all that finds peers for every
 * torrent at once. Each part follows its switch while the session runs.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { BanList } from '../blame.ts'
import type { DhtAccess } from '../discovery/dht-contract.ts'
import { DhtService } from '../discovery/dht-service.ts'
import type { PeerFinder, TorrentReach } from '../discovery/finder.ts'
import { LocalDiscovery } from '../discovery/lsd.ts'
import type { Address, Ports } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import type { Peer } from '../swarm/peer.ts'
import { Dialer } from '../transport/dialer.ts'
import { isTooPlain } from '../transport/encryption.ts'
import type { UdpHub } from '../transport/udp-hub.ts'
import { UdpSockets } from '../transport/udp-sockets.ts'
import { UtpTransport } from '../transport/utp-transport.ts'
import { formatAddress } from './address-text.ts'
import { BlockedAddresses } from './blocked-addresses.ts'
import { Connector, type FindTorrent } from './connector.ts'
import { ExternalAddresses } from './external-addresses.ts'
import { type NetworkSummary, silentNetwork } from './network-summary.ts'
import { PortMapping } from './port-mapping.ts'

export interface ReachInit {
  readonly ports: Ports
  /** Read when it matters. */
  readonly settings: EngineSettings
  readonly peerId: Uint8Array
  readonly findTorrent: FindTorrent
}

export class Reach implements TorrentReach {
  readonly hub: UdpSockets
  readonly dialer: Dialer
  readonly connector: Connector
  readonly blocked: BlockedAddresses
  readonly #ports: Ports
  readonly #settings: EngineSettings
  readonly #utp: UtpTransport
  readonly #lsd: LocalDiscovery
  readonly #dht: DhtService
  readonly #portMapping: PortMapping
  readonly #external = new ExternalAddresses()
  /** Nodes that torrents name: the DHT may begin later than they come. */
  readonly #namedNodes = new Set<string>()
  /** One change after the other. */
  #following: Promise<void> = Promise.resolve()
  /** With which nodes the DHT began; `null` while it is off. */
  #dhtBootstrap: string | null = null
  #isStopped = false

  constructor(init: ReachInit) {
    const { ports, settings } = init
    this.#ports = ports
    this.#settings = settings
    this.blocked = new BlockedAddresses(ports.clock)
    const isBlocked = (host: string): boolean => this.blocked.has(host)
    this.hub = new UdpSockets(ports.datagrams, isBlocked)
    this.dialer = new Dialer({
      clock: ports.clock,
      random: ports.random,
      settings,
      tcp: ports.network,
      utp: () => this.#utp,
      isBlocked,
    })
    const { hub, dialer } = this
    this.connector = new Connector({ ...init, bans: new BanList(), hub, dialer, isBlocked })
    this.#utp = new UtpTransport({ hub, clock: ports.clock, random: ports.random })
    this.#dht = new DhtService({
      hub,
      ports,
      onExternalAddress: (host) => this.#external.hear(host, 'dht', ''),
    })
    this.#lsd = new LocalDiscovery({
      ports,
      isOn: () => this.#lsdIsOn,
      listenPort: () => this.connector.listening?.port ?? null,
    })
    this.#portMapping = new PortMapping({
      clock: ports.clock,
      port: ports.portMapping,
      onExternalAddress: (address) => {
        this.#external.forgetRouter()
        if (address !== null) this.#external.hear(address, 'router', '')
      },
    })
  }

  /** A problem here means: the session cannot run. */
  async start(): Promise<IoProblem | null> {
    const problem = await this.connector.listen()
    if (problem === null) this.settingsChanged()
    return problem
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#following
    this.#lsd.stop()
    await Promise.all([this.#dht.stop(), this.#portMapping.follow(null)])
    this.#utp.close()
    await this.connector.close()
  }

  tick(nowMs: Millis): void {
    this.connector.tick(nowMs)
    this.#lsd.tick(nowMs)
  }

  /** Takes up what was switched on or off. */
  settingsChanged(): void {
    this.#following = this.#following.then(() => this.#follow())
  }

  /** Whether a connection that stands is still allowed by blocklist and policy. */
  mayStay({ address, socket }: Peer): boolean {
    return !this.blocked.has(address.host) && !isTooPlain(socket, this.#settings.encryption)
  }

  /** For whoever asks over UDP; a problem where nothing may. */
  udp(): UdpHub | IoProblem {
    return this.#settings.isProxied ? NOT_THROUGH_PROXY : this.hub
  }

  get finders(): readonly PeerFinder[] {
    return [this.#dht, this.#lsd]
  }

  get dhtPort(): number | null {
    return this.#dht.isRunning ? (this.hub.local[0]?.port ?? null) : null
  }

  heardOfNode(address: Address): void {
    this.#dht.addNode(address)
  }

  heardOfNamedNode(node: string): void {
    this.#namedNodes.delete(node)
    this.#namedNodes.add(node)
    const [oldest] = this.#namedNodes
    if (this.#namedNodes.size > NAMED_NODES_LIMIT && oldest !== undefined)
      this.#namedNodes.delete(oldest)
    if (this.#dht.isRunning) void this.#dht.addNamedNode(node)
  }

  /** Where trackers and the DHT send peers to; `null` where nobody reaches us. */
  get announcedPort(): number | null {
    const { listening } = this.connector
    return listening === null ? null : (this.#portMapping.externalPort ?? listening.port)
  }

  ownAddress(family: 4 | 6): Address | null {
    const host = this.#external.of(family)
    const port = this.announcedPort
    return host === null || port === null ? null : { host, port }
  }

  heardOwnIp(ip: string, saidBy: 'peers' | 'tracker', by: string): void {
    this.#external.hear(ip, saidBy, by)
  }

  /** `null` while it is off. */
  get dht(): DhtAccess | null {
    return this.#dht.isRunning ? this.#dht : null
  }

  network(): Omit<
    NetworkSummary,
    'trackers' | 'peersBySource' | 'peersByTransport' | 'encryptedPeers'
  > {
    const settings = this.#settings
    const { lastStrangerAtMs, listening } = this.connector
    return {
      ...silentNetwork(settings.encryption),
      listening: listening === null ? [] : [formatAddress(listening)],
      external: this.#external.list(),
      reachability: this.#reachability(),
      lastIncomingAtMs: lastStrangerAtMs,
      portMapping: this.#portMapping.summary,
      dht: this.#dht.status(),
      lsd: { isOn: this.#lsdIsOn, lastHeardAtMs: this.#lsd.lastHeardAtMs },
      isPexOn: settings.isPexOn,
      utp: {
        isOn: settings.isUtpOn && !settings.isProxied,
        connections: this.#utp.connectionCount,
      },
      webRtc: this.#webRtc(),
      isAnonymous: settings.isAnonymous,
      blocklist: this.blocked.summary,
    }
  }

  get #lsdIsOn(): boolean {
    const { isLsdOn, isProxied, isAnonymous } = this.#settings
    return isLsdOn && !isProxied && !isAnonymous
  }

  async #follow(): Promise<void> {
    if (this.#isStopped) return
    const { isUtpOn, isProxied, isPortMappingOn } = this.#settings
    await this.connector.settingsChanged()
    const { listening } = this.connector
    const mayCome = isUtpOn && !isProxied && listening !== null
    this.#utp.accept(mayCome ? (socket) => this.connector.accept(socket) : null)
    // A router that is slow to forget us holds up nothing else.
    void this.#portMapping.follow(isPortMappingOn && !isProxied ? listening : null)
    await this.#followDht()
  }

  async #followDht(): Promise<void> {
    const { bootstrapNodes, isDhtOn, isDhtReadOnly, isProxied } = this.#settings
    const isOn = isDhtOn && !isProxied && this.hub.local.length > 0
    const bootstrap = isOn ? bootstrapNodes.join(' ') : null
    if (bootstrap === this.#dhtBootstrap) {
      if (isOn) this.#dht.setReadOnly(isDhtReadOnly)
      return
    }
    this.#dhtBootstrap = bootstrap
    if (!isOn) return this.#dht.stop()
    await this.#dht.start({
      bootstrap: bootstrapNodes,
      isReadOnly: isDhtReadOnly,
      listenPort: () => (this.#settings.isAnonymous ? null : this.announcedPort),
    })
    for (const node of this.#namedNodes) void this.#dht.addNamedNode(node)
  }

  #reachability(): NetworkSummary['reachability'] {
    if (this.connector.lastStrangerAtMs !== null) return 'reachable'
    return this.connector.listening === null ? 'unreachable' : 'unknown'
  }

  #webRtc(): NetworkSummary['webRtc'] {
    const { isWebRtcOn, isProxied, isAnonymous } = this.#settings
    if (!isWebRtcOn || isProxied || isAnonymous) return { state: 'off', help: '' }
    if (this.#ports.webRtc !== null) return { state: 'ready', help: '' }
    return { state: 'missing', help: 'Install node-datachannel beside Pigeon and start it anew.' }
  }
}

/** Of the nodes that torrents name, those that are remembered. */
const NAMED_NODES_LIMIT = 64

const NOT_THROUGH_PROXY = ioProblem(
  'not-allowed',
  'All goes through a proxy, which takes no UDP.',
  'Use a tracker with an http or https address, or switch the proxy off.',
)
