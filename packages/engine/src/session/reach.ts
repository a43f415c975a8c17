/**
 * Where the session meets the network: the ports it listens at, its one dialer, and all that finds peers for every
 * torrent at once.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { BanList } from '../blame.ts'
import type { DhtAccess } from '../discovery/dht-contract.ts'
import type { PeerFinder, TorrentReach } from '../discovery/finder.ts'
import { LocalDiscovery } from '../discovery/lsd.ts'
import type { Address, Ports } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import { Dialer } from '../transport/dialer.ts'
import type { UdpHub } from '../transport/udp-hub.ts'
import { UdpSockets } from '../transport/udp-sockets.ts'
import { UtpTransport } from '../transport/utp-transport.ts'
import { formatAddress } from './address-text.ts'
import { Connector, type FindTorrent } from './connector.ts'
import { type NetworkSummary, silentNetwork } from './network-summary.ts'

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
  readonly #settings: EngineSettings
  readonly #utp: UtpTransport
  readonly #lsd: LocalDiscovery

  constructor(init: ReachInit) {
    const { ports, settings } = init
    this.#settings = settings
    this.hub = new UdpSockets(ports.datagrams)
    this.dialer = new Dialer({
      clock: ports.clock,
      random: ports.random,
      settings,
      tcp: ports.network,
      utp: () => this.#utp,
    })
    this.connector = new Connector({
      ...init,
      bans: new BanList(),
      hub: this.hub,
      dialer: this.dialer,
    })
    this.#lsd = new LocalDiscovery({
      ports,
      isOn: () => settings.isLsdOn && !settings.isProxied,
      listenPort: () => this.connector.listening?.port ?? null,
    })
    this.#utp = new UtpTransport({ hub: this.hub, clock: ports.clock, random: ports.random })
  }

  /** A problem here means: the session cannot run. */
  async start(): Promise<IoProblem | null> {
    const problem = await this.connector.listen()
    if (problem === null) this.settingsChanged()
    return problem
  }

  stop(): Promise<void> {
    this.#lsd.stop()
    this.#utp.close()
    return this.connector.close()
  }

  tick(nowMs: Millis): void {
    this.connector.tick(nowMs)
    this.#lsd.tick(nowMs)
  }

  /** Takes up what was switched on or off. */
  settingsChanged(): void {
    const { isUtpOn } = this.#settings
    this.connector.settingsChanged()
    const mayCome = isUtpOn && this.connector.listening !== null
    this.#utp.accept(mayCome ? (socket) => this.connector.accept(socket) : null)
  }

  /** For whoever asks over UDP; a problem where nothing may. */
  udp(): UdpHub | IoProblem {
    return this.#settings.isProxied ? NOT_THROUGH_PROXY : this.hub
  }

  get finders(): readonly PeerFinder[] {
    return [this.#lsd]
  }

  get dhtPort(): number | null {
    return null
  }

  heardOfNode(_address: Address): void {}

  ownAddress(_family: 4 | 6): Address | null {
    return null
  }

  heardOwnIp(_ip: string, _saidBy: 'peers' | 'tracker', _by: string): void {}

  /** `null` while it is off. */
  get dht(): DhtAccess | null {
    return null
  }

  network(): NetworkSummary {
    const { listening } = this.connector
    return {
      ...silentNetwork(this.#settings.encryption),
      listening: listening === null ? [] : [formatAddress(listening)],
      lsd: { isOn: this.#settings.isLsdOn, lastHeardAtMs: this.#lsd.lastHeardAtMs },
      isPexOn: this.#settings.isPexOn,
    }
  }
}

const NOT_THROUGH_PROXY = ioProblem(
  'not-allowed',
  'All goes through a proxy, which takes no UDP.',
  'Use a tracker with an http or https address, or switch the proxy off.',
)
