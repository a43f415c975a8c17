/**
 * The moving part of a torrent while it runs: its swarm, its trackers, and who brings bytes in and serves them.
 */
import { ALLOWED_FAST_SET_SIZE, allowedFastSet } from '@pigeon/protocol/bep/0006-fast'
import { PEX } from '@pigeon/protocol/bep/0011-pex'
import { mayUsePeerSource } from '@pigeon/protocol/bep/0027-private'
import { HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { wireInfoHashes } from '@pigeon/protocol/info-hash'
import { IPV4_BYTES, parseIp } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import type { LocalExtensions, PieceGeometry } from '@pigeon/protocol/peer-wire'
import { TorrentTrackers } from '../announce/torrent-trackers.ts'
import type { TrackerAccess } from '../announce/tracker-access.ts'
import { CorruptionLedger } from '../blame.ts'
import type { TorrentReach } from '../discovery/finder.ts'
import type { PiecePicker } from '../piece-picker.ts'
import type { Address, Ports } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import type { Rank } from '../rate.ts'
import { RateMeter, TokenBucket } from '../rate.ts'
import type { ReadMemory } from '../read-cache.ts'
import type { Gathering } from '../session/buffer-relief.ts'
import type { CategoryBook } from '../session/categories.ts'
import type { Connector } from '../session/connector.ts'
import type { EngineSettings } from '../settings.ts'
import { LIMITS } from '../settings.ts'
import type { SwarmTorrent } from '../swarm/swarm.ts'
import { blameName } from '../swarm/peer-identity.ts'
import { Swarm } from '../swarm/swarm.ts'
import { Budget } from '../transfer/budget.ts'
import { Downloader } from '../transfer/download.ts'
import { MetadataExchange } from '../transfer/metadata-exchange.ts'
import { Uploader } from '../transfer/upload.ts'
import { type AnonymousIdentity, anonymousIdentity } from './anonymous-identity.ts'
import type { Content } from './content.ts'
import type { TorrentLimits, TorrentOptions } from './options.ts'
import type { Totals } from './progress.ts'
import type { TorrentLog } from './torrent-log.ts'

/** What torrents share; the session owns it. */
export interface TorrentWorld {
  readonly ports: Ports
  readonly settings: EngineSettings
  readonly peerId: Uint8Array
  readonly announceKey: number
  readonly connector: Connector
  readonly reach: TorrentReach
  readonly trackers: TrackerAccess
  readonly downBucket: TokenBucket
  readonly upBucket: TokenBucket
  readonly categories: CategoryBook
  /** Bytes of pieces since the session began. */
  readonly traffic: Traffic
  /** The session's one bound on what was read to be served. */
  readonly readMemory: ReadMemory
  /** Something that shows of this torrent has changed. */
  readonly onChange: (id: string) => void
  /** Something that decides about turns has changed. */
  readonly onTurnChange: () => void
}

export interface Traffic {
  readonly down: RateMeter
  readonly up: RateMeter
}

/** The torrent, as its transfer sees it. */
export interface TransferOwner {
  readonly infoHashes: InfoHashes
  readonly options: TorrentOptions
  readonly totals: Totals
  readonly log: TorrentLog
  readonly content: Content | null
  readonly isPrivate: boolean
  /** `null` while unknown. */
  readonly infoBytes: Uint8Array | null
  /** The info dictionary came from peers and matches the info-hash. */
  onMetadata(infoBytes: Uint8Array): void
  /** The last wanted piece is verified. */
  onFinished(): void
  onProblem(problem: IoProblem): void
  /** Something that shows has changed. */
  touch(): void
}

/** `null` where no tracker said. */
export interface SwarmCounts {
  readonly seeds: number | null
  readonly leechers: number | null
}

const RANKS: { readonly [P in TorrentLimits['priority']]: Rank } = { high: 0, normal: 1, low: 2 }

/** Counting takes a look at every piece. */
const AVAILABILITY_MS = 1_000
const UNCOUNTED = { atMs: Number.NEGATIVE_INFINITY, copies: 0 } as const

/** Extension names to our ids for them. */
const EXTENSION_IDS: readonly (readonly [string, number])[] = [
  ['ut_metadata', 1],
  ['upload_only', 2],
  ['lt_donthave', 3],
]
const PEX_ID = 4
const HOLEPUNCH_ID = 5

export class Transfer implements SwarmTorrent {
  readonly swarm: Swarm
  readonly announcer: TorrentTrackers
  readonly metadata: MetadataExchange
  readonly down: RateMeter = new RateMeter()
  readonly up: RateMeter = new RateMeter()
  readonly downBucket: TokenBucket
  readonly upBucket: TokenBucket
  readonly #world: TorrentWorld
  readonly #owner: TransferOwner
  readonly #ledger: CorruptionLedger
  readonly #downBudget: Budget
  readonly #upBudget: Budget
  /** How to end each search for peers that is under way. */
  readonly #searches: (() => void)[] = []
  #swarmCounts: SwarmCounts | null = null
  #anonymous: AnonymousIdentity | null = null
  #lastServedMs: Millis = 0
  #availability: { readonly atMs: Millis; readonly copies: number } = UNCOUNTED
  #downloader: Downloader | null = null
  #uploader: Uploader | null = null

  constructor(world: TorrentWorld, owner: TransferOwner) {
    const { clock } = world.ports
    const nowMs = (): Millis => clock.nowMs()
    this.#world = world
    this.#owner = owner
    this.downBucket = new TokenBucket(owner.options.limits.down, nowMs())
    this.upBucket = new TokenBucket(owner.options.limits.up, nowMs())
    this.#downBudget = new Budget([], nowMs)
    this.#upBudget = new Budget([], nowMs)
    this.limitsChanged()
    this.#ledger = new CorruptionLedger({ digest: (bytes) => world.ports.digest.sha1(bytes) })
    this.swarm = new Swarm({
      torrent: this,
      connector: world.connector,
      ports: world.ports,
      settings: world.settings,
      downBudget: this.#downBudget,
    })
    this.metadata = this.#makeMetadataExchange()
    this.announcer = this.#makeAnnouncer()
  }

  /** Whether peers may come and go. */
  get isOpen(): boolean {
    return this.swarm.isOpen
  }

  /** Pieces under way, for sharing the buffers; `null` while nothing is fetched. */
  get gathering(): Gathering | null {
    return this.#downloader === null
      ? null
      : { downloader: this.#downloader, peerCount: this.swarm.peers.size }
  }

  /** Finds peers and lets them in: for the metadata, or for the content when that is known. */
  open(): void {
    if (this.#owner.content !== null) this.#openContent(this.#owner.content)
    this.swarm.open()
    this.announcer.start()
    this.#search()
  }

  /** The metadata is known and its files are checked: the peers that are here stay. */
  becameKnown(content: Content): void {
    this.#openContent(content)
    this.swarm.becameKnown(content.geometry)
  }

  /** The metadata says that it is private: only its own trackers may know of us from now on. */
  becamePrivate(): void {
    this.#stopSearching()
    this.swarm.becamePrivate()
  }

  /** Ends all traffic, and waits for pieces that are being written. */
  async close(): Promise<void> {
    this.#stopSearching()
    this.swarm.close()
    const downloader = this.#downloader
    this.#downloader = null
    this.#uploader = null
    void this.announcer.stop()
    await downloader?.stop()
  }

  /** Its limits, its category or that one's limits changed. */
  limitsChanged(): void {
    const { limits, category: name } = this.#owner.options
    const { categories, downBucket, upBucket, ports } = this.#world
    const nowMs = ports.clock.nowMs()
    this.downBucket.setLimit(limits.down, nowMs)
    this.upBucket.setLimit(limits.up, nowMs)
    const category = categories.get(name)
    const down = [this.downBucket, ...(category === null ? [] : [category.downBucket])]
    const up = [this.upBucket, ...(category === null ? [] : [category.upBucket])]
    const rank = RANKS[limits.priority]
    this.#downBudget.set(limits.ignoresSession ? down : [...down, downBucket], rank)
    this.#upBudget.set(limits.ignoresSession ? up : [...up, upBucket], rank)
  }

  /** What is wanted, or what we have, changed from outside. */
  selectionChanged(): void {
    const content = this.#owner.content
    if (content === null || this.#uploader === null) return
    if (!content.isFinished && this.#downloader === null)
      this.#downloader = this.#makeDownloader(content)
    this.swarm.updateExtensions()
    this.swarm.fillAll()
  }

  /** The largest numbers that any tracker gave. */
  get swarmCounts(): SwarmCounts {
    this.#swarmCounts ??= largestCounts(this.announcer.trackers)
    return this.#swarmCounts
  }

  buffersFreed(): void {
    if (this.#downloader?.isStarved === true) this.swarm.fillAll()
  }

  get infoHashes(): InfoHashes {
    return this.#owner.infoHashes
  }

  get isPrivate(): boolean {
    return this.#owner.isPrivate
  }

  /** To be anonymous is also not to be known again at another torrent. */
  get peerId(): Uint8Array {
    return this.#identity?.peerId ?? this.#world.peerId
  }

  /** `null` while we say who we are. */
  get #identity(): AnonymousIdentity | null {
    if (!this.#world.settings.isAnonymous) return null
    this.#anonymous ??= anonymousIdentity((below) => this.#world.ports.random.int(below))
    return this.#anonymous
  }

  geometry(): PieceGeometry | null {
    return this.#uploader === null ? null : (this.#owner.content?.geometry ?? null)
  }

  get reach(): TorrentReach {
    return this.#world.reach
  }

  isPexOn(): boolean {
    return this.#world.settings.isPexOn && mayUsePeerSource(this.isPrivate, 'pex')
  }

  isHolepunchOn(): boolean {
    const { isUtpOn, isProxied } = this.#world.settings
    return isUtpOn && !isProxied && mayUsePeerSource(this.isPrivate, 'pex')
  }

  isDhtOn(): boolean {
    return this.reach.dhtPort !== null && mayUsePeerSource(this.isPrivate, 'dht')
  }

  localExtensions(remote: Address): LocalExtensions {
    const { clientName, isAnonymous, isProxied } = this.#world.settings
    const isHidden = isAnonymous || isProxied
    const ids = new Map(EXTENSION_IDS)
    if (this.isPexOn()) ids.set(PEX, PEX_ID)
    if (this.isHolepunchOn()) ids.set(HOLEPUNCH, HOLEPUNCH_ID)
    return {
      ids,
      client: isAnonymous ? null : clientName,
      listenPort: isHidden ? null : this.reach.announcedPort,
      requestQueueLimit: LIMITS.requestQueueIn,
      metadataSizeBytes: this.#owner.infoBytes?.length ?? null,
      uploadOnly: this.isFinished(),
      yourIp: isHidden ? null : parseIp(remote.host),
    }
  }

  pieces(): { readonly bits: Uint8Array; readonly count: number } | null {
    const progress = this.#owner.content?.progress
    if (progress === undefined || this.#uploader === null) return null
    return { bits: progress.have, count: progress.haveCount }
  }

  picker(): PiecePicker | null {
    return this.#owner.content?.picker ?? null
  }

  downloader(): Downloader | null {
    return this.#downloader
  }

  uploader(): Uploader | null {
    return this.#uploader
  }

  infoBytes(): Uint8Array | null {
    return this.#owner.infoBytes
  }

  allowedFastFor(address: string): readonly number[] {
    const geometry = this.geometry()
    const infoHash = wireInfoHashes(this.infoHashes)[0]
    const ipv4 = parseIp(address)
    // The extension defines the set for IPv4 only.
    if (geometry === null || infoHash === undefined || ipv4?.length !== IPV4_BYTES) return []
    const set = allowedFastSet({
      ipv4,
      infoHash,
      pieceCount: geometry.count,
      setSize: ALLOWED_FAST_SET_SIZE,
      sha1: (bytes) => this.#world.ports.digest.sha1(bytes),
    })
    return set.filter((pieceIndex) => this.#owner.content?.progress.has(pieceIndex))
  }

  isFinished(): boolean {
    return this.#owner.content?.isFinished ?? false
  }

  maxPeers(): number {
    return this.#owner.options.limits.maxPeers ?? this.#world.settings.maxPeersPerTorrent
  }

  onWasted(lengthBytes: number): void {
    this.#owner.options.wastedBytes += lengthBytes
  }

  onDownloaded(lengthBytes: number): void {
    this.#owner.totals.downloadedBytes += lengthBytes
    this.#owner.options.activeAtMs = this.#world.ports.clock.wallMs()
    const nowMs = this.#world.ports.clock.nowMs()
    this.down.add(lengthBytes, nowMs)
    this.#world.traffic.down.add(lengthBytes, nowMs)
  }

  onLog(level: 'info' | 'warn', text: string): void {
    this.#owner.log.write(level, text)
  }

  onChange(): void {
    this.#owner.touch()
  }

  /** Since a block last went out, or since the content was opened. */
  idleMs(nowMs: Millis): Millis {
    return nowMs - this.#lastServedMs
  }

  /** Copies of the rarest wanted piece among connected peers; `null` while nothing is transferred. */
  availability(nowMs: Millis): number | null {
    const content = this.#owner.content
    if (content === null || this.#uploader === null) return null
    if (nowMs - this.#availability.atMs >= AVAILABILITY_MS)
      this.#availability = { atMs: nowMs, copies: content.rarestCopies() }
    return this.#availability.copies
  }

  /** Has the DHT and the neighbours asked for peers, as far as it may. */
  #search(): void {
    this.#stopSearching()
    for (const finder of this.reach.finders) {
      if (!mayUsePeerSource(this.isPrivate, finder.source)) continue
      const stop = finder.find({
        infoHashes: wireInfoHashes(this.infoHashes),
        isSeed: () => this.isFinished(),
        wantedPeers: () => this.swarm.wantedPeers(),
        onPeers: (addresses) => this.swarm.addCandidates(addresses, finder.source),
      })
      this.#searches.push(stop)
    }
  }

  #stopSearching(): void {
    for (const stop of this.#searches.splice(0)) stop()
  }

  #openContent(content: Content): void {
    this.#lastServedMs = this.#world.ports.clock.nowMs()
    this.#availability = UNCOUNTED
    this.#uploader = new Uploader({
      cache: content.cache,
      budget: this.#upBudget,
      nowMs: () => this.#world.ports.clock.nowMs(),
      onServed: (lengthBytes) => {
        const nowMs = this.#world.ports.clock.nowMs()
        this.#owner.totals.uploadedBytes += lengthBytes
        this.#world.traffic.up.add(lengthBytes, nowMs)
        this.#owner.options.activeAtMs = this.#world.ports.clock.wallMs()
        this.#lastServedMs = nowMs
        this.up.add(lengthBytes, nowMs)
        content.progress.touch()
      },
      onProblem: (pieceIndex, problem) => this.#unreadable(content, pieceIndex, problem),
    })
    if (!content.isFinished) this.#downloader = this.#makeDownloader(content)
  }

  #makeDownloader(content: Content): Downloader {
    return new Downloader({
      layout: content.layout,
      hashes: content.metainfo.hashes,
      picker: content.picker,
      pool: this.#world.ports.storage,
      storage: content.storage,
      nowMs: () => this.#world.ports.clock.nowMs(),
      onVerified: (pieceIndex) => this.#verified(content, pieceIndex),
      isWatched: (pieceIndex) => this.#ledger.isWatching(pieceIndex),
      onProof: (pieceIndex, bytes) =>
        this.#ban(this.#ledger.verified(pieceIndex, bytes), pieceIndex),
      onMismatch: (pieceIndex, bytes, senders) => this.#mismatch(pieceIndex, bytes, senders),
      onProblem: (problem) => this.#owner.onProblem(problem),
      onWasted: (lengthBytes) => this.onWasted(lengthBytes),
      onDropped: (pieceIndex) => this.swarm.cancelPiece(pieceIndex),
      onSuperfluous: (peerNumber, block) => this.swarm.cancel(peerNumber, block),
    })
  }

  #verified(content: Content, pieceIndex: number): void {
    content.verified(pieceIndex)
    this.#owner.touch()
    this.swarm.announceHave(pieceIndex)
    if (!content.isFinished || this.#downloader === null) return
    void this.#downloader.stop()
    this.#downloader = null
    this.#owner.onFinished()
    if (content.progress.isWhole) this.announcer.completed()
    this.swarm.updateExtensions()
    this.swarm.dropSeeds()
  }

  /** A piece that we offered cannot be read: it is not ours any more, and whoever asks is told. */
  #unreadable(content: Content, pieceIndex: number, problem: IoProblem): void {
    content.lost(pieceIndex)
    this.swarm.announceLost(pieceIndex)
    this.#owner.onProblem(problem)
  }

  /** Several peers may have had a hand in a bad piece: the ledger finds out whose, and only the guilty are banned. */
  #mismatch(pieceIndex: number, bytes: Uint8Array, senders: readonly number[]): void {
    const names = senders.map((peerNumber) => this.swarm.nameOf(peerNumber))
    const blockBytes = LIMITS.blockBytes
    this.onWasted(bytes.length)
    this.#owner.log.write('warn', `Piece ${pieceIndex} did not match its hash and is fetched again`)
    this.#ban(this.#ledger.failed({ pieceIndex, bytes, blockBytes, senders: names }), pieceIndex)
    this.swarm.fillAll()
  }

  #ban(names: readonly string[], pieceIndex: number): void {
    for (const name of names) this.swarm.ban(name, `sent false data in piece ${pieceIndex}`)
  }

  #makeMetadataExchange(): MetadataExchange {
    const { clock, digest } = this.#world.ports
    return new MetadataExchange({
      infoHashes: this.infoHashes,
      infoBytes: () => this.#owner.infoBytes,
      sha1: (bytes) => digest.sha1(bytes),
      nowMs: () => clock.nowMs(),
      onMetadata: (infoBytes) => this.#owner.onMetadata(infoBytes),
      onLiar: (peer) => this.swarm.ban(blameName(peer.address), 'sent false metadata'),
    })
  }

  #makeAnnouncer(): TorrentTrackers {
    const { connector } = this.#world
    const totals = this.#owner.totals
    return new TorrentTrackers(this.#world.trackers, {
      infoHashes: wireInfoHashes(this.infoHashes),
      tiers: this.#owner.options.trackers,
      peerId: () => this.peerId,
      key: () => this.#identity?.announceKey ?? this.#world.announceKey,
      port: () => this.reach.announcedPort,
      stats: () => ({
        uploadedBytes: totals.uploadedBytes,
        downloadedBytes: totals.downloadedBytes,
        leftBytes: this.#leftBytes(),
      }),
      wantPeers: () => this.swarm.wantedPeers(),
      onPeers: (peers) => this.swarm.addCandidates(peers, 'tracker'),
      onSocket: (socket, direction) => connector.adopt(socket, direction, 'tracker', this.swarm),
      onExternalAddress: (ip) => this.reach.heardOwnIp(ip, 'tracker', 'tracker'),
      onChange: () => {
        this.#swarmCounts = null
        this.#owner.touch()
      },
    })
  }

  /** Truthful; while the metadata is unknown all we can say is: something. */
  #leftBytes(): number {
    const content = this.#owner.content
    return content === null ? 1 : content.selection.wantedBytes - content.doneBytes
  }
}

function largestCounts(trackers: readonly SwarmCounts[]): SwarmCounts {
  let seeds: number | null = null
  let leechers: number | null = null
  for (const tracker of trackers) {
    if (tracker.seeds !== null) seeds = Math.max(seeds ?? 0, tracker.seeds)
    if (tracker.leechers !== null) leechers = Math.max(leechers ?? 0, tracker.leechers)
  }
  return { seeds, leechers }
}
