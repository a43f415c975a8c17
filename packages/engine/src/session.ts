/**
 * A node's engine: all its torrents, what they share, and what a user may ask of them. Every command answers a refusal
 * or a problem as a value; nothing here throws for what the world did.
 */
import { toDisplay } from '@pigeon/protocol/display'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { encodeMetainfo, parseInfo } from '@pigeon/protocol/metainfo'
import { boundTiers, MAX_TRACKERS_PER_TORRENT } from '@pigeon/protocol/bep/0012-tiers'
import { makePeerId } from '@pigeon/protocol/peer-id'
import type { TrackerSettings } from './announce/settings.ts'
import { TrackerAccess } from './announce/tracker-access.ts'
import type { DhtAccess } from './discovery/dht-contract.ts'
import type { WireEvent } from './inspect.ts'
import { WireWatches } from './inspect-watches.ts'
import type { Ports, TorrentRecord } from './ports.ts'
import type { IoProblem, Refusal } from './problem.ts'
import { isIoProblem } from './problem.ts'
import type { QueueMove } from './queue.ts'
import { chooseActive } from './queue.ts'
import { RateMeter } from './rate.ts'
import { ReadMemory } from './read-cache.ts'
import { formatAddress, parsePeer } from './session/address-text.ts'
import { relieveBuffers } from './session/buffer-relief.ts'
import type { CategoryChange } from './session/categories.ts'
import { CATEGORY_LIMIT } from './session/categories.ts'
import type { Connector, FindTorrent } from './session/connector.ts'
import type { Added, AddOptions, AddSource, Previewed } from './session/intake.ts'
import { Intake } from './session/intake.ts'
import type { RestartKey } from './session/preferences.ts'
import { Preferences } from './session/preferences.ts'
import { QueueOrder } from './session/queue-order.ts'
import { Reach } from './session/reach.ts'
import {
  BEING_CHECKED,
  BEING_REMOVED,
  badFolder,
  badTracker,
  metadataUnknown,
  noSuchFile,
  notAPeer,
  notRenamed,
  tooMany,
  unknownCategory,
  unknownTorrent,
} from './session/refusals.ts'
import type { SavedTraffic, SessionChange } from './session/saved-settings.ts'
import { decodeSavedSettings } from './session/saved-settings.ts'
import type { BlocklistSource } from './session/blocked-addresses.ts'
import type { NetworkSummary } from './session/network-summary.ts'
import { networkTotals } from './session/network-totals.ts'
import type { SessionSummary } from './session/session-summary.ts'
import { settingsSummary } from './session/session-summary.ts'
import type { EngineSettings } from './settings.ts'
import { isAbsoluteFolder, LIMITS } from './settings.ts'
import type { TorrentDetail, TorrentSummary } from './torrent/describe.ts'
import { detailOf } from './torrent/describe.ts'
import type { FilePriority, TorrentLimits, TorrentOptions } from './torrent/options.ts'
import { decodeOptions } from './torrent/options.ts'
import { Torrent } from './torrent/torrent.ts'
import {
  addPeers,
  setCategory,
  setLimits,
  setSequential,
  setTags,
  setTrackers,
} from './torrent/wishes.ts'
import type { TorrentWorld } from './torrent/transfer.ts'

export type { BlocklistSource } from './session/blocked-addresses.ts'
export type { Category, CategoryChange } from './session/categories.ts'
export type { Added, AddOptions, AddSource, Previewed, TorrentPreview } from './session/intake.ts'
export type { RestartKey } from './session/preferences.ts'
export type { SessionChange } from './session/saved-settings.ts'
export type { Schedule } from './schedule.ts'
export type { SessionSummary } from './session/session-summary.ts'

export type Done = Refusal | IoProblem | null

const FREE_SPACE_MS = 10_000
/** How often buffers are taken from pieces that nobody finishes. */
const RELIEF_MS = 1_000

