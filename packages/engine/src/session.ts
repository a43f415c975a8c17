/**
 * A node's engine: all its torrents, what they share, and what a user may ask of them. Every command answers a refusal
 * or a problem as a value; nothing here throws for what the world did.
 */
import { toDisplay } from '@pigeon/protocol/display'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { encodeMetainfo, parseInfo } from '@pigeon/protocol/metainfo'
import { makePeerId } from '@pigeon/protocol/peer-id'
import { TrackerAccess } from './announce/tracker-access.ts'
import { BanList } from './blame.ts'
import type { Ports, TorrentRecord } from './ports.ts'
import type { IoProblem, Refusal } from './problem.ts'
import { isIoProblem } from './problem.ts'
import { chooseActive, moveInQueue } from './queue.ts'
import { TokenBucket } from './rate.ts'
import { ReadMemory } from './read-cache.ts'
import { formatAddress, parsePeer } from './session/address-text.ts'
import { relieveBuffers } from './session/buffer-relief.ts'
import type { FindTorrent } from './session/connector.ts'
import { Connector } from './session/connector.ts'
import type { Added, AddOptions, AddSource } from './session/intake.ts'
import { Intake } from './session/intake.ts'
import {
  BEING_REMOVED,
  badFolder,
  metadataUnknown,
  noSuchFile,
  notAPeer,
  unknownTorrent,
} from './session/refusals.ts'
import type { EngineSettings } from './settings.ts'
import { LIMITS } from './settings.ts'
import type { TorrentDetail, TorrentSummary } from './torrent/describe.ts'
import { detailOf, summaryOf } from './torrent/describe.ts'
import type { FilePriority, Goal, TorrentLimits } from './torrent/options.ts'
import { decodeOptions } from './torrent/options.ts'
import { Torrent } from './torrent/torrent.ts'
import type { TorrentWorld } from './torrent/transfer.ts'

export type { Added, AddOptions, AddSource } from './session/intake.ts'

export type Done = Refusal | IoProblem | null

export interface SessionSummary {
  readonly peerId: string
  readonly listening: string | null
  readonly problem: IoProblem | null
  readonly defaultFolder: string
  readonly downRate: number
  readonly upRate: number
  readonly downLimit: number | null
  readonly upLimit: number | null
  readonly maxActive: number
  readonly freeBytes: number | null
  readonly startedAtMs: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly allDownloadedBytes: number
  readonly allUploadedBytes: number
  readonly peersConnected: number
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  readonly uploadSlots: number
  readonly ratioGoal: number | null
  readonly seedMsGoal: number | null
  readonly idleMsGoal: number | null
  readonly alternative: AlternativeLimits
  readonly categories: readonly Category[]
  readonly configured: readonly string[]
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

export interface Schedule {
  readonly days: Weekday[]
  readonly fromMinute: number
  readonly toMinute: number
}

export interface AlternativeLimits {
  readonly isOn: boolean
  readonly down: number | null
  readonly up: number | null
  readonly schedule: Schedule | null
}

export interface Category {
  readonly name: string
  readonly folder: string | null
  readonly limits: {
    readonly down: number | null
    readonly up: number | null
    readonly ratio: Goal
    readonly seedMs: Goal
  }
}

const FREE_SPACE_MS = 10_000
/** How often buffers are taken from pieces that nobody finishes. */
const RELIEF_MS = 1_000

export class Session {
  readonly #ports: Ports
  readonly #settings: EngineSettings
  readonly #torrents = new Map<string, Torrent>()
  readonly #listeners = new Set<() => void>()
  readonly #world: TorrentWorld
  readonly #connector: Connector
  readonly #trackers: TrackerAccess
  readonly #intake: Intake
  #maxActive: number
  #problem: IoProblem | null = null
  #freeBytes: number | null = null
  #lastFreeMs = Number.NEGATIVE_INFINITY
  #isStopped = false
  #areTurnsDue = false
  #lastReliefMs = Number.NEGATIVE_INFINITY

