/** A session without an engine: does what it is told at once, and keeps its texts as raw as hostile peers write them. */
import type {
  AddOptions,
  AddSource,
  CategoryChange,
  ControlledSession,
  Done,
  MaybePromise,
  QueueMove,
  RawNetworkStatus,
  RawSessionSummary,
  RawTorrentDetail,
  RawTorrentSummary,
  RawWireEvent,
  SessionChange,
  SessionProblem,
} from '../controlled-session.ts'
import type { DhtAccess } from '@pigeon/engine/dht-access'
import { silentNetwork } from '@pigeon/engine/network-summary'
import { AWKWARD_CLIENTS, AWKWARD_FILES, AWKWARD_NAMES } from './awkward-names.ts'

const UNKNOWN: SessionProblem = {
  kind: 'refusal',
  code: 'unknown-torrent',
  message: 'There is no such torrent here.',
  help: 'It may have been removed: look at the list again.',
}

const MIB = 1024 * 1024

export class FakeSession implements ControlledSession {
  /** What was asked for, as `method id`, in order. */
  readonly calls: string[] = []
  readonly #torrents = new Map<string, RawTorrentSummary>()
  readonly #listeners = new Set<() => void>()
  #limits: SessionChange = { downLimit: null, upLimit: null, maxActive: 8 }

  constructor(torrentCount = 3) {
    for (let index = 0; index < torrentCount; index += 1) {
      const name = AWKWARD_NAMES[index % AWKWARD_NAMES.length] ?? 'torrent'
      this.#put(summaryOf(index, name))
    }
  }

  /** Changes a torrent, as the world would. */
  change(id: string, fields: Partial<RawTorrentSummary>): void {
    const torrent = this.#torrents.get(id)
    if (torrent !== undefined) this.#put({ ...torrent, ...fields })
  }

  add(source: AddSource, options: AddOptions): { kind: 'added'; id: string } | SessionProblem {
    if (source.kind === 'magnet' && !source.uri.startsWith('magnet:')) {
      return {
        kind: 'refusal',
        code: 'bad-magnet',
        message: 'No magnet\u001b[2J.',
        help: 'Copy it.',
      }
    }
    const index = this.#torrents.size
    const state = options.isPaused === true ? 'paused' : 'downloading'
    const torrent = {
      ...summaryOf(index, 'added'),
      state,
      folder: options.folder ?? '/data',
    } as const
    this.#put(torrent)
    this.calls.push(`add ${source.kind}`)
    return { kind: 'added', id: torrent.id }
  }

  pause(id: string): MaybePromise<Done> {
    return this.#on('pause', id, (torrent) => ({ ...torrent, state: 'paused', downRate: 0 }))
  }

  resume(id: string): Done {
    return this.#on('resume', id, (torrent) => ({ ...torrent, state: 'downloading' }))
  }

  remove(id: string, options: { readonly deleteData: boolean }): Done {
    const refused = this.#on(options.deleteData ? 'delete' : 'remove', id, (torrent) => torrent)
    this.#torrents.delete(id)
    return refused
  }

  recheck(id: string): Done {
    return this.#on('recheck', id, (torrent) => ({ ...torrent, state: 'checking', progress: 0 }))
  }

  reannounce(id: string): Done {
    return this.#on('reannounce', id, (torrent) => torrent)
  }

  move(id: string, folder: string): Done {
    return this.#on('move', id, (torrent) => ({ ...torrent, folder }))
  }

  setFiles(id: string): Done {
    return this.#on('setFiles', id, (torrent) => torrent)
  }

  setSequential(id: string, isSequential: boolean): Done {
    return this.#on('setSequential', id, (torrent) => ({ ...torrent, isSequential }))
  }

  setLimits(id: string): Done {
    return this.#on('setLimits', id, (torrent) => torrent)
  }

  queue(ids: readonly string[], to: QueueMove): Done {
    this.calls.push(`queue ${to} ${ids.length}`)
    return null
  }

  readonly dht: DhtAccess | null = null

  network(): RawNetworkStatus {
    return silentNetwork('prefer')
  }

  inspect(_id: string, _peer: number, listener: (event: RawWireEvent) => void): () => void {
    listener({ kind: 'ended' })
    return () => {}
  }

  addPeer(id: string, peer: string): Done {
    return this.#on(`addPeer ${peer}`, id, (torrent) => torrent)
  }

  rename(id: string, path: string | null, name: string): Done {
    return this.#on(`rename ${path ?? ''}`, id, (torrent) => ({ ...torrent, name }))
  }

  setTrackers(id: string, tiers: readonly (readonly string[])[]): Done {
    return this.#on(`setTrackers ${tiers.length}`, id, (torrent) => torrent)
  }

  setCategory(id: string, category: string | null): Done {
    return this.#on('setCategory', id, (torrent) => ({ ...torrent, category }))
  }

  tag(id: string, change: { readonly add: readonly string[] }): Done {
    return this.#on('tag', id, (torrent) => ({ ...torrent, tags: change.add }))
  }

  saveCategory(change: CategoryChange): Done {
    this.calls.push(`saveCategory ${change.name}`)
    return null
  }

  removeCategory(name: string): Done {
    this.calls.push(`removeCategory ${name}`)
    return null
  }

  preview(source: AddSource): ReturnType<ControlledSession['preview']> {
    if (source.kind === 'magnet') return UNKNOWN
    return {
      kind: 'preview',
      preview: {
        id: 'a'.repeat(40),
        name: 'preview\u001b[2J',
        files: [{ index: 0, path: 'preview\u001b[2J/one', lengthBytes: 1000 }],
        totalBytes: 1000,
        pieceCount: 1,
        pieceLengthBytes: 16_384,
        isPrivate: false,
        comment: null,
        trackers: [],
        isKnown: false,
      },
    }
  }

