/**
 * How torrents come in: what was given is read and judged, and becomes a torrent that is recorded before it counts.
 */
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { torrentId } from '@pigeon/protocol/info-hash'
import type { Magnet } from '@pigeon/protocol/magnet'
import { parseMagnet } from '@pigeon/protocol/magnet'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { parseMetainfo } from '@pigeon/protocol/metainfo'
import { fullBitfield } from '@pigeon/protocol/wire/bitfield'
import { layoutOf } from '../layout.ts'
import type { Address, Ports } from '../ports.ts'
import type { IoProblem, Refusal } from '../problem.ts'
import { isIoProblem } from '../problem.ts'
import { isAbsoluteFolder, LIMITS } from '../settings.ts'
import type { TorrentLimits, TorrentOptions } from '../torrent/options.ts'
import { NO_LIMITS } from '../torrent/options.ts'
import { Torrent } from '../torrent/torrent.ts'
import type { QueueOrder } from './queue-order.ts'
import type { TorrentWorld } from '../torrent/transfer.ts'
import { addMagnetPeers, addPeers, addTrackers } from '../torrent/wishes.ts'
import { canonicalHost, formatAddress, parsePeer } from './address-text.ts'
import {
  alreadyAdded,
  BEING_REMOVED,
  badFolder,
  badMagnet,
  badTorrent,
  NO_FILES,
  NOT_FOR_MAGNETS,
  NOT_A_WEB_ADDRESS,
  noSuchFile,
  notAPeer,
  notServed,
  tooMany,
  unknownCategory,
  V2_ONLY,
} from './refusals.ts'

export type AddSource =
  | { readonly kind: 'magnet'; readonly uri: string }
  /** A .torrent file. */
  | { readonly kind: 'metainfo'; readonly bytes: Uint8Array }
  /** http(s) address of a .torrent file; `isPublicOnly` refuses this machine and private networks. */
  | { readonly kind: 'url'; readonly url: string; readonly isPublicOnly?: boolean }

type UrlSource = Extract<AddSource, { kind: 'url' }>

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
  /** Where it goes, unless said otherwise, and its limits follow the category. */
  readonly category?: string
  readonly tags?: readonly string[]
  readonly limits?: Partial<TorrentLimits>
  /** Paused by itself once the metadata is known, before anything is fetched. */
  readonly stopAt?: 'metadata'
  readonly isForced?: boolean
  /** First in the queue rather than last. */
  readonly isFirst?: boolean
}

/** What a .torrent file holds, before it is added. Texts are raw. */
export interface TorrentPreview {
  readonly id: string
  readonly name: string
  /** As they would lie on disk; pad files are left out. */
  readonly files: readonly {
    readonly index: number
    readonly path: string
    readonly lengthBytes: number
  }[]
  readonly totalBytes: number
  readonly pieceCount: number
  readonly pieceLengthBytes: number
  readonly isPrivate: boolean
  readonly comment: string | null
  readonly trackers: readonly string[]
  /** It is in the list already. */
  readonly isKnown: boolean
}
export type Previewed = { readonly kind: 'preview'; readonly preview: TorrentPreview }

export type Added = { readonly kind: 'added'; readonly id: string }
export interface IntakeInit {
  readonly world: TorrentWorld
  /** All torrents by id, and in their order; new ones are put in here. */
  readonly torrents: Map<string, Torrent>
  readonly queue: QueueOrder<Torrent>
}

const TORRENT_FILE_BYTES = 32 * 1024 * 1024

export class Intake {
  readonly #world: TorrentWorld
  readonly #ports: Ports
  readonly #torrents: Map<string, Torrent>
  readonly #queue: QueueOrder<Torrent>

  constructor(init: IntakeInit) {
    this.#world = init.world
    this.#ports = init.world.ports
    this.#torrents = init.torrents
    this.#queue = init.queue
  }

  async add(source: AddSource, options: AddOptions): Promise<Added | Refusal | IoProblem> {
    const named = options.peers ?? []
    const peers = named.map(parsePeer).filter((peer) => peer !== null)
    if (peers.length < named.length)
      return notAPeer(named.find((text) => parsePeer(text) === null) ?? '')
    if (options.wantedFiles?.length === 0) return NO_FILES
    const refused = this.#judgeOptions(options)
    if (refused !== null) return refused
    switch (source.kind) {
      case 'magnet':
        return this.#addMagnet(source.uri, options, peers)
      case 'metainfo':
        return this.#addMetainfo(source.bytes, options, peers)
      case 'url':
        return this.#addUrl(source, options, peers)
      default:
        return source satisfies never
    }
  }

