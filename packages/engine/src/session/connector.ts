/**
 * The one place where connections to peers begin: dials within the session's bounds, accepts, and hands each peer to
 * the torrent that it is about. Until an incoming peer has named a torrent, it is this object's.
 */
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { matchesInfoHash, wireInfoHashes } from '@pigeon/protocol/info-hash'
import type { LocalExtensions, PeerWireEffect, PieceGeometry } from '@pigeon/protocol/peer-wire'
import { PeerWire } from '@pigeon/protocol/peer-wire'
import type { BanList } from '../blame.ts'
import type { Address, Dialling, PeerSocket, Ports } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import { LIMITS } from '../settings.ts'
import { addressBlock } from '../swarm/address-block.ts'
import { blameName, isLoopback } from '../swarm/peer-identity.ts'
import type { PeerOwner, PeerSource } from '../swarm/peer.ts'
import { Peer } from '../swarm/peer.ts'
import type { Dialer, DialWish } from '../transport/dialer.ts'
import { isTooPlain } from '../transport/encryption.ts'
import { IncomingGate } from '../transport/incoming-gate.ts'
import { SkeyIndex } from '../transport/skey-index.ts'
import { Listening } from '../transport/listening.ts'
import type { UdpSockets } from '../transport/udp-sockets.ts'

/** A torrent, as connections see it. */
export interface Joinable extends PeerOwner {
  readonly infoHashes: InfoHashes
  /** Ours, as peers of this torrent see it; 20 bytes. */
  readonly peerId: Uint8Array
  geometry(): PieceGeometry | null
  /** What we say to the peer at this address. */
  localExtensions(remote: Address): LocalExtensions
  /** Whether its peers are told of our DHT node (BEP 5). */
  offersDht(): boolean
  /** Whether one more peer from this address may come in now. */
  admits(address: Address, direction: 'incoming' | 'outgoing'): boolean
  /** Whether peers of this source may be used: a magnet may turn out to be private while they are dialled. */
  mayUse(source: PeerSource): boolean
  /** The connection stands and is the torrent's from now on. */
  joined(peer: Peer): void
  dialFailed(address: Address): void
}

/** `soon`: it is about to run; whoever asks for it may wait as long as a handshake may take. */
export type FindTorrent = (matches: (hashes: InfoHashes) => boolean) => Joinable | 'soon' | null

export type ConnectorPorts = Pick<Ports, 'clock' | 'random' | 'network' | 'log'>

const HANDSHAKES_PER_BLOCK = 4

export class Connector implements PeerOwner {
  readonly bans: BanList
  readonly #ports: ConnectorPorts
  readonly #settings: EngineSettings
  readonly #peerId: Uint8Array
  readonly #findTorrent: FindTorrent
  readonly #dialer: Dialer
  readonly #isBlocked: (host: string) => boolean
  readonly #gate: IncomingGate
  readonly #skeys = new SkeyIndex()
  readonly #waiting = new Set<Peer>()
  readonly #listening: Listening
  #lastStrangerAtMs: number | null = null
  #nextNumber = 1
  #connected = 0
  readonly #dialling = new Set<Dialling>()
  #isClosed = false
  /** Dials that may still be made now; refilled with time. */
  #dialBudget: number = LIMITS.dialsPerSecond
  #lastRefillMs = 0