  setSession(limits: SessionChange): Done {
    this.#limits = { ...this.#limits, ...limits }
    this.#tell()
    return null
  }

  list(): readonly RawTorrentSummary[] {
    return [...this.#torrents.values()]
  }

  summary(): RawSessionSummary {
    return {
      peerId: '-PG0100-abcdefghijkl',
      listening: '0.0.0.0:6881',
      problem: null,
      defaultFolder: '/data',
      downRate: 0,
      upRate: 0,
      downLimit: this.#limits.downLimit ?? null,
      upLimit: this.#limits.upLimit ?? null,
      maxActive: this.#limits.maxActive ?? 8,
      freeBytes: 1e12,
      startedAtMs: 1_700_000_000_000,
      downloadedBytes: 0,
      uploadedBytes: 0,
      allDownloadedBytes: 0,
      allUploadedBytes: 0,
      peersConnected: 3,
      maxPeers: 200,
      maxPeersPerTorrent: 50,
      uploadSlots: 8,
      ratioGoal: null,
      seedMsGoal: null,
      idleMsGoal: null,
      alternative: { isOn: false, down: null, up: null, schedule: null },
      categories: [],
      configured: [],
      isDhtOn: true,
      isPexOn: true,
      isLsdOn: false,
      isUtpOn: true,
      isWebRtcOn: true,
      encryption: 'prefer',
      isPortMappingOn: false,
      isAnonymous: false,
      isProxied: false,
    }
  }

  detail(id: string): RawTorrentDetail | null {
    const summary = this.#torrents.get(id)
    return summary === undefined ? null : detailOf(summary)
  }

  metainfo(id: string): Uint8Array | null {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined || torrent.state === 'metadata') return null
    return new TextEncoder().encode(`d4:infod6:lengthi1e4:name1:ae2:id40:${id}e`)
  }

  onChange(callback: () => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  #on(call: string, id: string, change: (torrent: RawTorrentSummary) => RawTorrentSummary): Done {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined) return UNKNOWN
    this.calls.push(`${call} ${id}`)
    this.#put(change(torrent))
    return null
  }

  #put(torrent: RawTorrentSummary): void {
    this.#torrents.set(torrent.id, torrent)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function summaryOf(index: number, name: string): RawTorrentSummary {
  const id = index.toString(16).padStart(40, 'a')
  return {
    id,
    name,
    infoHashV1: id,
    infoHashV2: null,
    state: index === 2 ? 'metadata' : 'downloading',
    problem:
      index === 1
        ? { code: 'tracker', message: 'It said \u001b]0;owned\u0007', help: 'Wait.\nThen\u202E' }
        : null,
    wantedBytes: 100 * MIB,
    doneBytes: 10 * MIB,
    progress: 0.1,
    downRate: 1000,
    upRate: 10,
    downloadedBytes: 10 * MIB,
    uploadedBytes: MIB,
    ratio: 0.1,
    etaMs: 94_371_840,
    peersConnected: 3,
    seedsConnected: 1,
    swarmSeeds: null,
    swarmLeechers: 7,
    addedAtMs: 1_700_000_000_000 + index,
    finishedAtMs: null,
    folder: '/data',
    isPrivate: false,
    isSequential: false,
    queuePosition: index,
    totalBytes: 100 * MIB,
    hasMetadata: index !== 2,
    category: null,
    tags: [],
    isForced: false,
    availability: null,
    seededMs: 0,
    activeAtMs: null,
    tracker: 'tracker.example\u001b[2J',
    limits: {
      down: null,
      up: null,
      ratio: 2,
      seedMs: null,
      idleMs: null,
      maxPeers: null,
      ignoresSession: false,
      priority: 'normal',
    },
  }
}

function detailOf(summary: RawTorrentSummary): RawTorrentDetail {
  return {
    summary,
    files: AWKWARD_FILES.map((path, index) => ({
      index,
      path: `${path}\u0000\u202E`,
      lengthBytes: 1000,
      doneBytes: 0,
      priority: 'normal',
    })),
    peers: AWKWARD_CLIENTS.map((client, index) => ({
      address: `198.51.100.${index + 1}:6881`,
      client,
      direction: 'outgoing',
      number: 1,
      transport: 'tcp',
      isEncrypted: false,
      source: 'tracker',
      progress: 0.5,
      downRate: 1,
      upRate: 2,
      isChokingUs: true,
      isChokedByUs: true,
      isInterestedInUs: false,
      areWeInterested: true,
      isSnubbed: false,
      downloadedBytes: 0,
      uploadedBytes: 0,
      connectedMs: 0,
    })),
    trackers: [
      {
        url: 'http://tracker.example/\u001b[2J',
        tier: 0,
        state: 'failing',
        message: 'no\r\nINFO: forged line\u0085',
        seeds: null,
        leechers: null,
        nextAnnounceInMs: 1000,
        lastAnnounceAtMs: null,
      },
    ],
    pieces: {
      count: 12,
      lengthBytes: MIB,
      verified: Uint8Array.of(0b1010_0000, 0b0001_0000),
      availability: new Uint8Array(12),
      active: [],
    },
    log: [{ atMs: 1_700_000_000_000, level: 'warn', text: 'peer says \u001b[31mhello' }],
    comment: 'comment\u2028two',
    createdBy: '\u0007bell',
    createdAtMs: null,
    magnet: `magnet:?xt=urn:btih:${summary.id}`,
    webSeeds: [],
    wastedBytes: 0,
  }
}