  /** What adding this would add. A magnet has nothing to look at. */
  async preview(source: AddSource): Promise<Previewed | Refusal | IoProblem> {
    if (source.kind === 'magnet') return NOT_FOR_MAGNETS
    const bytes = source.kind === 'url' ? await this.#fetch(source) : source.bytes
    if (!(bytes instanceof Uint8Array)) return bytes
    const parsed = parseMetainfo(bytes, { sha1: (part) => this.#ports.digest.sha1(part) })
    if (!parsed.ok) return badTorrent(parsed.fault)
    return { kind: 'preview', preview: this.#previewOf(parsed.metainfo) }
  }

  #previewOf(metainfo: Metainfo): TorrentPreview {
    const id = torrentId(metainfo.infoHashes)
    return {
      id,
      name: metainfo.name,
      files: layoutOf(metainfo)
        .files.filter((file) => !file.isPad)
        .map(({ fileIndex, path, lengthBytes }) => ({ index: fileIndex, path, lengthBytes })),
      totalBytes: metainfo.totalBytes,
      pieceCount: metainfo.pieceCount,
      pieceLengthBytes: metainfo.pieceLength,
      isPrivate: metainfo.isPrivate,
      comment: metainfo.comment,
      trackers: metainfo.trackers.flat(),
      isKnown: this.#torrents.has(id),
    }
  }

  #judgeOptions({ category, tags = [] }: AddOptions): Refusal | null {
    if (category !== undefined && this.#world.categories.get(category) === null)
      return unknownCategory(category)
    return tags.length > LIMITS.tagsPerTorrent ? tooMany('tags', LIMITS.tagsPerTorrent) : null
  }

  /** What a torrent starts with. */
  newOptions(options: AddOptions): TorrentOptions {
    const { categories, settings } = this.#world
    const category = categories.get(options.category ?? null)
    return {
      name: '',
      folder: options.folder ?? category?.folder ?? settings.defaultFolder,
      trackers: [],
      webSeeds: [],
      comment: null,
      createdBy: null,
      creationDate: null,
      isPaused: options.isPaused ?? false,
      isSequential: options.isSequential ?? false,
      priorities: [],
      wantedFiles: null,
      limits: { ...NO_LIMITS, ...options.limits },
      addedAtMs: this.#ports.clock.wallMs(),
      finishedAtMs: null,
      queueKey: options.isFirst === true ? this.#queue.firstKey : this.#queue.lastKey,
      isForced: options.isForced ?? false,
      isGoalWaived: false,
      category: category?.name ?? null,
      tags: [...new Set(options.tags)].sort(),
      stopAtMetadata: options.stopAt === 'metadata',
      shownName: null,
      renames: [],
      unfinishedRename: null,
      activeAtMs: null,
      wastedBytes: 0,
      peers: [],
      magnetPeers: [],
      foreignFiles: null,
      needsCheck: true,
    }
  }

  async #addMagnet(
    uri: string,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    const parsed = parseMagnet(uri)
    if (!parsed.ok) return badMagnet(parsed.fault.message)
    const { magnet } = parsed
    if (magnet.infoHashes.v1 === null) return V2_ONLY
    const known = this.#torrents.get(torrentId(magnet.infoHashes))
    const tiers = magnet.trackers.map((url) => [url])
    const magnetPeers = magnet.peers.flatMap(({ host, port }) => {
      const canonical = canonicalHost(host)
      return canonical === null ? [] : [{ host: canonical, port }]
    })
    if (known !== undefined) return this.#alreadyAdded(known, tiers, peers, magnetPeers)
    return this.#admit(
      magnet.infoHashes,
      null,
      { ...this.newOptions(options), ...aboutMagnet(magnet, options), trackers: tiers },
      peers,
      { magnetPeers },
    )
  }

  async #addMetainfo(
    bytes: Uint8Array,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    const parsed = parseMetainfo(bytes, { sha1: (part) => this.#ports.digest.sha1(part) })
    if (!parsed.ok) return badTorrent(parsed.fault)
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
        ...this.newOptions(options),
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
      options.isKnownComplete === true ? { verified: fullBitfield(metainfo.pieceCount) } : {},
    )
  }

