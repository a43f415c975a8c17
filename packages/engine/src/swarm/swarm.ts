/**
 * The peers of one torrent: who is connected, who is served, who is asked. It turns what peers say into calls on the
 * downloader, the uploader and the metadata fetch, and holds none of their state.
 */
import { DONT_HAVE, encodeDontHave } from '@pigeon/protocol/bep/0054-donthave'
import { mayUsePeerSource } from '@pigeon/protocol/bep/0027-private'
import { peerPriority } from '@pigeon/protocol/bep/0040-peer-priority'
import { equalBytes } from '@pigeon/protocol/bytes'
import { formatIp, ipFamily } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import type { LocalExtensions, PeerWireEffect, PieceGeometry } from '@pigeon/protocol/peer-wire'
import { bitfieldBytes, hasBit, setBit } from '@pigeon/protocol/wire/bitfield'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import { addressKey } from '../discovery/contacts.ts'
import type { TorrentReach } from '../discovery/finder.ts'
import { Gossip } from '../discovery/gossip.ts'
import { PeerList } from '../peer-list.ts'
import type { PiecePicker } from '../piece-picker.ts'
import type { Address, Ports } from '../ports.ts'
import type { Connector, Joinable } from '../session/connector.ts'
import type { EngineSettings } from '../settings.ts'
import { LIMITS } from '../settings.ts'
import type { Budget } from '../transfer/budget.ts'
import type { Downloader } from '../transfer/download.ts'
import type { MetadataExchange } from '../transfer/metadata-exchange.ts'
import type { Uploader } from '../transfer/upload.ts'
import { Admission } from './admission.ts'
import { ChokeRounds } from './choke-rounds.ts'
import type { Peer, PeerSource } from './peer.ts'
import { blameName } from './peer-identity.ts'

/** What the swarm asks of its torrent. */
export interface SwarmTorrent {
  readonly infoHashes: Joinable['infoHashes']
  readonly peerId: Uint8Array
  /** BEP 27; not known before the metadata is. */
  readonly isPrivate: boolean
  readonly reach: TorrentReach
  geometry(): PieceGeometry | null
  /** What we say to the peer at this address. */
  localExtensions(remote: Address): LocalExtensions
  /** Whether peers are told of each other, of holes to punch, and of our DHT node. All are off when it is private. */
  isPexOn(): boolean
  isHolepunchOn(): boolean
  isDhtOn(): boolean
  /** Our pieces; `null` while the metadata is unknown. */
  pieces(): { readonly bits: Uint8Array; readonly count: number } | null
  picker(): PiecePicker | null
  downloader(): Downloader | null
  uploader(): Uploader | null
  readonly metadata: MetadataExchange
  allowedFastFor(address: string): readonly number[]
  /** Whether all that is wanted is here. */
  isFinished(): boolean
  /** Connections that it may have. */
  maxPeers(): number
  onDownloaded(lengthBytes: number): void
  /** Bytes of blocks came that are of no use. */
  onWasted(lengthBytes: number): void
  onLog(level: 'info' | 'warn', text: string): void
  onChange(): void
}

const REMEMBERED_PEERS = 4096

export class Swarm implements Joinable {
  readonly peers: Map<number, Peer> = new Map()
  readonly candidates: PeerList
  readonly #torrent: SwarmTorrent
  readonly #connector: Connector
  readonly #ports: Ports
  readonly #down: Budget
  readonly #admission: Admission
  readonly #chokeRounds: ChokeRounds
  readonly #gossip: Gossip
  /** Under which name each peer is blamed, also some that are gone: blame may come later. */
  readonly #names = new Map<number, string>()
  /** Addresses of seeds: not dialled while we are one. */
  readonly #seeds = new Set<string>()
  #isOpen = false
  /** Which of the extensions that can be switched are on, as peers were told. */
  #offered = ''
  #seenAs = ' '
  #lastSecondMs: Millis = Number.NEGATIVE_INFINITY

