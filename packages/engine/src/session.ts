/**
 * A node's engine: all its torrents, what they share, and what a user may ask of them. Every command answers a refusal
 * or a problem as a value; nothing here throws for what the world did.
 */
import { fromHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { torrentId } from '@pigeon/protocol/info-hash'
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Magnet } from '@pigeon/protocol/magnet'
import { parseMagnet } from '@pigeon/protocol/magnet'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { encodeMetainfo, parseInfo, parseMetainfo } from '@pigeon/protocol/metainfo'
import { makePeerId } from '@pigeon/protocol/peer-id'
import { TrackerAccess } from './announce/tracker-access.ts'
import { BanList } from './blame.ts'
import type { Address, Ports, TorrentRecord } from './ports.ts'
import type { IoProblem, Refusal } from './problem.ts'
import { isIoProblem, refusal } from './problem.ts'
import { chooseActive, moveInQueue } from './queue.ts'
import { TokenBucket } from './rate.ts'
import { ReadMemory } from './read-cache.ts'
import { relieveBuffers } from './session/buffer-relief.ts'
import { Connector } from './session/connector.ts'
import type { EngineSettings } from './settings.ts'
import { LIMITS } from './settings.ts'
import type { TorrentDetail, TorrentSummary } from './torrent/describe.ts'
import { detailOf, summaryOf } from './torrent/describe.ts'
import type { FilePriority, TorrentLimits, TorrentOptions } from './torrent/options.ts'
import { decodeOptions, NO_LIMITS } from './torrent/options.ts'
import { Torrent } from './torrent/torrent.ts'
import type { TorrentWorld } from './torrent/transfer.ts'

export type AddSource =
  | { readonly kind: 'magnet'; readonly uri: string }
  /** A .torrent file. */
  | { readonly kind: 'metainfo'; readonly bytes: Uint8Array }
  /** http(s) address of a .torrent file. */
  | { readonly kind: 'url'; readonly url: string }

export interface AddOptions {
  readonly folder?: string
  readonly isPaused?: boolean
  readonly isSequential?: boolean
  /** Indexes of wanted files; all when absent. */
  readonly wantedFiles?: readonly number[]
  /** Numeric `address:port`, an IPv6 address in brackets. */
  readonly peers?: readonly string[]
  /** The caller made this torrent of these very files just now: they need no check. */
  readonly isKnownComplete?: boolean
}

export type Added = { readonly kind: 'added'; readonly id: string }
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
}