  constructor(ports: Ports, settings: EngineSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#maxActive = settings.maxActive
    const nowMs = ports.clock.nowMs()
    const peerId = makePeerId((below) => ports.random.int(below))
    this.#connector = new Connector({
      ports,
      settings,
      peerId,
      bans: new BanList(),
      findTorrent: (matches) => this.#findSwarm(matches),
    })
    this.#trackers = new TrackerAccess(ports, { minIntervalMs: settings.minAnnounceMs })
    this.#world = {
      ports,
      settings,
      peerId,
      announceKey: ports.random.int(2 ** 32),
      connector: this.#connector,
      trackers: this.#trackers,
      downBucket: new TokenBucket(settings.downLimit, nowMs),
      upBucket: new TokenBucket(settings.upLimit, nowMs),
      readMemory: new ReadMemory(settings.readCacheBytes),
      onChange: () => this.#changed(),
      onTurnChange: () => this.#giveTurnsSoon(),
    }
    this.#intake = new Intake({ world: this.#world, ports, settings, torrents: this.#torrents })
    ports.storage.onRelease = () => {
      for (const torrent of this.#torrents.values()) torrent.transfer.buffersFreed()
    }
  }

  /** Opens the listening port and takes up the recorded torrents. A problem here means: the session does not run. */
  async start(): Promise<IoProblem | null> {
    const records = await this.#ports.records.loadAll()
    if (isIoProblem(records)) return records
    this.#loadLimits(await this.#ports.records.loadSettings())
    const listening = await this.#connector.listen()
    if (listening !== null) return listening
    for (const record of records) this.#takeUp(record)
    this.#giveTurns()
    this.#scheduleTick()
    return null
  }

  /** Says goodbye to trackers, makes all that is verified durable, and lets go of every file and socket. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    await Promise.all([...this.#torrents.values()].map((torrent) => torrent.shutDown()))
    this.#trackers.close()
    await this.#connector.close()
  }

  add(source: AddSource, options: AddOptions): Promise<Added | Refusal | IoProblem> {
    return this.#intake.add(source, options)
  }

  pause(id: string): Promise<Done> {
    return this.#with(id, (torrent) => torrent.pause())
  }

  resume(id: string): Promise<Done> {
    return this.#with(id, (torrent) => torrent.resume())
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
      this.#world.onTurnChange()
      this.#changed()
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
    return this.#with(id, (torrent) => torrent.setSequential(isSequential))
  }

  setLimits(id: string, limits: Partial<TorrentLimits>): Promise<Done> {
    return this.#with(id, (torrent) => torrent.setLimits(limits))
  }

  /** Moves these together, in their present order. */
  async queue(ids: readonly string[], to: 'top' | 'up' | 'down' | 'bottom'): Promise<Done> {
    const unknown = ids.find((id) => !this.#torrents.has(id))
    if (unknown !== undefined) return unknownTorrent(unknown)
    const order = [...this.#torrents.values()]
      .sort((one, other) => one.options.queuePosition - other.options.queuePosition)
      .map((torrent) => torrent.id)
    let problem: IoProblem | null = null
    for (const [position, id] of moveInQueue(order, ids, to).entries()) {
      const torrent = this.#torrents.get(id)
      if (torrent === undefined || torrent.options.queuePosition === position) continue
      torrent.options.queuePosition = position
      problem ??= await torrent.save()
    }
    this.#giveTurns()
    return problem
  }

  addPeer(id: string, peer: string): Promise<Done> {
    return this.#with(id, (torrent) => {
      const address = parsePeer(peer)
      if (address === null) return notAPeer(peer)
      return torrent.addPeers([address])
    })
  }

  async setSession(limits: {
    readonly downLimit?: number | null
    readonly upLimit?: number | null
    readonly maxActive?: number
  }): Promise<Done> {
    const nowMs = this.#ports.clock.nowMs()
    if (limits.downLimit !== undefined) this.#world.downBucket.setLimit(limits.downLimit, nowMs)
    if (limits.upLimit !== undefined) this.#world.upBucket.setLimit(limits.upLimit, nowMs)
    if (limits.maxActive !== undefined) this.#maxActive = limits.maxActive
    this.#giveTurns()
    this.#changed()
    const { downBucket, upBucket } = this.#world
    return this.#ports.records.saveSettings(
      JSON.stringify({
        downLimit: downBucket.limit,
        upLimit: upBucket.limit,
        maxActive: this.#maxActive,
      }),
    )
  }

  rename(id: string, _path: string | null, _name: string): Promise<Done> {
    return this.#with(id, () => null)
  }

  setTrackers(id: string, _tiers: readonly (readonly string[])[]): Promise<Done> {
    return this.#with(id, () => null)
  }

  setCategory(id: string, _category: string | null): Promise<Done> {
    return this.#with(id, () => null)
  }

  tag(
    id: string,
    _change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<Done> {
    return this.#with(id, () => null)
  }

  saveCategory(_change: { readonly name: string }): Done {
    return null
  }

  removeCategory(_name: string): Done {
    return null
  }

  preview(_source: AddSource): Refusal {
    return metadataUnknown()
  }

  /** In the order in which they were added. */
  list(): readonly TorrentSummary[] {
    const nowMs = this.#ports.clock.nowMs()
    return [...this.#torrents.values()].map((torrent) => summaryOf(torrent, nowMs))
  }

  summary(): SessionSummary {
    const nowMs = this.#ports.clock.nowMs()
    const { listening } = this.#connector
    let downRate = 0
    let upRate = 0
    for (const torrent of this.#torrents.values()) {
      downRate += torrent.transfer.down.rate(nowMs)
      upRate += torrent.transfer.up.rate(nowMs)
    }
    this.#refreshFreeBytes(nowMs)
    return {
      peerId: toDisplay(this.#world.peerId),
      listening: listening === null ? null : formatAddress(listening),
      problem: this.#problem,
      defaultFolder: this.#settings.defaultFolder,
      downRate,
      upRate,
      downLimit: this.#world.downBucket.limit,
      upLimit: this.#world.upBucket.limit,
      maxActive: this.#maxActive,
      freeBytes: this.#freeBytes,
      startedAtMs: 0,
      downloadedBytes: 0,
      uploadedBytes: 0,
      allDownloadedBytes: 0,
      allUploadedBytes: 0,
      peersConnected: 0,
      maxPeers: this.#settings.maxPeers,
      maxPeersPerTorrent: this.#settings.maxPeersPerTorrent,
      uploadSlots: this.#settings.uploadSlots,
      ratioGoal: this.#settings.ratioGoal,
      seedMsGoal: this.#settings.seedMsGoal,
      idleMsGoal: null,
      alternative: { isOn: false, down: null, up: null, schedule: null },
      categories: [],
      configured: [],
    }
  }

  detail(id: string): TorrentDetail | null {
    const torrent = this.#torrents.get(id)
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

  #takeUp(record: TorrentRecord): void {
    const parsed = record.infoBytes === null ? null : parseInfo(record.infoBytes)
    const metainfo = parsed?.ok === true ? parsed.metainfo : null
    const torrent = new Torrent(this.#world, {
      infoHashes: record.infoHashes,
      metainfo,
      options: decodeOptions(record.optionsJson, this.#intake.newOptions({})),
      verified: record.progress.verified,
      totals: {
        downloadedBytes: record.progress.downloadedBytes,
        uploadedBytes: record.progress.uploadedBytes,
        seededMs: record.progress.seededMs,
      },
    })
    torrent.transfer.swarm.addCandidates(torrent.options.peers, 'user')
    torrent.transfer.swarm.addCandidates(torrent.options.magnetPeers, 'magnet')
    this.#torrents.set(torrent.id, torrent)
  }

  #loadLimits(json: string | null): void {
    if (json === null) return
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch {
      return
    }
    if (typeof value !== 'object' || value === null) return
    const nowMs = this.#ports.clock.nowMs()
    const limit = (found: unknown): found is number | null =>
      found === null || (typeof found === 'number' && found >= 0)
    if ('downLimit' in value && limit(value.downLimit))
      this.#world.downBucket.setLimit(value.downLimit, nowMs)
    if ('upLimit' in value && limit(value.upLimit))
      this.#world.upBucket.setLimit(value.upLimit, nowMs)
    if ('maxActive' in value && typeof value.maxActive === 'number' && value.maxActive >= 1)
      this.#maxActive = value.maxActive
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
    this.#connector.tick(nowMs)
    for (const torrent of this.#torrents.values()) torrent.tick(nowMs)
    if (nowMs - this.#lastReliefMs < RELIEF_MS) return
    this.#lastReliefMs = nowMs
    const gatherings = [...this.#torrents.values()].map((torrent) => torrent.transfer.gathering)
    relieveBuffers(
      gatherings.filter((gathering) => gathering !== null),
      nowMs,
    )
  }

  /** Many changes at once decide about turns once. */
  #giveTurnsSoon(): void {
    if (this.#areTurnsDue) return
    this.#areTurnsDue = true
    this.#ports.clock.after(0, () => {
      if (!this.#isStopped) this.#giveTurns()
    })
  }

  #giveTurns(): void {
    this.#areTurnsDue = false
    const active = chooseActive(
      [...this.#torrents.values()].map((torrent) => ({
        id: torrent.id,
        position: torrent.options.queuePosition,
        wantsTurn: torrent.isWilling,
        isFinished: torrent.isFinished,
      })),
      this.#maxActive,
    )
    for (const torrent of this.#torrents.values()) torrent.setTurn(active.has(torrent.id))
  }

  #refreshFreeBytes(nowMs: number): void {
    if (nowMs - this.#lastFreeMs < FREE_SPACE_MS) return
    this.#lastFreeMs = nowMs
    void this.#ports.storage.freeBytes(this.#settings.defaultFolder).then((freeBytes) => {
      this.#freeBytes = isIoProblem(freeBytes) ? null : freeBytes
    })
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