  constructor(init: {
    readonly torrent: SwarmTorrent
    readonly connector: Connector
    readonly ports: Ports
    readonly settings: EngineSettings
    readonly downBudget: Budget
  }) {
    this.#torrent = init.torrent
    this.#connector = init.connector
    this.#ports = init.ports
    this.#down = init.downBudget
    this.#admission = new Admission({
      peers: this.peers,
      settings: init.settings,
      maxPeers: () => init.torrent.maxPeers(),
      bans: init.connector.bans,
      peerId: () => init.torrent.peerId,
    })
    this.#chokeRounds = new ChokeRounds({
      slots: () => init.settings.uploadSlots,
      random: (below) => init.ports.random.int(below),
      isSeeding: () => init.torrent.isFinished(),
    })
    this.candidates = new PeerList({
      random: (below) => init.ports.random.int(below),
      connectionsPerAddress: () => init.settings.connectionsPerAddress,
      priority: (address) => this.#priorityOf(address),
    })
    this.#gossip = this.#makeGossip()
  }

  get infoHashes(): Joinable['infoHashes'] {
    return this.#torrent.infoHashes
  }

  get peerId(): Uint8Array {
    return this.#torrent.peerId
  }

  geometry(): PieceGeometry | null {
    return this.#torrent.geometry()
  }

  localExtensions(remote: Address): LocalExtensions {
    return this.#torrent.localExtensions(remote)
  }

  offersDht(): boolean {
    return this.#torrent.isDhtOn()
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Everyone that it knows is dialled again, however the last connection ended. */
  open(): void {
    this.#isOpen = true
    this.candidates.retryAll(this.#ports.clock.nowMs())
  }

  /** Ends every connection: nothing moves any more. */
  close(): void {
    this.#isOpen = false
    for (const peer of [...this.peers.values()]) peer.close()
  }

  addCandidates(addresses: readonly Address[], source: PeerSource): void {
    if (!this.mayUse(source)) return
    const nowMs = this.#ports.clock.nowMs()
    const teller = source === 'lsd' ? source : ''
    for (const address of addresses) this.candidates.add(address, source, nowMs, teller)
    if (this.#isOpen) this.#dial(nowMs)
  }

  /** The torrent turned out to be private: from now on only peers of its own trackers count. */
  becamePrivate(): void {
    this.candidates.keepSources((source) => this.mayUse(source))
    for (const peer of [...this.peers.values()]) if (!this.mayUse(peer.source)) peer.close()
    this.updateExtensions()
  }

  /** How many more peers we would like to have. */
  wantedPeers(): number {
    if (!this.#isOpen) return 0
    // A seed dials too, for a leecher behind a firewall cannot; but it leaves room for those that come by themselves.
    const share = this.#torrent.isFinished() ? LIMITS.seedingDialShare : 1
    return Math.max(0, Math.floor(this.#torrent.maxPeers() * share) - this.peers.size)
  }

  mayUse(source: PeerSource): boolean {
    return mayUsePeerSource(this.#torrent.isPrivate, source)
  }

  admits(address: Address, direction: 'incoming' | 'outgoing'): boolean {
    if (!this.#isOpen) return false
    const nowMs = this.#ports.clock.nowMs()
    if (this.#admission.admits(address, direction, nowMs)) return true
    return direction === 'incoming' && this.#admission.mayDial(address, nowMs)
      ? this.#makeWay(address, nowMs)
      : false
  }

  joined(peer: Peer): void {
    this.peers.set(peer.number, peer)
    this.#names.set(peer.number, blameName(peer.address))
    const [oldest] = this.#names.keys()
    if (this.#names.size > REMEMBERED_PEERS && oldest !== undefined) this.#names.delete(oldest)
    this.candidates.connected(peer.address)
  }

  dialFailed(address: Address): void {
    this.candidates.failed(address, this.#ports.clock.nowMs())
    if (this.#isOpen) this.#gossip.dialFailed(address)
  }

  /** The metadata became known while peers are connected. */
  becameKnown(geometry: PieceGeometry): void {
    const bits = this.#torrent.pieces()?.bits ?? new Uint8Array(0)
    for (const peer of this.peers.values()) {
      peer.feed({ kind: 'torrent-known', pieces: geometry })
      this.#updateExtensions(peer)
      if (!peer.isReady) continue
      // What we found on disk comes too late for a bitfield.
      for (let pieceIndex = 0; pieceIndex < geometry.count; pieceIndex += 1)
        if (hasBit(bits, pieceIndex)) peer.feed({ kind: 'send-have', pieceIndex })
    }
    this.fillAll()
  }

  /** Our extension handshake changed (finished: BEP 21). */
  updateExtensions(): void {
    for (const peer of this.peers.values()) this.#updateExtensions(peer)
  }

  #updateExtensions(peer: Peer): void {
    const extensions = this.#torrent.localExtensions(peer.address)
    peer.feed({ kind: 'update-extensions', extensions })
  }

  /** A piece is ours now: tell everyone, and lose interest in those that have nothing more for us. */
  announceHave(pieceIndex: number): void {
    for (const peer of this.#readyPeers()) {
      peer.feed({ kind: 'send-have', pieceIndex })
      this.#updateInterest(peer)
      // A peer on trial had nothing under way until its first piece proved good.
      this.#fill(peer)
    }
  }

  /** Empty when it is not remembered any more. */
  nameOf(peerNumber: number): string {
    return this.#names.get(peerNumber) ?? ''
  }

  /** Ends the connection that came last; whether there was one. */
  dropNewest(): boolean {
    const newest = [...this.peers.values()].at(-1)
    if (newest !== undefined) this.#letGo(newest)
    return newest !== undefined
  }

  /** Ends all dealings with whoever lied, by the name of `blameName`. */
  ban(name: string, why: string): void {
    this.#torrent.onLog('warn', `${name} ${why}: banned`)
    this.#connector.bans.ban(name, this.#ports.clock.nowMs())
    for (const peer of [...this.peers.values()]) if (blameName(peer.address) === name) peer.close()
  }

  announceLost(pieceIndex: number): void {
    for (const peer of this.#readyPeers())
      if (peer.wire.remoteExtensions.ids.has(DONT_HAVE))
        peer.feed({ kind: 'send-extended', name: DONT_HAVE, payload: encodeDontHave(pieceIndex) })
  }

  /** Asks everyone again: buffers came free, or what is wanted changed. */
  fillAll(): void {
    for (const peer of this.#readyPeers()) {
      this.#updateInterest(peer)
      this.#fill(peer)
    }
  }

  cancel(peerNumber: number, block: BlockRef): void {
    this.peers.get(peerNumber)?.feed({ ...block, kind: 'send-cancel' })
  }

  /** What was gathered of a piece is given up: nobody need send the rest. */
  cancelPiece(pieceIndex: number): void {
    for (const peer of this.#readyPeers())
      for (const block of peer.wire.outstanding)
        if (block.pieceIndex === pieceIndex) peer.feed({ ...block, kind: 'send-cancel' })
  }

  /** All is here: other seeds are of no use to us, nor we to them. */
  dropSeeds(): void {
    for (const peer of [...this.peers.values()]) if (this.isSeed(peer)) this.#dismiss(peer)
  }

  isSeed(peer: Peer): boolean {
    const count = this.#torrent.geometry()?.count
    return (
      (count !== undefined && peer.haveCount === count) || peer.wire.remoteExtensions.uploadOnly
    )
  }

  tick(nowMs: Millis): void {
    // Of ten thousand torrents most have nobody to talk to.
    if (this.peers.size === 0) {
      if (this.#isOpen && this.candidates.size > 0) this.#dial(nowMs)
      return
    }
    for (const peer of this.peers.values()) peer.tick(nowMs)
    if (!this.#isOpen) return
    this.#resumeThrottled()
    const uploader = this.#torrent.uploader()
    if (uploader !== null)
      for (const peer of this.peers.values()) if (peer.uploads.length > 0) uploader.pump(peer)
    this.#dial(nowMs)
    if (nowMs - this.#lastSecondMs >= 1_000) this.#everySecond(nowMs)
  }

  onEffect(peer: Peer, effect: PeerWireEffect): void {
    switch (effect.kind) {
      case 'block-part':
        this.#blockPart(peer, effect)
        return
      case 'request':
        this.#request(peer, effect)
        return
      case 'request-cancelled':
        this.#torrent.uploader()?.cancel(peer, effect)
        return
      case 'has-piece':
        this.#hasPiece(peer, effect.pieceIndex)
        return
      case 'has-pieces':
        this.#hasPieces(peer, effect.bits, effect.haveCount)
        return
      case 'lost-piece':
        this.#lostPiece(peer, effect.pieceIndex)
        return
      case 'choked':
        this.#torrent.downloader()?.giveBack(peer, effect.dropped)
        return
      case 'rejected':
        this.#torrent.downloader()?.giveBack(peer, [effect])
        this.#rest(peer)
        return
      case 'interested':
      case 'not-interested':
        this.#fillSlots()
        return
      case 'peer-id':
        this.#greet(peer, effect.peerId)
        return
      case 'extensions':
        this.#torrent.metadata.offered(peer)
        this.#hearOwnIp(peer, effect.remote.yourIp)
        if (this.#torrent.isFinished() && this.isSeed(peer)) this.#dismiss(peer)
        return
      case 'extended':
        if (effect.name === 'ut_metadata') this.#torrent.metadata.receive(peer, effect.payload)
        else this.#gossip.receive(peer, effect.name, effect.payload)
        return
      case 'port':
        if (this.#torrent.isDhtOn())
          this.#torrent.reach.heardOfNode({ host: peer.address.host, port: effect.dhtPort })
        return
      case 'fault':
        this.#fault(peer, effect)
        return
      case 'wasted':
        this.#meter(peer, effect.lengthBytes)
        this.#torrent.onWasted(effect.lengthBytes)
        return
      // What follows these is decided when the input's effects are all done, or is of no use to us.
      case 'handshake':
      case 'unchoked':
      case 'allowed-fast':
      case 'suggested':
      case 'timed-out':
      case 'write':
        return
      default:
        effect satisfies never
    }
  }

  onSettled(peer: Peer): void {
    this.#fill(peer)
    if (peer.uploads.length > 0) this.#torrent.uploader()?.pump(peer)
  }

  onDrained(peer: Peer): void {
    this.#torrent.uploader()?.pump(peer)
  }

  onClosed(peer: Peer): void {
    this.#connector.left()
    if (!this.peers.delete(peer.number)) return
    const nowMs = this.#ports.clock.nowMs()
    this.candidates.disconnected(peer.address, nowMs)
    this.#torrent.picker()?.peerGone(peer.number)
    this.#torrent.uploader()?.gone(peer)
    this.#torrent.metadata.gone(peer)
    this.#gossip.gone(peer)
    if (!peer.wire.isChokingRemote) this.#fillSlots()
    this.#torrent.onChange()
  }

  #readyPeers(): readonly Peer[] {
    return [...this.peers.values()].filter((peer) => peer.isReady)
  }

  #dial(nowMs: Millis): void {
    let room = this.wantedPeers()
    while (room > 0 && this.#connector.canDial(nowMs)) {
      const next = this.candidates.next(nowMs, (address) => this.#mayDial(address, nowMs))
      if (next === null) return
      this.#connector.dial(next.address, next.source, this)
      room -= 1
    }
  }

  #mayDial(address: Address, nowMs: Millis): boolean {
    const isUseless = this.#torrent.isFinished() && this.#seeds.has(addressKey(address))
    return !isUseless && this.#admission.mayDial(address, nowMs)
  }

  /** Two seeds have nothing for each other, and need not meet again. */
  #dismiss(peer: Peer): void {
    if (this.#seeds.size < REMEMBERED_PEERS) this.#seeds.add(addressKey(peer.address))
    this.#letGo(peer)
  }

  /** There is nothing wrong with it: others may want it. */
  #letGo(peer: Peer): void {
    this.#gossip.letGo(peer)
    peer.close()
  }

  #greet(peer: Peer, peerId: Uint8Array): void {
    peer.peerId = peerId
    if (equalBytes(peerId, this.#torrent.peerId)) {
      this.candidates.isSelf(peer.address)
      peer.close()
      return
    }
    if (!this.#admission.winsAgainstTwin(peer, peerId)) {
      peer.close()
      return
    }
    this.candidates.succeeded(peer.address, this.#ports.clock.nowMs())
    // While the metadata is unknown we have nothing to offer, and with the fast extension that has to be said.
    const ours = this.#torrent.pieces()
    peer.feed({
      kind: 'send-pieces',
      bits: ours?.bits ?? new Uint8Array(0),
      haveCount: ours?.count ?? 0,
    })
    const { dhtPort } = this.#torrent.reach
    if (dhtPort !== null && this.#torrent.isDhtOn()) peer.feed({ kind: 'send-port', dhtPort })
    if (ours !== null) {
      const fast = this.#torrent.allowedFastFor(peer.address.host)
      if (peer.wire.hasFast && fast.length > 0) {
        const pieceBytes = this.#torrent.geometry()?.lengthBytes ?? 0
        peer.fastLimitBytes = fast.length * pieceBytes * LIMITS.allowedFastCopies
        peer.feed({ kind: 'send-allowed-fast', pieceIndexes: fast })
      }
    }
    this.#torrent.onChange()
  }

  /** Serves only what is verified, and to a choked peer only so much of what it is allowed fast. */
  #request(peer: Peer, block: BlockRef): void {
    const ours = this.#torrent.pieces()
    const isFast = peer.wire.isChokingRemote
    const isOver = isFast && peer.fastBytes + block.lengthBytes > peer.fastLimitBytes
    if (ours === null || !hasBit(ours.bits, block.pieceIndex) || isOver) {
      peer.feed({ ...block, kind: 'send-reject' })
      return
    }
    if (isFast) peer.fastBytes += block.lengthBytes
    peer.uploads.push(block)
  }

  /** A peer that rejects what it could serve is not asked again at once. One burst counts once. */
  #rest(peer: Peer): void {
    const nowMs = this.#ports.clock.nowMs()
    if (peer.wire.isChokedByRemote || nowMs < peer.restUntilMs) return
    const restMs = LIMITS.firstRejectRestMs * 2 ** peer.rejections
    peer.restUntilMs = nowMs + Math.min(LIMITS.longestRejectRestMs, restMs)
    peer.rejections = Math.min(peer.rejections + 1, 16)
  }

  #blockPart(peer: Peer, part: PeerWireEffect & { kind: 'block-part' }): void {
    this.#meter(peer, part.bytes.length)
    if (part.isLast) peer.rejections = 0
    this.#torrent.downloader()?.take(peer, part)
  }

  #meter(peer: Peer, lengthBytes: number): void {
    peer.down.add(lengthBytes, this.#ports.clock.nowMs())
    this.#torrent.onDownloaded(lengthBytes)
    this.#down.take(lengthBytes)
    // With a limit of nothing at all, what still comes is what was asked for before: it ends by itself.
    if (this.#down.isOpen() || this.#down.isBlocked() || peer.isThrottled) return
    peer.isThrottled = true
    peer.socket.pause()
  }

  #resumeThrottled(): void {
    if (!this.#down.isOpen() && !this.#down.isBlocked()) return
    for (const peer of this.peers.values()) {
      if (!peer.isThrottled) continue
      peer.isThrottled = false
      peer.socket.resume()
    }
  }

  #hasPiece(peer: Peer, pieceIndex: number): void {
    const count = this.#torrent.geometry()?.count
    if (count === undefined) return
    peer.pieces ??= new Uint8Array(bitfieldBytes(count))
    if (hasBit(peer.pieces, pieceIndex)) return
    setBit(peer.pieces, pieceIndex, true)
    peer.haveCount += 1
    this.#torrent.picker()?.peerHasPiece(peer.number, pieceIndex)
    if (!peer.wire.isInterested) this.#updateInterest(peer)
    if (peer.haveCount === count && this.#torrent.isFinished()) this.#dismiss(peer)
  }

  #hasPieces(peer: Peer, bits: Uint8Array, haveCount: number): void {
    peer.pieces = bits
    peer.haveCount = haveCount
    this.#torrent.picker()?.peerHas(peer.number, bits)
    if (this.#torrent.isFinished() && this.isSeed(peer)) {
      this.#dismiss(peer)
      return
    }
    this.#updateInterest(peer)
  }

  #lostPiece(peer: Peer, pieceIndex: number): void {
    if (peer.pieces === null || !hasBit(peer.pieces, pieceIndex)) return
    setBit(peer.pieces, pieceIndex, false)
    peer.haveCount -= 1
    this.#torrent.picker()?.peerLost(peer.number, pieceIndex)
    this.#updateInterest(peer)
  }

  #updateInterest(peer: Peer): void {
    const isInteresting =
      this.#torrent.downloader() !== null &&
      this.#torrent.picker()?.isInteresting(peer.number) === true
    if (isInteresting !== peer.wire.isInterested)
      peer.feed({ kind: isInteresting ? 'send-interested' : 'send-not-interested' })
  }

  #fill(peer: Peer): void {
    if (!peer.wire.isInterested || !this.#down.isOpen()) return
    if (this.#ports.clock.nowMs() >= peer.restUntilMs) this.#torrent.downloader()?.fill(peer)
  }

  #fillSlots(): void {
    if (this.#isOpen && this.#torrent.uploader() !== null)
      this.#chokeRounds.fillSlots(this.#readyPeers(), this.#ports.clock.nowMs())
  }

  #everySecond(nowMs: Millis): void {
    this.#lastSecondMs = nowMs
    if (this.#torrent.uploader() !== null) this.#chokeRounds.tick(this.#readyPeers(), nowMs)
    for (const peer of this.peers.values()) this.#judgePace(peer, nowMs)
    this.#trim()
    for (const peer of this.#readyPeers()) this.#fill(peer)
    this.#torrent.metadata.tick(this.peers.values())
    this.#refreshOffers()
    this.#refreshPriorities()
    this.#gossip.tick(nowMs)
  }

  /** Switches count at once, also for those who are here. */
  #refreshOffers(): void {
    const offered = `${this.#torrent.isPexOn()} ${this.#torrent.isHolepunchOn()}`
    if (this.#offered !== '' && this.#offered !== offered) this.updateExtensions()
    this.#offered = offered
  }

  /** Where others see us decides whom we prefer (BEP 40). */
  #refreshPriorities(): void {
    const seen = ([4, 6] as const).map((family) => this.#torrent.reach.ownAddress(family)?.host)
    const own = seen.join(' ')
    if (own !== this.#seenAs) this.candidates.reprioritize()
    this.#seenAs = own
  }

  /**
   * All places are taken: a peer that moves nothing gives way to one of greater priority, so that a newcomer has a
   * chance and no flood of connections can keep all others out (BEP 40).
   */
  #makeWay(address: Address, nowMs: Millis): boolean {
    const priority = this.#priorityOf(address)
    if (priority === null) return false
    let least: { readonly peer: Peer; readonly priority: number } | null = null
    for (const peer of this.peers.values()) {
      const isNew = nowMs - peer.connectedMs < LIMITS.settledMs
      if (peer.source === 'user' || isNew || isMoving(peer, nowMs)) continue
      const own = this.#priorityOf(peer.address)
      if (own !== null && (least === null || own < least.priority)) least = { peer, priority: own }
    }
    if (least === null || least.priority >= priority) return false
    this.#letGo(least.peer)
    return this.#admission.admits(address, 'incoming', nowMs)
  }

  #priorityOf(address: Address): number | null {
    const family = ipFamily(address.host)
    const own = family === null ? null : this.#torrent.reach.ownAddress(family)
    return own === null ? null : peerPriority(own, address)
  }

  #isOwn(address: Address): boolean {
    const family = ipFamily(address.host)
    const own = family === null ? null : this.#torrent.reach.ownAddress(family)
    const isSame = own !== null && own.host === address.host && own.port === address.port
    return isSame || this.candidates.isOwn(address)
  }

  #hearOwnIp(peer: Peer, yourIp: Uint8Array | null): void {
    const ip = yourIp === null ? null : formatIp(yourIp)
    if (ip !== null) this.#torrent.reach.heardOwnIp(ip, 'peers', peer.address.host)
  }

  #makeGossip(): Gossip {
    return new Gossip({
      peers: this.peers,
      candidates: this.candidates,
      random: (below) => this.#ports.random.int(below),
      nowMs: () => this.#ports.clock.nowMs(),
      isPexOn: () => this.#torrent.isPexOn(),
      isHolepunchOn: () => this.#torrent.isHolepunchOn(),
      isSeed: (peer) => this.isSeed(peer),
      isOwn: (address) => this.#isOwn(address),
      onUtpPeer: (address) => this.#connector.speaksUtp(address),
      onEncryptingPeer: (address) => this.#connector.prefersEncryption(address),
      onCandidates: () => {
        if (this.#isOpen) this.#dial(this.#ports.clock.nowMs())
      },
      mayDial: (address) => {
        const nowMs = this.#ports.clock.nowMs()
        return this.#connector.canDial(nowMs) && this.#mayDial(address, nowMs)
      },
      dialOverUtp: (address) => this.#connector.dial(address, 'pex', this, 'utp'),
      wantedPeers: () => this.wantedPeers(),
      isFinished: () => this.#torrent.isFinished(),
    })
  }

  /** A lower bound on connections counts for those that stand already: the newest go. */
  #trim(): void {
    for (let surplus = this.peers.size - this.#torrent.maxPeers(); surplus > 0; surplus -= 1)
      this.dropNewest()
  }

  #judgePace(peer: Peer, nowMs: Millis): void {
    if (peer.isThrottled || peer.waitingSinceMs === null) return
    if (peer.wire.outstandingCount === 0) return
    const silentMs = nowMs - Math.max(peer.lastBlockMs, peer.waitingSinceMs)
    if (silentMs >= LIMITS.snubMs && !peer.isSnubbed) peer.isSnubbed = true
    if (silentMs < LIMITS.requestMs) return
    const late = peer.wire.outstanding
    this.#torrent.downloader()?.giveBack(peer, late)
    for (const block of late) peer.feed({ ...block, kind: 'send-cancel' })
    peer.waitingSinceMs = nowMs
  }

  #fault(peer: Peer, effect: PeerWireEffect & { kind: 'fault' }): void {
    if (effect.reaction === 'ignore') return
    this.#torrent.onLog('warn', `${peer.address.host}: ${effect.fault.detail}; connection closed`)
    if (effect.reaction === 'ban')
      this.#connector.bans.ban(blameName(peer.address), this.#ports.clock.nowMs())
  }
}

function isMoving(peer: Peer, nowMs: Millis): boolean {
  return peer.down.rate(nowMs) + peer.up.rate(nowMs) > 0
}