export class Session {
  readonly #ports: Ports
  readonly #preferences: Preferences
  readonly #queue = new QueueOrder<Torrent>()
  readonly #torrents = new Map<string, Torrent>()
  readonly #listeners = new Set<() => void>()
  readonly #world: TorrentWorld
  readonly #reach: Reach
  readonly #watches: WireWatches
  readonly #connector: Connector
  readonly #trackers: TrackerAccess
  readonly #intake: Intake
  /** What went over the line before this run. */
  #earlier: SavedTraffic = { downloadedBytes: 0, uploadedBytes: 0 }
  #active: ReadonlySet<Torrent> = new Set()
  /** What the list showed last, in its order. */
  readonly #shown = new Map<string, TorrentSummary>()
  #list: readonly TorrentSummary[] = []
  /** Torrents that changed since. */
  readonly #touched = new Set<string>()
  #startedAtMs = 0
  #lastRecordMs = 0
  #lastScheduleMs = 0
  #recordedBytes = 0
  #problem: IoProblem | null = null
  #freeBytes: number | null = null
  #lastFreeMs = Number.NEGATIVE_INFINITY
  #isStopped = false
  #areTurnsDue = false
  #lastReliefMs = Number.NEGATIVE_INFINITY

  constructor(ports: Ports, initial: EngineSettings) {
    this.#ports = ports
    this.#preferences = new Preferences(initial, ports.clock.nowMs())
    const { settings } = this.#preferences
    const peerId = makePeerId((below) => ports.random.int(below))
    this.#reach = new Reach({
      ports,
      settings,
      peerId,
      findTorrent: (matches) => this.#findSwarm(matches),
    })
    this.#connector = this.#reach.connector
    this.#watches = new WireWatches(ports)
    this.#trackers = new TrackerAccess(
      { ...ports, udp: () => this.#reach.udp() },
      trackerSettings(settings),
    )
    this.#world = {
      ports,
      settings,
      peerId,
      announceKey: ports.random.int(2 ** 32),
      connector: this.#connector,
      reach: this.#reach,
      trackers: this.#trackers,
      downBucket: this.#preferences.downBucket,
      upBucket: this.#preferences.upBucket,
      categories: this.#preferences.categories,
      traffic: { down: new RateMeter(), up: new RateMeter() },
      readMemory: new ReadMemory(settings.readCacheBytes),
      onChange: (id) => this.#touch(id),
      onTurnChange: () => this.#giveTurnsSoon(),
    }
    this.#intake = new Intake({
      world: this.#world,
      torrents: this.#torrents,
      queue: this.#queue,
    })
    ports.storage.onRelease = () => {
      for (const torrent of this.#torrents.values()) torrent.transfer.buffersFreed()
    }
  }

  /** Opens the listening port and takes up the recorded torrents. A problem here means: the session does not run. */
  async start(): Promise<IoProblem | null> {
    const records = await this.#ports.records.loadAll()
    if (isIoProblem(records)) return records
    const { clock } = this.#ports
    const saved = decodeSavedSettings(await this.#ports.records.loadSettings())
    this.#preferences.load(saved, clock.localTime(), clock.nowMs())
    this.#earlier = saved.traffic ?? trafficOf(records)
    this.#startedAtMs = clock.wallMs()
    const listening = await this.#reach.start()
    if (listening !== null) return listening
    const fallback = this.#intake.newOptions({})
    for (const record of records) this.#takeUp(record, fallback)
    this.#giveTurns()
    this.#scheduleTick()
    return null
  }

  /** Says goodbye to trackers, makes all that is verified durable, and lets go of every file and socket. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    await Promise.all([...this.#torrents.values()].map((torrent) => torrent.shutDown()))
    // What was never read must not be written over.
    if (this.#startedAtMs > 0) await this.#saveSettings()
    this.#trackers.close()
    await this.#reach.stop()
  }

  add(source: AddSource, options: AddOptions): Promise<Added | Refusal | IoProblem> {
    return this.#intake.add(source, options)
  }

  pause(id: string): Promise<Done> {
    return this.#with(id, (torrent) => torrent.pause())
  }

  /** `isForced` stays as it is when absent. */
  resume(id: string, options: { readonly isForced?: boolean } = {}): Promise<Done> {
    return this.#with(id, (torrent) => torrent.resume(options.isForced))
  }

  recheck(id: string): Promise<Done> {
    return this.#with(id, (torrent) =>
      torrent.metainfo === null ? metadataUnknown() : torrent.recheck(),
    )
  }

  reannounce(id: string): Promise<Done> {
    return this.#with(id, (torrent) => {
      torrent.transfer.announcer.announceNow()
      return null
    })
  }

  async remove(id: string, options: { readonly deleteData: boolean }): Promise<Done> {
    return this.#with(id, async (torrent) => {
      // It stays in the list, and cannot be added anew, until its files and record are gone.
      const problem = await torrent.remove(options.deleteData)
      this.#torrents.delete(id)
      this.#queue.remove(torrent)
      this.#world.onTurnChange()
      this.#touch(id)
      return problem
    })
  }

  /** Answers when the move has begun; a failure becomes the torrent's problem. */
  move(id: string, folder: string): Promise<Done> {
    return this.#with(id, (torrent) => {
      if (!folder.startsWith('/')) return badFolder(folder)
      torrent.move(folder)
      return null
    })
  }

  setFiles(
    id: string,
    files: readonly { readonly index: number; readonly priority: FilePriority }[],
  ): Promise<Done> {
    return this.#with(id, (torrent) => {
      if (torrent.metainfo === null) return metadataUnknown()
      const count = torrent.metainfo.files.length
      const beyond = files.find(({ index }) => index >= count)
      if (beyond !== undefined) return noSuchFile(beyond.index, count)
      return torrent.setPriorities(files)
    })
  }

  setSequential(id: string, isSequential: boolean): Promise<Done> {
    return this.#with(id, (torrent) => setSequential(torrent, isSequential))
  }

  setLimits(id: string, limits: Partial<TorrentLimits>): Promise<Done> {
    return this.#with(id, (torrent) => setLimits(torrent, limits))
  }

  /** Moves these together, in their present order. */
  async queue(ids: readonly string[], to: QueueMove): Promise<Done> {
    const unknown = ids.find((id) => !this.#torrents.has(id))
    if (unknown !== undefined) return unknownTorrent(unknown)
    const changed = this.#queue.move(ids, to)
    this.#giveTurns()
    this.#changed()
    const saved = await Promise.all(changed.map((torrent) => torrent.save()))
    return saved.find((problem) => problem !== null) ?? null
  }

  addPeer(id: string, peer: string): Promise<Done> {
    return this.#with(id, (torrent) => {
      const address = parsePeer(peer)
      if (address === null) return notAPeer(peer)
      return addPeers(torrent, [address])
    })
  }

  /** Counts at once, and is kept; what the configuration sets comes back with the next start. */
  async setSession(change: SessionChange): Promise<Done> {
    const { defaultFolder } = change
    if (defaultFolder !== undefined && !isAbsoluteFolder(defaultFolder))
      return badFolder(defaultFolder)
    const { clock } = this.#ports
    this.#preferences.change(change, clock.localTime(), clock.nowMs())
    this.#settingsChanged()
    return this.#saveSettings()
  }

  /**
   * Takes up a changed configuration without dropping a peer; what was set at run time stays where it is silent. Answers
   * the keys whose change counts only for a session that is started anew.
   */
  applySettings(settings: Partial<EngineSettings>): readonly RestartKey[] {
    const { clock } = this.#ports
    const late = this.#preferences.apply(settings, clock.localTime(), clock.nowMs())
    this.#settingsChanged()
    return late
  }

  /** Without a path: the torrent, and what is topmost in it. Answers when the disk and the record have the new name. */
  rename(id: string, path: string | null, name: string): Promise<Done> {
    return this.#with(id, async (torrent) => {
      if (torrent.phase === 'checking') return BEING_CHECKED
      const outcome = await torrent.rename(path, name)
      return typeof outcome === 'string' ? notRenamed(outcome, path, name) : outcome
    })
  }

  /** Tiers: within one, the first that answers is used. */
  setTrackers(id: string, tiers: readonly (readonly string[])[]): Promise<Done> {
    return this.#with(id, (torrent) => {
      const wrong = tiers
        .flat()
        .map((url) => badTracker(url))
        .find((fault) => fault !== null)
      if (wrong !== undefined) return wrong
      const bounded = boundTiers(tiers)
      if (bounded.flat().length < new Set(tiers.flat()).size)
        return tooMany('trackers', MAX_TRACKERS_PER_TORRENT)
      return setTrackers(torrent, bounded)
    })
  }

  /** It stays where it is. */
  setCategory(id: string, category: string | null): Promise<Done> {
    return this.#with(id, (torrent) => {
      const isUnknown = category !== null && this.#preferences.categories.get(category) === null
      return isUnknown ? unknownCategory(category) : setCategory(torrent, category)
    })
  }

  tag(
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<Done> {
    return this.#with(id, (torrent) => {
      const tags = new Set([...torrent.options.tags, ...change.add])
      for (const tag of change.remove) tags.delete(tag)
      if (tags.size > LIMITS.tagsPerTorrent) return tooMany('tags', LIMITS.tagsPerTorrent)
      return setTags(torrent, tags)
    })
  }

  /** Makes a category, or changes one; what is absent stays. */
  async saveCategory(change: CategoryChange): Promise<Done> {
    const { folder } = change
    if (typeof folder === 'string' && !isAbsoluteFolder(folder)) return badFolder(folder)
    const { categories } = this.#preferences
    if (!categories.save(change, this.#ports.clock.nowMs()))
      return tooMany('categories', CATEGORY_LIMIT)
    this.#limitsChanged(change.name)
    return this.#saveSettings()
  }

  /** Its torrents stay, without a category. */
  async removeCategory(name: string): Promise<Done> {
    if (!this.#preferences.categories.remove(name)) return unknownCategory(name)
    const members = [...this.#torrents.values()].filter(({ options }) => options.category === name)
    const saved = await Promise.all([
      this.#saveSettings(),
      ...members.map((torrent) => setCategory(torrent, null)),
    ])
    return saved.find((problem) => problem !== null) ?? null
  }

  /** What adding this would add. */
  preview(source: AddSource): Promise<Previewed | Refusal | IoProblem> {
    return this.#intake.preview(source)
  }

  /** In the order in which they were added. What did not change is the same object as the last time: each torrent, and all. */
  list(): readonly TorrentSummary[] {
    if (this.#touched.size > 0) this.#renumber()
    const nowMs = this.#ports.clock.nowMs()
    const looked = new Set(this.#touched)
    for (const { id } of this.#active) looked.add(id)
    this.#touched.clear()
    let isSame = true
    for (const id of looked) if (this.#look(id, nowMs)) isSame = false
    if (!isSame) this.#list = [...this.#shown.values()]
    return this.#list
  }

  /** Whether something else shows of the torrent now. */
  #look(id: string, nowMs: number): boolean {
    const shown = this.#torrents.get(id)?.summary(nowMs)
    if (shown === undefined) return this.#shown.delete(id)
    // Rates fall without any event.
    if (shown.downRate + shown.upRate > 0) this.#touched.add(id)
    if (this.#shown.get(id) === shown) return false
    this.#shown.set(id, shown)
    return true
  }

  summary(): SessionSummary {
    const nowMs = this.#ports.clock.nowMs()
    const { listening } = this.#connector
    this.#refreshFreeBytes(nowMs)
    const { traffic } = this.#world
    const all = this.#allTraffic()
    return {
      ...settingsSummary(this.#preferences.settings),
      peerId: toDisplay(this.#world.peerId),
      listening: listening === null ? null : formatAddress(listening),
      problem: this.#problem,
      downRate: traffic.down.rate(nowMs),
      upRate: traffic.up.rate(nowMs),
      freeBytes: this.#freeBytes,
      startedAtMs: this.#startedAtMs,
      downloadedBytes: traffic.down.totalBytes,
      uploadedBytes: traffic.up.totalBytes,
      allDownloadedBytes: all.downloadedBytes,
      allUploadedBytes: all.uploadedBytes,
      peersConnected: this.#connector.connected,
      categories: this.#preferences.categories.list,
    }
  }

  /** How peers are found and reached now. */
  network(): NetworkSummary {
    const counted = [...this.#torrents.values()].map(({ transfer }) => ({
      peers: transfer.swarm.peers.values(),
      trackers: transfer.announcer.trackers,
    }))
    return { ...this.#reach.network(), ...networkTotals(counted) }
  }

  /** Addresses with which nothing is exchanged from now on; `null` for none. A list that cannot be read changes nothing. */
  setBlocklist(from: BlocklistSource | null): Done {
    const problem = this.#reach.blocked.set(from)
    this.#dropForbidden()
    this.#changed()
    return problem
  }

  /** `null` while it is off. */
  get dht(): DhtAccess | null {
    return this.#reach.dht
  }

  /** Watches the wire of a peer, by its number. Answers how to stop. */
  inspect(torrentId: string, peerNumber: number, listener: (event: WireEvent) => void): () => void {
    const peers = this.#torrents.get(torrentId)?.transfer.swarm.peers
    return this.#watches.watch(peers?.get(peerNumber) ?? null, listener)
  }

  detail(id: string): TorrentDetail | null {
    const torrent = this.#torrents.get(id)
    this.#renumber()
    return torrent === undefined ? null : detailOf(torrent, this.#ports.clock.nowMs())
  }

  /** The .torrent file; `null` while the metadata is unknown or when there is no such torrent. */
  metainfo(id: string): Uint8Array | null {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined || torrent.infoBytes === null) return null
    const { trackers, webSeeds, comment, createdBy, creationDate } = torrent.options
    return encodeMetainfo({
      infoBytes: torrent.infoBytes,
      trackers,
      webSeeds,
      comment,
      createdBy,
      creationDate,
    })
  }

  /** Calls back whenever something that shows may have changed. Answers how to stop. */
  onChange(callback: () => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  #takeUp(record: TorrentRecord, fallback: TorrentOptions): void {
    const parsed = record.infoBytes === null ? null : parseInfo(record.infoBytes)
    const metainfo = parsed?.ok === true ? parsed.metainfo : null
    const torrent = new Torrent(this.#world, {
      infoHashes: record.infoHashes,
      metainfo,
      options: decodeOptions(record.optionsJson, fallback),
      verified: record.progress.verified,
      totals: {
        downloadedBytes: record.progress.downloadedBytes,
        uploadedBytes: record.progress.uploadedBytes,
        seededMs: record.progress.seededMs,
      },
      isRecorded: true,
    })
    torrent.transfer.swarm.addCandidates(torrent.options.peers, 'user')
    torrent.transfer.swarm.addCandidates(torrent.options.magnetPeers, 'magnet')
    this.#torrents.set(torrent.id, torrent)
    this.#queue.add(torrent)
    this.#touched.add(torrent.id)
  }

  #saveSettings(): Promise<IoProblem | null> {
    const all = this.#allTraffic()
    this.#recordedBytes = all.downloadedBytes + all.uploadedBytes
    return this.#ports.records.saveSettings(this.#preferences.encode(all))
  }

  #allTraffic(): SavedTraffic {
    const { traffic } = this.#world
    return {
      downloadedBytes: this.#earlier.downloadedBytes + traffic.down.totalBytes,
      uploadedBytes: this.#earlier.uploadedBytes + traffic.up.totalBytes,
    }
  }

  /** What has a value of its own elsewhere follows. */
  #settingsChanged(): void {
    const { settings } = this.#preferences
    this.#trackers.change(trackerSettings(settings))
    this.#world.readMemory.limitBytes = settings.readCacheBytes
    this.#lastFreeMs = Number.NEGATIVE_INFINITY
    this.#reach.settingsChanged()
    this.#dropForbidden()
    this.#trimPeers()
    this.#giveTurnsSoon()
    this.#changed()
  }

  /** What is not allowed any more ends for those that are connected already too. */
  #dropForbidden(): void {
    for (const { transfer } of this.#torrents.values())
      for (const peer of [...transfer.swarm.peers.values()])
        if (!this.#reach.mayStay(peer)) peer.close()
  }

  /** A lower bound on connections counts for those that stand already: each torrent gives its newest, turn by turn. */
  #trimPeers(): void {
    const swarms = [...this.#torrents.values()]
      .map(({ transfer }) => transfer.swarm)
      .filter(({ peers }) => peers.size > 0)
    let surplus = this.#connector.connected - this.#preferences.settings.maxPeers
    for (let before = -1; surplus > 0 && surplus !== before; ) {
      before = surplus
      for (const swarm of swarms) {
        if (surplus > 0 && swarm.dropNewest()) surplus -= 1
      }
    }
  }

  #limitsChanged(category: string): void {
    for (const torrent of this.#torrents.values())
      if (torrent.options.category === category) torrent.limitsChanged()
    this.#changed()
  }

  #renumber(): void {
    this.#queue.renumber((torrent) => {
      torrent.markStale()
      this.#touched.add(torrent.id)
    })
  }

  #findSwarm(matches: (hashes: InfoHashes) => boolean): ReturnType<FindTorrent> {
    for (const torrent of this.#torrents.values()) {
      if (!matches(torrent.infoHashes)) continue
      if (torrent.transfer.isOpen) return torrent.transfer.swarm
      return torrent.isWilling && torrent.hasTurn ? 'soon' : null
    }
    return null
  }

  async #with(id: string, act: (torrent: Torrent) => Promise<Done> | Done): Promise<Done> {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined) return unknownTorrent(id)
    return torrent.isEnding ? BEING_REMOVED : act(torrent)
  }

  #scheduleTick(): void {
    this.#ports.clock.after(LIMITS.tickMs, () => {
      if (this.#isStopped) return
      this.#tick()
      this.#scheduleTick()
    })
  }

  #tick(): void {
    const nowMs = this.#ports.clock.nowMs()
    this.#reach.tick(nowMs)
    for (const torrent of this.#torrents.values()) torrent.tick(nowMs)
    this.#followSchedule(nowMs)
    this.#recordTraffic(nowMs)
    if (nowMs - this.#lastReliefMs < RELIEF_MS) return
    this.#lastReliefMs = nowMs
    const gatherings = [...this.#torrents.values()].map((torrent) => torrent.transfer.gathering)
    relieveBuffers(
      gatherings.filter((gathering) => gathering !== null),
      nowMs,
    )
  }

  #followSchedule(nowMs: number): void {
    if (nowMs - this.#lastScheduleMs < LIMITS.scheduleMs) return
    this.#lastScheduleMs = nowMs
    if (!this.#preferences.followSchedule(this.#ports.clock.localTime(), nowMs)) return
    void this.#saveSettings()
    this.#changed()
  }

  #recordTraffic(nowMs: number): void {
    if (nowMs - this.#lastRecordMs < LIMITS.recordSessionMs) return
    this.#lastRecordMs = nowMs
    const { downloadedBytes, uploadedBytes } = this.#allTraffic()
    if (downloadedBytes + uploadedBytes !== this.#recordedBytes) void this.#saveSettings()
  }

  /** Many changes at once decide about turns once; with many torrents, also those that follow at once. */
  #giveTurnsSoon(): void {
    if (this.#areTurnsDue) return
    this.#areTurnsDue = true
    const delayMs = this.#torrents.size > LIMITS.promptTurns ? LIMITS.tickMs : 0
    this.#ports.clock.after(delayMs, () => {
      if (!this.#isStopped) this.#giveTurns()
    })
  }

  #giveTurns(): void {
    this.#areTurnsDue = false
    const { maxActive } = this.#preferences.settings
    const active = chooseActive(this.#queue.torrents, maxActive)
    for (const torrent of this.#active) if (!active.has(torrent)) torrent.setTurn(false)
    for (const torrent of active) torrent.setTurn(true)
    this.#active = active
  }

  #refreshFreeBytes(nowMs: number): void {
    if (nowMs - this.#lastFreeMs < FREE_SPACE_MS) return
    this.#lastFreeMs = nowMs
    void this.#ports.storage
      .freeBytes(this.#preferences.settings.defaultFolder)
      .then((freeBytes) => {
        this.#freeBytes = isIoProblem(freeBytes) ? null : freeBytes
      })
  }

  #touch(id: string): void {
    this.#touched.add(id)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** What a user may set about trackers. */
function trackerSettings(
  settings: EngineSettings,
): Pick<TrackerSettings, 'minIntervalMs' | 'webRtc'> {
  const { minAnnounceMs, isWebRtcOn, isProxied, isAnonymous } = settings
  const hindrance = isProxied ? 'proxied' : isAnonymous ? 'anonymous' : null
  return { minIntervalMs: minAnnounceMs, webRtc: isWebRtcOn ? (hindrance ?? 'on') : 'off' }
}

/** For what earlier versions did not count. */
function trafficOf(records: readonly TorrentRecord[]): SavedTraffic {
  let downloadedBytes = 0
  let uploadedBytes = 0
  for (const { progress } of records) {
    downloadedBytes += progress.downloadedBytes
    uploadedBytes += progress.uploadedBytes
  }
  return { downloadedBytes, uploadedBytes }
}