  constructor(init: {
    readonly ports: ConnectorPorts
    readonly settings: EngineSettings
    readonly peerId: Uint8Array
    readonly bans: BanList
    readonly findTorrent: FindTorrent
    readonly hub: UdpSockets
    readonly dialer: Dialer
    readonly isBlocked: (host: string) => boolean
  }) {
    this.#ports = init.ports
    this.#settings = init.settings
    this.#peerId = init.peerId
    this.bans = init.bans
    this.#findTorrent = init.findTorrent
    this.#listening = new Listening({
      network: init.ports.network,
      hub: init.hub,
      settings: init.settings,
      accept: (socket) => this.accept(socket),
      onUdpProblem: ({ message }) =>
        init.ports.log.write('warn', 'udp-not-open', { problem: message }),
    })
    this.#dialer = init.dialer
    this.#isBlocked = init.isBlocked
    this.#gate = new IncomingGate({
      clock: init.ports.clock,
      random: init.ports.random,
      settings: init.settings,
      find: (hashOfName) => this.#find(hashOfName),
      pass: (socket) => this.#wait(socket, 'incoming'),
    })
  }

  get listening(): Address | null {
    return this.#listening.address
  }

  /** Peers of all torrents. */
  get connected(): number {
    return this.#connected
  }

  /** Where peers are to reach us, over TCP and uTP; and what goes out over UDP. */
  listen(): Promise<IoProblem | null> {
    return this.#listening.open()
  }

  /** TCP was switched on or off. */
  settingsChanged(): Promise<unknown> {
    return this.#listening.follow()
  }

  /** Wall time when somebody whom we did not dial came in last; `null` while nobody did. */
  get lastStrangerAtMs(): number | null {
    return this.#lastStrangerAtMs
  }

  /** Others say so of a peer (BEP 11): an earlier failure to begin encrypted does not count any more. */
  prefersEncryption(address: Address): void {
    this.#dialer.memory.learn(address, { plainUntilMs: Number.NEGATIVE_INFINITY })
  }

  /** Whoever comes while that is done is sent away. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const dialling of this.#dialling) dialling.cancel()
    this.#dialling.clear()
    this.#gate.close()
    for (const peer of [...this.#waiting]) peer.close()
    await this.#listening.close()
  }

  /** Whether the session's bounds let one more dial begin. */
  canDial(nowMs: number): boolean {
    const refill = ((nowMs - this.#lastRefillMs) * LIMITS.dialsPerSecond) / 1000
    if (refill >= 1) {
      this.#dialBudget = Math.min(LIMITS.dialsPerSecond, this.#dialBudget + Math.floor(refill))
      this.#lastRefillMs = nowMs
    }
    const isRoom = this.#connected + this.#dialling.size < this.#settings.maxPeers
    return this.#dialBudget > 0 && this.#dialer.halfOpen < LIMITS.halfOpen && isRoom
  }

  /** `only`: over this transport or not at all. */
  dial(address: Address, source: PeerSource, torrent: Joinable, only?: DialWish['only']): void {
    this.#dialBudget -= 1
    const [name] = wireInfoHashes(torrent.infoHashes)
    if (name === undefined) return
    const wish: DialWish = { address, name, ...(only === undefined ? {} : { only }) }
    const dialling = this.#dialer.dial(wish, {
      opened: (socket) => {
        this.#dialling.delete(dialling)
        this.#greet(socket, source, torrent)
      },
      failed: () => {
        this.#dialling.delete(dialling)
        torrent.dialFailed(address)
      },
    })
    this.#dialling.add(dialling)
  }

  /**
   * Takes up a connection that stands already, found for this torrent by `source`: such as one over WebRTC. `incoming`
   * is the side that waits for the other's handshake.
   */
  adopt(
    socket: PeerSocket,
    direction: 'incoming' | 'outgoing',
    source: PeerSource,
    torrent: Joinable,
  ): void {
    // Nobody asked where it leads before it stood.
    if (this.#isBlocked(socket.remote.host)) socket.close()
    else if (direction === 'outgoing') this.#greet(socket, source, torrent)
    else this.#wait(socket, source)
  }

  /** Somebody says that this peer speaks uTP. */
  speaksUtp(address: Address): void {
    this.#dialer.memory.learn(address, { speaksUtp: true })
  }

  /** A torrent tells that a peer of its own is gone. */
  left(): void {
    this.#connected -= 1
  }

  tick(nowMs: number): void {
    for (const peer of [...this.#waiting]) {
      peer.tick(nowMs)
      const remote = peer.wire.remote
      if (remote !== null && this.#waiting.has(peer)) this.#admit(peer, remote.infoHash)
    }
  }

  onEffect(peer: Peer, effect: PeerWireEffect): void {
    if (effect.kind === 'handshake') this.#admit(peer, effect.remote.infoHash)
  }

  onSettled(): void {}

  onDrained(): void {}

  onClosed(peer: Peer): void {
    this.#waiting.delete(peer)
  }

  #admit(peer: Peer, name: Uint8Array): void {
    const torrent = this.#findTorrent((hashes) => matchesInfoHash(hashes, name))
    if (torrent === 'soon') return
    this.#waiting.delete(peer)
    // The policy may have changed since it came.
    const isForbidden = isTooPlain(peer.socket, this.#settings.encryption)
    if (torrent === null || isForbidden || !torrent.admits(peer.address, 'incoming')) {
      peer.close()
      return
    }
    this.#connected += 1
    if (peer.source === 'incoming' && !isLoopback(peer.address.host))
      this.#lastStrangerAtMs = this.#ports.clock.wallMs()
    peer.owner = torrent
    // Answer with the name that the remote used: a hybrid has two.
    const others = wireInfoHashes(torrent.infoHashes).filter((other) => other !== name)
    peer.feed({
      kind: 'accept',
      peerId: torrent.peerId,
      infoHashes: [name, ...others],
      pieces: torrent.geometry(),
      extensions: torrent.localExtensions(peer.address),
      dht: torrent.offersDht(),
    })
    torrent.joined(peer)
  }

  /** A stranger came by TCP or uTP. */
  accept(socket: PeerSocket): void {
    const { isTcpOn, isUtpOn } = this.#settings
    const isOn = socket.transport === 'utp' ? isUtpOn : isTcpOn
    const isWelcome = !this.#isClosed && isOn && !this.#isBlocked(socket.remote.host)
    if (isWelcome && this.#mayWait(socket.remote)) this.#gate.greet(socket)
    else socket.close()
  }

  #wait(socket: PeerSocket, source: PeerSource): void {
    if (this.#isClosed || !this.#mayWait(socket.remote)) {
      socket.close()
      return
    }
    const peer = this.#newPeer(socket, 'incoming', source, this, {
      peerId: this.#peerId,
      infoHashes: [],
      pieces: null,
      extensions: NO_EXTENSIONS,
    })
    this.#waiting.add(peer)
    peer.feed({ kind: 'start' })
  }

  /** The name by which an encrypted beginning means one of our torrents. */
  #find(hashOfName: Uint8Array): Uint8Array | null {
    let name: Uint8Array | null = null
    const torrent = this.#findTorrent((hashes) => {
      name ??= this.#skeys.nameOf(hashes, hashOfName)
      return name !== null
    })
    return torrent === null ? null : name
  }

  #mayWait(remote: Address): boolean {
    if (this.bans.isBanned(blameName(remote), this.#ports.clock.nowMs())) return false
    const waiting = this.#waiting.size + this.#gate.size
    if (this.#connected + waiting >= this.#settings.maxPeers) return false
    if (waiting >= LIMITS.waitingHandshakes) return false
    const block = addressBlock(remote.host)
    let neighbours = this.#gate.countFrom(block)
    for (const peer of this.#waiting) if (addressBlock(peer.address.host) === block) neighbours += 1
    return neighbours < HANDSHAKES_PER_BLOCK || isLoopback(remote.host)
  }

  #greet(socket: PeerSocket, source: PeerSource, torrent: Joinable): void {
    const isForbidden = isTooPlain(socket, this.#settings.encryption)
    const isWelcome = torrent.mayUse(source) && torrent.admits(socket.remote, 'outgoing')
    if (this.#isClosed || isForbidden || !isWelcome) {
      socket.close()
      torrent.dialFailed(socket.remote)
      return
    }
    this.#connected += 1
    const peer = this.#newPeer(socket, 'outgoing', source, torrent, {
      peerId: torrent.peerId,
      infoHashes: wireInfoHashes(torrent.infoHashes),
      pieces: torrent.geometry(),
      extensions: torrent.localExtensions(socket.remote),
      dht: torrent.offersDht(),
    })
    torrent.joined(peer)
    peer.feed({ kind: 'start' })
  }

  #newPeer(
    socket: PeerSocket,
    direction: 'incoming' | 'outgoing',
    source: PeerSource,
    owner: PeerOwner,
    about: {
      readonly peerId: Uint8Array
      readonly infoHashes: readonly Uint8Array[]
      readonly pieces: PieceGeometry | null
      readonly extensions: LocalExtensions
      readonly dht?: boolean
    },
  ): Peer {
    const { dht = false, ...rest } = about
    const wire = new PeerWire({
      direction,
      offers: { fast: true, extensions: true, dht },
      requestQueueLimit: LIMITS.requestQueueIn,
      ...rest,
    })
    const number = this.#nextNumber
    this.#nextNumber += 1
    const nowMs = (): number => this.#ports.clock.nowMs()
    return new Peer({ number, socket, wire, source, direction, nowMs, owner })
  }
}

const NO_EXTENSIONS: LocalExtensions = {
  ids: new Map(),
  client: null,
  listenPort: null,
  requestQueueLimit: LIMITS.requestQueueIn,
  metadataSizeBytes: null,
  uploadOnly: false,
  yourIp: null,
}