const TORRENT_FILE_BYTES = 32 * 1024 * 1024
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
    ports.storage.onRelease = () => {
      for (const torrent of this.#torrents.values()) torrent.transfer.buffersFreed()
    }
  }

  /** Opens the listening port and takes up the recorded torrents. A problem here means: the session does not run. */
  async start(): Promise<IoProblem | null> {
    const listening = await this.#connector.listen()
    if (listening !== null) return listening
    const records = await this.#ports.records.loadAll()
    if (isIoProblem(records)) {
      await this.#connector.close()
      return records
    }
    this.#loadLimits(await this.#ports.records.loadSettings())
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

  async add(source: AddSource, options: AddOptions): Promise<Added | Refusal | IoProblem> {
    const peers = (options.peers ?? []).map(parsePeer)
    const badPeer = peers.indexOf(null)
    if (badPeer >= 0) return notAPeer(options.peers?.[badPeer] ?? '')
    if (options.wantedFiles?.length === 0) return NO_FILES
    switch (source.kind) {
      case 'magnet':
        return this.#addMagnet(
          source.uri,
          options,
          peers.filter((peer) => peer !== null),
        )
      case 'metainfo':
        return this.#addMetainfo(
          source.bytes,
          options,
          peers.filter((peer) => peer !== null),
        )
      case 'url':
        return this.#addUrl(
          source.url,
          options,
          peers.filter((peer) => peer !== null),
        )
      default:
        return source satisfies never
    }
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
      torrent.transfer.swarm.addCandidates([address], 'user')
      return null
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

  async #addMagnet(
    uri: string,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    const parsed = parseMagnet(uri)
    if (!parsed.ok)
      return refusal('bad-magnet', parsed.fault.message, 'Copy the whole link again and retry.')
    const { magnet } = parsed
    if (magnet.infoHashes.v1 === null)
      return refusal(
        'bad-magnet',
        'This magnet names a v2 torrent only, which Pigeon cannot fetch yet.',
        'Use a magnet with a v1 info-hash (xt=urn:btih:...), which hybrid torrents have.',
      )
    const known = this.#torrents.get(torrentId(magnet.infoHashes))
    const tiers = magnet.trackers.map((url) => [url])
    if (known !== undefined) return this.#alreadyAdded(known, tiers, peers)
    return this.#admit(
      magnet.infoHashes,
      null,
      { ...this.#newOptions(options), ...aboutMagnet(magnet, options), trackers: tiers },
      [...peers, ...magnet.peers.filter((peer) => ipFamily(peer.host) !== null)],
    )
  }

  async #addMetainfo(
    bytes: Uint8Array,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    const parsed = parseMetainfo(bytes, { sha1: (part) => this.#ports.digest.sha1(part) })
    if (!parsed.ok) {
      const { message, where } = parsed.fault
      return refusal(
        'bad-torrent',
        `This torrent file is not valid: ${message} (${where})`,
        'Download it again; when that does not help, ask its publisher for another.',
      )
    }
    const { metainfo } = parsed
    const known = this.#torrents.get(torrentId(metainfo.infoHashes))
    if (known !== undefined) return this.#alreadyAdded(known, metainfo.trackers, peers)
    const beyond = options.wantedFiles?.find((index) => index >= metainfo.files.length)
    if (beyond !== undefined) return noSuchFile(beyond, metainfo.files.length)
    const chosen = new Set(options.wantedFiles)
    return this.#admit(
      metainfo.infoHashes,
      metainfo,
      {
        ...this.#newOptions(options),
        name: metainfo.name,
        trackers: metainfo.trackers,
        webSeeds: metainfo.webSeeds,
        comment: metainfo.comment,
        createdBy: metainfo.createdBy,
        creationDate: metainfo.creationDate,
        priorities:
          options.wantedFiles === undefined
            ? []
            : metainfo.files.map((_, index) => (chosen.has(index) ? 'normal' : 'skip')),
      },
      peers,
      options.isKnownComplete === true ? allPieces(metainfo) : undefined,
    )
  }

  async #addUrl(
    url: string,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    if (/^magnet:/i.test(url)) return this.#addMagnet(url, options, peers)
    if (!/^https?:\/\//i.test(url))
      return refusal(
        'bad-url',
        'Only http and https addresses of .torrent files can be added.',
        'Give an address that begins with http:// or https://, or a magnet link.',
      )
    const answer = await this.#ports.http.get(url, {
      limitBytes: TORRENT_FILE_BYTES,
      timeoutMs: 30_000,
      // The user typed it: a server in the same house is fine. A redirect from outside never leads inside.
      allowPrivate: true,
    })
    if (isIoProblem(answer)) return answer
    if (answer.status !== 200)
      return refusal(
        'bad-url',
        `The server answered ${answer.status} instead of a torrent file.`,
        'Check the address; the file may have moved.',
      )
    return this.#addMetainfo(answer.body, options, peers)
  }

  async #admit(
    infoHashes: InfoHashes,
    metainfo: Metainfo | null,
    options: TorrentOptions,
    peers: readonly Address[],
    verified: Uint8Array = new Uint8Array(0),
  ): Promise<Added | Refusal | IoProblem> {
    if (!options.folder.startsWith('/')) return badFolder(options.folder)
    const torrent = new Torrent(this.#world, {
      infoHashes,
      metainfo,
      options: {
        ...options,
        needsCheck: verified.length === 0,
        peers: peers.slice(0, LIMITS.rememberedPeers),
      },
      verified,
      totals: { downloadedBytes: 0, uploadedBytes: 0, seededMs: 0 },
    })
    this.#torrents.set(torrent.id, torrent)
    const problem = await torrent.save()
    if (problem !== null) {
      this.#torrents.delete(torrent.id)
      return problem
    }
    torrent.transfer.swarm.addCandidates(peers, 'user')
    torrent.log.write('info', 'Added')
    this.#giveTurnsSoon()
    return { kind: 'added', id: torrent.id }
  }

  async #alreadyAdded(
    torrent: Torrent,
    tiers: readonly (readonly string[])[],
    peers: readonly Address[],
  ): Promise<Refusal | IoProblem> {
    if (torrent.isEnding) return BEING_REMOVED
    torrent.transfer.swarm.addCandidates(peers, 'user')
    // A private torrent's trackers are its own: a copy of it cannot add others.
    if (torrent.metainfo?.isPrivate !== true) {
      const problem = await torrent.addTrackers(tiers)
      if (problem !== null) return problem
    }
    return refusal(
      'already-added',
      `This torrent is already in the list as "${toDisplay(torrent.name)}".`,
      'Trackers that were new have been added to it.',
    )
  }

  #newOptions(options: AddOptions): TorrentOptions {
    let position = -1
    for (const torrent of this.#torrents.values())
      position = Math.max(position, torrent.options.queuePosition)
    return {
      name: '',
      folder: options.folder ?? this.#settings.defaultFolder,
      trackers: [],
      webSeeds: [],
      comment: null,
      createdBy: null,
      creationDate: null,
      isPaused: options.isPaused ?? false,
      isSequential: options.isSequential ?? false,
      priorities: [],
      wantedFiles: null,
      limits: NO_LIMITS,
      addedAtMs: this.#ports.clock.wallMs(),
      finishedAtMs: null,
      queuePosition: position + 1,
      peers: [],
      foreignFiles: null,
      needsCheck: true,
    }
  }

  #takeUp(record: TorrentRecord): void {
    const parsed = record.infoBytes === null ? null : parseInfo(record.infoBytes)
    const metainfo = parsed?.ok === true ? parsed.metainfo : null
    const torrent = new Torrent(this.#world, {
      infoHashes: record.infoHashes,
      metainfo,
      options: decodeOptions(record.optionsJson, this.#newOptions({})),
      verified: record.progress.verified,
      totals: {
        downloadedBytes: record.progress.downloadedBytes,
        uploadedBytes: record.progress.uploadedBytes,
        seededMs: record.progress.seededMs,
      },
    })
    torrent.transfer.swarm.addCandidates(torrent.options.peers, 'user')
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

  #findSwarm(matches: (hashes: InfoHashes) => boolean): Torrent['transfer']['swarm'] | null {
    for (const torrent of this.#torrents.values())
      if (torrent.phase !== 'idle' && matches(torrent.infoHashes)) return torrent.transfer.swarm
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

/** `1.2.3.4:5` or `[2001:db8::1]:5`; `null` for anything else. */
export function parsePeer(text: string): Address | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || ipFamily(host) === null || port < 1 || port > 65_535) return null
  return { host, port }
}