  async #addUrl(
    source: UrlSource,
    options: AddOptions,
    peers: readonly Address[],
  ): Promise<Added | Refusal | IoProblem> {
    if (/^magnet:/i.test(source.url)) return this.#addMagnet(source.url, options, peers)
    const bytes = await this.#fetch(source)
    return bytes instanceof Uint8Array ? this.#addMetainfo(bytes, options, peers) : bytes
  }

  async #fetch({
    url,
    isPublicOnly = false,
  }: UrlSource): Promise<Uint8Array | Refusal | IoProblem> {
    if (/^magnet:/i.test(url)) return NOT_FOR_MAGNETS
    if (!/^https?:\/\//i.test(url)) return NOT_A_WEB_ADDRESS
    const answer = await this.#ports.http.get(url, {
      limitBytes: TORRENT_FILE_BYTES,
      timeoutMs: 30_000,
      // The owner typed it: a server in the same house is fine. A redirect from outside never leads inside.
      allowPrivate: !isPublicOnly,
    })
    if (isIoProblem(answer)) return answer
    if (answer.status !== 200) return notServed(answer.status)
    return answer.body
  }

  async #admit(
    infoHashes: InfoHashes,
    metainfo: Metainfo | null,
    options: TorrentOptions,
    peers: readonly Address[],
    known: { readonly verified?: Uint8Array; readonly magnetPeers?: readonly Address[] },
  ): Promise<Added | Refusal | IoProblem> {
    if (!isAbsoluteFolder(options.folder)) return badFolder(options.folder)
    const { verified = new Uint8Array(0), magnetPeers = [] } = known
    const torrent = new Torrent(this.#world, {
      infoHashes,
      metainfo,
      options: {
        ...options,
        needsCheck: verified.length === 0,
        peers: peers.slice(0, LIMITS.rememberedPeers),
        magnetPeers: magnetPeers.slice(0, LIMITS.rememberedPeers),
      },
      verified,
      totals: { downloadedBytes: 0, uploadedBytes: 0, seededMs: 0 },
      isRecorded: false,
    })
    torrent.log.write('info', 'Added')
    // The metadata came with it: there is nothing to wait for.
    if (metainfo !== null && options.stopAtMetadata) torrent.stopAtMetadata()
    this.#torrents.set(torrent.id, torrent)
    this.#queue.add(torrent)
    const problem = await torrent.save()
    if (problem !== null) {
      this.#torrents.delete(torrent.id)
      this.#queue.remove(torrent)
      this.#world.onChange(torrent.id)
      return problem
    }
    torrent.transfer.swarm.addCandidates(peers, 'user')
    torrent.transfer.swarm.addCandidates(magnetPeers, 'magnet')
    this.#nameNodes(metainfo, magnetPeers)
    this.#world.onTurnChange()
    return { kind: 'added', id: torrent.id }
  }

  /** Peers mostly have a node of the DHT at their port too. A private torrent must not lead there. */
  #nameNodes(metainfo: Metainfo | null, magnetPeers: readonly Address[]): void {
    const { reach } = this.#world
    if (metainfo?.isPrivate === true) return
    for (const node of [...magnetPeers, ...(metainfo?.dhtNodes ?? [])])
      reach.heardOfNamedNode(formatAddress(node))
  }

  async #alreadyAdded(
    torrent: Torrent,
    tiers: readonly (readonly string[])[],
    peers: readonly Address[],
    magnetPeers: readonly Address[] = [],
  ): Promise<Refusal | IoProblem> {
    if (torrent.isEnding) return BEING_REMOVED
    const unsaved = (await addPeers(torrent, peers)) ?? (await addMagnetPeers(torrent, magnetPeers))
    if (unsaved !== null) return unsaved
    // A private torrent's trackers are its own: a copy of it cannot add others.
    if (torrent.metainfo?.isPrivate !== true) {
      const problem = await addTrackers(torrent, tiers)
      if (problem !== null) return problem
    }
    return alreadyAdded(torrent.name)
  }
}

function aboutMagnet(magnet: Magnet, options: AddOptions): Partial<TorrentOptions> {
  const wanted = options.wantedFiles?.map((index) => ({ first: index, last: index }))
  return {
    name: magnet.name ?? '',
    webSeeds: magnet.webSeeds,
    wantedFiles: wanted ?? magnet.selectOnly,
  }
}