function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function aboutMagnet(magnet: Magnet, options: AddOptions): Partial<TorrentOptions> {
  const wanted = options.wantedFiles?.map((index) => ({ first: index, last: index }))
  return {
    name: magnet.name ?? '',
    webSeeds: magnet.webSeeds,
    wantedFiles: wanted ?? magnet.selectOnly,
  }
}

function allPieces(metainfo: Metainfo): Uint8Array {
  return new Uint8Array(Math.ceil(metainfo.pieceCount / 8)).fill(0xff)
}

function unknownTorrent(id: string): Refusal {
  const short = fromHex(id) === null ? 'that' : id
  return refusal(
    'unknown-torrent',
    `There is no torrent ${short} here.`,
    'It may have been removed; look at the list again.',
  )
}

const NO_FILES: Refusal = refusal(
  'bad-value',
  'No file is chosen, so there is nothing to fetch.',
  'Choose at least one file, or leave the choice out to get all.',
)

const BEING_REMOVED: Refusal = refusal(
  'busy',
  'This torrent is being removed.',
  'Wait a moment, then look at the list again.',
)

function metadataUnknown(): Refusal {
  return refusal(
    'metadata-unknown',
    'What this torrent holds is not known yet.',
    'Wait until its metadata has come from a peer.',
  )
}

function noSuchFile(index: number, count: number): Refusal {
  return refusal(
    'bad-value',
    `There is no file ${index}: this torrent has ${count}, numbered from 0.`,
    'Choose among the files that its details list.',
  )
}

function notAPeer(text: string): Refusal {
  return refusal(
    'bad-value',
    `"${toDisplay(text, 64)}" is no peer address.`,
    'Give a numeric address and a port, such as 192.0.2.7:6881 or [2001:db8::7]:6881.',
  )
}

function badFolder(folder: string): Refusal {
  return refusal(
    'bad-path',
    `"${toDisplay(folder)}" is no absolute folder.`,
    'Give the whole path, from / on.',
  )
}
