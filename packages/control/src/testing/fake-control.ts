/**
 * A control without a node, for tests and for work on screens: made-up torrents with awkward names. Nothing moves by
 * itself: `step()` is the passing of time, and the same seed gives the same story.
 */
import { toDisplay } from '@pigeon/protocol/display'
import { checkCommand } from '../check-command.ts'
import { AVAILABILITY_BINS } from '../contract.ts'
import type {
  AddSource,
  Category,
  Command,
  CommandResult,
  Control,
  FileDetail,
  FolderListing,
  LogLine,
  PeerDetail,
  Problem,
  SessionSummary,
  TorrentDetail,
  TorrentLimits,
  TorrentPreview,
  TorrentState,
  TorrentSummary,
  TrackerDetail,
  Update,
} from '../contract.ts'
import { CLOSED, DHT_OFF, failed, isProblem, problem, UNKNOWN_TORRENT } from '../problems.ts'
import type { DhtAnswer, DhtQuery, NetworkStatus, WireEvent, WireTarget } from '../network.ts'
import { fakeDhtAnswer, fakeNetwork, fakeWire } from './fake-network.ts'
import { UpdateFeed } from '../update-feed.ts'
import { AWKWARD_CLIENTS, AWKWARD_FILES, AWKWARD_NAMES } from './awkward-names.ts'

export interface FakeOptions {
  /** 12 when absent. */
  readonly torrentCount?: number
  readonly seed?: number
}

const MIB = 1024 * 1024
/** When the story begins: 2026-01-01 12:00 UTC. */
const START_MS = Date.UTC(2026, 0, 1, 12)

const STATES: readonly TorrentState[] = [
  'downloading',
  'seeding',
  'downloading',
  'metadata',
  'checking',
  'paused',
  'queued',
  'error',
  'moving',
]

const FULL_DISK: Problem = {
  code: 'disk-full',
  message: 'The disk that holds /home/ana/Downloads is full.',
  help: 'Free some space, then resume the torrent.',
}

const NO_LIMITS: TorrentLimits = {
  down: null,
  up: null,
  ratio: null,
  seedMs: null,
  idleMs: null,
  maxPeers: null,
  ignoresSession: false,
  priority: 'normal',
}

const CATEGORIES: readonly Category[] = [
  {
    name: 'films',
    folder: '/home/ana/Films',
    limits: { down: null, up: 2 * 1024 * 1024, ratio: 2, seedMs: null },
  },
  {
    name: 'linux',
    folder: null,
    limits: { down: null, up: null, ratio: 'never', seedMs: null },
  },
]

interface AddedWith {
  readonly folder?: string | undefined
  readonly isPaused?: boolean | undefined
  readonly category?: string | undefined
  readonly tags?: readonly string[] | undefined
}

interface WireWatcher {
  readonly listener: (event: WireEvent) => void
  count: number
}

interface FakeTorrent {
  summary: TorrentSummary
  files: readonly FileDetail[]
  peers: readonly PeerDetail[]
  trackers: readonly TrackerDetail[]
  log: readonly LogLine[]
}

export class FakeControl implements Control {
  /** All commands that were run, in order. */
  readonly commands: Command[] = []
  readonly #torrents = new Map<string, FakeTorrent>()
  readonly #feed: UpdateFeed
  #session: SessionSummary
  #seed: number
  #nowMs = START_MS
  #isClosed = false
  readonly #wireWatchers = new Set<WireWatcher>()

  constructor(options: FakeOptions = {}) {
    this.#seed = options.seed ?? 1
    for (let index = 0; index < (options.torrentCount ?? 12); index += 1) {
      const torrent = this.#invent(index)
      this.#torrents.set(torrent.summary.id, torrent)
    }
    this.#session = sessionOf()
    this.#feed = new UpdateFeed(this.#session, this.#summaries())
    this.#publish()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The list as it is now. */
  get torrents(): readonly TorrentSummary[] {
    return this.#summaries()
  }

  /** Lets time pass: rates change, downloads grow, finished ones seed. One diff comes of it. */
  step(elapsedMs = 500): void {
    this.#nowMs += elapsedMs
    for (const torrent of this.#torrents.values()) {
      torrent.summary = this.#moved(torrent.summary, elapsedMs)
    }
    this.#publish()
    for (const watcher of this.#wireWatchers) this.#tellWire(watcher)
  }

  #tellWire(watcher: WireWatcher): void {
    const messages = fakeWire(watcher.count, this.#nowMs)
    watcher.count += messages.length
    watcher.listener({ kind: 'messages', messages, leftOut: 0 })
  }

  /** Changes a torrent as a test likes. */
  change(id: string, fields: Partial<TorrentSummary>): void {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined) return
    torrent.summary = { ...torrent.summary, ...fields }
    this.#publish()
  }

  /** Changes what is said about the node, such as its jobs. */
  changeSession(fields: Partial<SessionSummary>): void {
    this.#session = { ...this.#session, ...fields }
    this.#publish()
  }

  /** Tells listeners that the line is down. */
  goOffline(reason: Problem): void {
    this.#feed.tell({ kind: 'offline', problem: reason })
  }

  /** Tells listeners that the line is up again: a snapshot. */
  goOnline(): void {
    this.#feed.tell(this.#feed.snapshot())
  }

  run(unchecked: Command): Promise<CommandResult> {
    if (this.#isClosed) return Promise.resolve(failed(CLOSED))
    const command = checkCommand(unchecked)
    if (isProblem(command)) return Promise.resolve(failed(command))
    this.commands.push(command)
    const result = this.#perform(command)
    this.#publish()
    return Promise.resolve(result)
  }

  detail(id: string): Promise<TorrentDetail | null> {
    const torrent = this.#torrents.get(id)
    return Promise.resolve(torrent === undefined ? null : detailOf(torrent))
  }

  metainfo(id: string): Promise<Uint8Array | null> {
    const torrent = this.#torrents.get(id)
    if (torrent === undefined || torrent.summary.state === 'metadata') return Promise.resolve(null)
    return Promise.resolve(new TextEncoder().encode(`d4:infod6:lengthi1e4:name1:ae2:id40:${id}e`))
  }

  network(): Promise<NetworkStatus | Problem> {
    return Promise.resolve(this.#isClosed ? CLOSED : fakeNetwork(this.#session))
  }

  dht(query: DhtQuery): Promise<DhtAnswer | Problem> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    return Promise.resolve(this.#session.isDhtOn ? fakeDhtAnswer(query) : DHT_OFF)
  }

  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    const peers = this.#torrents.get(target.torrent)?.peers ?? []
    if (!peers.some(({ number }) => number === target.peer)) {
      listener({ kind: 'ended', problem: null })
      return () => {}
    }
    const watcher = { listener, count: 0 }
    this.#wireWatchers.add(watcher)
    this.#tellWire(watcher)
    return () => this.#wireWatchers.delete(watcher)
  }

  preview(source: AddSource): Promise<TorrentPreview | Problem> {
    if (source.kind === 'magnet') {
      return Promise.resolve(
        problem('metadata-unknown', 'A magnet names no files.', 'Add it, then choose its files.'),
      )
    }
    const { summary, files } = this.#invent(this.#torrents.size)
    return Promise.resolve({
      id: summary.id,
      name: summary.name,
      files: files.map(({ index, path, lengthBytes }) => ({ index, path, lengthBytes })),
      totalBytes: summary.totalBytes,
      pieceCount: Math.ceil(summary.totalBytes / MIB),
      pieceLengthBytes: MIB,
      isPrivate: summary.isPrivate,
      comment: 'Made up.',
      trackers: TRACKERS.map(({ url }) => url),
      isKnown: false,
    })
  }

  browse(path: string | null): Promise<FolderListing | Problem> {
    const at = path ?? ROOT_FOLDER
    if (at !== ROOT_FOLDER && !at.startsWith(`${ROOT_FOLDER}/`)) return Promise.resolve(OUTSIDE)
    const depth = at.split('/').length
    return Promise.resolve({
      path: at,
      parent: at === ROOT_FOLDER ? null : at.slice(0, at.lastIndexOf('/')),
      entries: [
        ...(depth > 6
          ? []
          : ['Films', 'Music', 'New‮fdp'].map((name) => ({
              name: toDisplay(name),
              path: `${at}/${name}`,
              kind: 'folder' as const,
              lengthBytes: null,
            }))),
        { name: 'notes.txt', path: `${at}/notes.txt`, kind: 'file', lengthBytes: 1234 },
      ],
      isCut: false,
      freeBytes: 123_456_789_012,
    })
  }

  watch(listener: (update: Update) => void): () => void {
    return this.#feed.watch(listener)
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#feed.close()
    return Promise.resolve()
  }

  #perform(command: Command): CommandResult {
    switch (command.do) {
      case 'add':
        return this.#add(command.source.kind === 'magnet' ? 'metadata' : 'downloading', command)
      case 'share':
        return this.#add('seeding', { ...command, folder: command.path })
      case 'set-session':
        this.#session = changedSession(this.#session, command)
        return { ok: true, ids: [] }
      case 'save-category':
        this.#session = {
          ...this.#session,
          categories: changedCategories(this.#session.categories, command),
        }
        return { ok: true, ids: [] }
      case 'remove-category':
        this.#removeCategory(command.name)
        return { ok: true, ids: [] }
      case 'cancel-job':
        this.#session = {
          ...this.#session,
          jobs: this.#session.jobs.filter(({ id }) => id !== command.job),
        }
        return { ok: true, ids: [] }
      case 'shut-down':
        return { ok: true, ids: [] }
      case 'set-files':
      case 'rename':
      case 'set-trackers':
      case 'add-peer':
        return this.#forEach([command.id], (torrent) => applyOne(torrent, command))
      case 'remove':
        return this.#forEach(command.ids, ({ summary }) => this.#torrents.delete(summary.id))
      default:
        return this.#forEach(command.ids, (torrent) => applyMany(torrent, command))
    }
  }

  #removeCategory(name: string): void {
    const categories = this.#session.categories.filter((each) => each.name !== name)
    this.#session = { ...this.#session, categories }
    for (const torrent of this.#torrents.values()) {
      if (torrent.summary.category === name) {
        torrent.summary = { ...torrent.summary, category: null }
      }
    }
  }

  #add(state: TorrentState, options: AddedWith): CommandResult {
    const torrent = this.#invent(this.#torrents.size)
    torrent.summary = {
      ...torrent.summary,
      id: this.#hex(40),
      state: options.isPaused === true ? 'paused' : state,
      folder: options.folder ?? torrent.summary.folder,
      problem: null,
      category: options.category ?? null,
      tags: [...(options.tags ?? [])].sort(),
      progress: state === 'seeding' ? 1 : 0,
      doneBytes: state === 'seeding' ? torrent.summary.wantedBytes : 0,
    }
    this.#torrents.set(torrent.summary.id, torrent)
    return { ok: true, ids: [torrent.summary.id] }
  }

  #forEach(ids: readonly string[], perform: (torrent: FakeTorrent) => void): CommandResult {
    const done: string[] = []
    for (const id of ids) {
      const torrent = this.#torrents.get(id)
      if (torrent === undefined) continue
      perform(torrent)
      done.push(id)
    }
    if (done.length === ids.length) return { ok: true, ids: done }
    if (ids.length === 1) return failed(UNKNOWN_TORRENT)
    const message = `${ids.length - done.length} of ${ids.length} torrents failed: ${UNKNOWN_TORRENT.message}`
    return failed({ ...UNKNOWN_TORRENT, message }, done)
  }

  #publish(): void {
    const torrents = this.#summaries()
    this.#session = {
      ...this.#session,
      downRate: torrents.reduce((sum, torrent) => sum + torrent.downRate, 0),
      upRate: torrents.reduce((sum, torrent) => sum + torrent.upRate, 0),
    }
    this.#feed.publish(this.#session, torrents)
  }

  #summaries(): readonly TorrentSummary[] {
    return [...this.#torrents.values()].map((torrent) => torrent.summary)
  }

  #moved(torrent: TorrentSummary, elapsedMs: number): TorrentSummary {
    if (torrent.state === 'checking') {
      const progress = Math.min(1, torrent.progress + 0.05)
      return { ...torrent, progress, state: progress === 1 ? 'downloading' : 'checking' }
    }
    if (torrent.state === 'seeding') {
      const upRate = this.#int(4 * MIB)
      const uploadedBytes = torrent.uploadedBytes + Math.floor((upRate * elapsedMs) / 1000)
      const ratio = torrent.wantedBytes === 0 ? null : uploadedBytes / torrent.wantedBytes
      return { ...torrent, upRate, uploadedBytes, ratio }
    }
    return torrent.state === 'downloading' ? this.#downloaded(torrent, elapsedMs) : torrent
  }

  #downloaded(torrent: TorrentSummary, elapsedMs: number): TorrentSummary {
    const downRate = this.#int(20 * MIB)
    const upRate = this.#int(2 * MIB)
    const left = torrent.wantedBytes - torrent.doneBytes
    const got = Math.min(left, Math.floor((downRate * elapsedMs) / 1000))
    const doneBytes = torrent.doneBytes + got
    const isDone = doneBytes === torrent.wantedBytes
    return {
      ...torrent,
      state: isDone ? 'seeding' : 'downloading',
      downRate: isDone ? 0 : downRate,
      upRate,
      doneBytes,
      progress: doneBytes / torrent.wantedBytes,
      downloadedBytes: torrent.downloadedBytes + got,
      etaMs: isDone || downRate === 0 ? null : Math.round(((left - got) / downRate) * 1000),
      finishedAtMs: isDone ? this.#nowMs : null,
      queuePosition: isDone ? null : torrent.queuePosition,
    }
  }

  #invent(index: number): FakeTorrent {
    const id = this.#hex(40)
    const state = STATES[index % STATES.length] ?? 'paused'
    const wantedBytes = state === 'metadata' ? 0 : MIB * (1 + this.#int(8000))
    const progress = progressOf(state, this.#int(1000) / 1000)
    const doneBytes = Math.floor(wantedBytes * progress)
    const isDone = state === 'seeding'
    const summary: TorrentSummary = {
      id,
      name: toDisplay(AWKWARD_NAMES[index % AWKWARD_NAMES.length] ?? 'torrent'),
      infoHashV1: id,
      infoHashV2: null,
      state,
      problem: state === 'error' ? FULL_DISK : null,
      wantedBytes,
      doneBytes,
      progress,
      downRate: 0,
      upRate: 0,
      downloadedBytes: doneBytes,
      uploadedBytes: Math.floor(doneBytes / 3),
      ratio: doneBytes === 0 ? null : 1 / 3,
      etaMs: null,
      peersConnected: this.#int(50),
      seedsConnected: this.#int(8),
      swarmSeeds: index % 3 === 0 ? null : this.#int(900),
      swarmLeechers: index % 3 === 0 ? null : this.#int(3000),
      addedAtMs: START_MS - this.#int(30 * 24 * 3600) * 1000,
      finishedAtMs: isDone ? START_MS - 1000 : null,
      folder: '/home/ana/Downloads',
      isPrivate: index % 5 === 4,
      isSequential: false,
      queuePosition: isDone ? null : index,
      totalBytes: wantedBytes,
      hasMetadata: state !== 'metadata',
      category: index % 4 === 1 ? 'films' : index % 4 === 3 ? 'linux' : null,
      tags: index % 3 === 1 ? ['iso'] : index % 3 === 2 ? ['family', 'iso'] : [],
      isForced: false,
      availability: state === 'downloading' ? this.#int(900) / 100 : null,
      seededMs: isDone ? this.#int(1_000_000_000) : 0,
      activeAtMs: isDone ? START_MS - this.#int(1_000_000) : null,
      tracker: 'tracker.example',
      limits: NO_LIMITS,
    }
    return {
      summary,
      files: state === 'metadata' ? [] : this.#inventFiles(summary),
      peers: Array.from({ length: summary.peersConnected }, (_, each) => this.#inventPeer(each)),
      trackers: TRACKERS,
      log: [
        { atMs: START_MS, level: 'info', text: 'Added.' },
        {
          atMs: START_MS + 1500,
          level: 'warn',
          text: 'The tracker udp://tracker.example:6969 does not answer.',
        },
      ],
    }
  }

  #inventFiles(torrent: TorrentSummary): readonly FileDetail[] {
    const share = Math.floor(torrent.wantedBytes / AWKWARD_FILES.length)
    return AWKWARD_FILES.map((path, index) => ({
      index,
      path: toDisplay(`${torrent.name}/${path}`),
      lengthBytes: index === 1 ? 0 : share,
      doneBytes: index === 1 ? 0 : Math.floor(share * torrent.progress),
      priority: index === 2 ? 'skip' : 'normal',
    }))
  }

  #inventPeer(index: number): PeerDetail {
    const isSecond = index % 2 === 1
    return {
      address: isSecond
        ? `[2001:db8::${(index + 1).toString(16)}]:6881`
        : `198.51.100.${index + 1}:51413`,
      client: toDisplay(AWKWARD_CLIENTS[index % AWKWARD_CLIENTS.length] ?? ''),
      direction: isSecond ? 'incoming' : 'outgoing',
      number: index + 1,
      transport: index % 3 === 1 ? 'utp' : 'tcp',
      isEncrypted: index % 2 === 1,
      source: isSecond ? 'incoming' : 'tracker',
      progress: this.#int(1001) / 1000,
      downRate: this.#int(MIB),
      upRate: this.#int(MIB),
      isChokingUs: isSecond,
      isChokedByUs: !isSecond,
      isInterestedInUs: isSecond,
      areWeInterested: !isSecond,
      isSnubbed: index % 7 === 6,
      downloadedBytes: this.#int(100 * MIB),
      uploadedBytes: this.#int(100 * MIB),
      connectedMs: this.#int(3_600_000),
    }
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => this.#int(16).toString(16)).join('')
  }

  /** A whole number below a bound, always the same for a seed. */
  #int(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#seed / 2 ** 32) * below)
  }
}

type OneCommand = Extract<Command, { do: 'set-files' | 'add-peer' | 'rename' | 'set-trackers' }>
type ManyCommand = Exclude<Extract<Command, { ids: string[] }>, { do: 'remove' }>
type SessionCommand = Extract<Command, { do: 'set-session' }>

function applyOne(torrent: FakeTorrent, command: OneCommand): void {
  if (command.do === 'add-peer') return
  if (command.do === 'set-trackers') {
    torrent.trackers = command.tiers.flatMap((tier, index) =>
      tier.map((url) => ({ ...NEW_TRACKER, url, tier: index })),
    )
    return
  }
  if (command.do === 'rename') {
    const { path, name } = command
    if (path === undefined) torrent.summary = { ...torrent.summary, name: toDisplay(name) }
    torrent.files = torrent.files.map((file) => ({
      ...file,
      path: renamed(file.path, path ?? file.path.split('/')[0] ?? '', name),
    }))
    return
  }
  const wishes = new Map(command.files.map((file) => [file.index, file.priority]))
  torrent.files = torrent.files.map((file) => ({
    ...file,
    priority: wishes.get(file.index) ?? file.priority,
  }))
}

function applyMany(torrent: FakeTorrent, command: ManyCommand): void {
  const { summary } = torrent
  switch (command.do) {
    case 'pause':
      torrent.summary = { ...summary, state: 'paused', downRate: 0, upRate: 0, etaMs: null }
      return
    case 'resume':
      torrent.summary = {
        ...summary,
        state: summary.progress === 1 ? 'seeding' : 'downloading',
        problem: null,
        isForced: command.isForced ?? summary.isForced,
      }
      return
    case 'set-category':
      torrent.summary = { ...summary, category: command.category }
      return
    case 'tag': {
      const removed = new Set(command.remove)
      const tags = new Set([...summary.tags, ...(command.add ?? [])])
      torrent.summary = { ...summary, tags: [...tags].filter((tag) => !removed.has(tag)).sort() }
      return
    }
    case 'recheck':
      torrent.summary = { ...summary, state: 'checking', progress: 0 }
      return
    case 'move':
      torrent.summary = { ...summary, folder: command.folder }
      return
    case 'set-sequential':
      torrent.summary = { ...summary, isSequential: command.isSequential }
      return
    case 'set-limits':
      torrent.summary = { ...summary, limits: { ...summary.limits, ...definedOf(command.limits) } }
      return
    case 'queue':
      torrent.summary = { ...summary, queuePosition: command.to === 'top' ? 0 : 99 }
      return
    case 'reannounce':
      torrent.log = [...torrent.log, { atMs: START_MS, level: 'info', text: 'Asked trackers.' }]
      return
    default:
      command satisfies never
  }
}

/** Without the keys that are present but undefined. */
function definedOf<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined)
  // The same keys with the same values, but for those that were undefined.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(defined) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** `path` itself and all below it, with another last component. */
function renamed(file: string, path: string, name: string): string {
  if (file !== path && !file.startsWith(`${path}/`)) return file
  const parent = path.slice(0, path.lastIndexOf('/') + 1)
  return `${parent}${toDisplay(name)}${file.slice(path.length)}`
}

function changedSession(session: SessionSummary, command: SessionCommand): SessionSummary {
  const { do: _, isAlternativeOn, altDownLimit, altUpLimit, altSchedule, ...plain } = command
  const alternative = definedOf({
    isOn: isAlternativeOn,
    down: altDownLimit,
    up: altUpLimit,
    schedule: altSchedule,
  })
  return {
    ...session,
    ...definedOf(plain),
    alternative: { ...session.alternative, ...alternative },
  }
}

function changedCategories(
  categories: readonly Category[],
  command: Extract<Command, { do: 'save-category' }>,
): readonly Category[] {
  const before = categories.find(({ name }) => name === command.name)
  const category: Category = {
    name: command.name,
    folder: command.folder === undefined ? (before?.folder ?? null) : command.folder,
    limits: {
      ...(before?.limits ?? { down: null, up: null, ratio: null, seedMs: null }),
      ...definedOf(command.limits ?? {}),
    },
  }
  return [...categories.filter(({ name }) => name !== command.name), category].sort((a, b) =>
    a.name.localeCompare(b.name),
  )
}

function progressOf(state: TorrentState, chance: number): number {
  if (state === 'seeding') return 1
  return state === 'metadata' || state === 'queued' ? 0 : chance * 0.9
}

function detailOf({ summary, files, peers, trackers, log }: FakeTorrent): TorrentDetail {
  const pieceCount = Math.ceil(summary.wantedBytes / MIB)
  const verified = new Uint8Array(Math.ceil(pieceCount / 8))
  for (let index = 0; index < Math.floor(pieceCount * summary.progress); index += 1) {
    verified[index >> 3] = (verified[index >> 3] ?? 0) | (0x80 >> (index & 7))
  }
  return {
    summary,
    files,
    peers,
    trackers,
    pieces: {
      count: pieceCount,
      lengthBytes: MIB,
      verified: btoa(String.fromCharCode(...verified)),
      availability: btoa(
        String.fromCharCode(
          ...Array.from({ length: Math.min(pieceCount, AVAILABILITY_BINS) }, (_, bin) => bin % 9),
        ),
      ),
      active: [3, 4, 9].filter((piece) => piece < pieceCount),
    },
    log,
    comment: 'Made up. <script>alert(1)</script>',
    createdBy: 'FakeControl',
    createdAtMs: START_MS - 1_000_000,
    magnet: `magnet:?xt=urn:btih:${summary.id}`,
    webSeeds: [],
    wastedBytes: 3 * 16_384,
  }
}

const TRACKERS: readonly TrackerDetail[] = [
  {
    url: 'http://tracker.example:6969/announce',
    tier: 0,
    state: 'working',
    message: '',
    seeds: 12,
    leechers: 30,
    nextAnnounceInMs: 1_200_000,
    lastAnnounceAtMs: START_MS - 600_000,
  },
  {
    url: 'udp://tracker.example:6969',
    tier: 1,
    state: 'failing',
    message: 'torrent not registered <b>with this tracker</b>',
    seeds: null,
    leechers: null,
    nextAnnounceInMs: 60_000,
    lastAnnounceAtMs: null,
  },
]

const NEW_TRACKER: Omit<TrackerDetail, 'url' | 'tier'> = {
  state: 'idle',
  message: '',
  seeds: null,
  leechers: null,
  nextAnnounceInMs: null,
  lastAnnounceAtMs: null,
}

const ROOT_FOLDER = '/home/ana'

const OUTSIDE = problem(
  'not-allowed',
  'The folder lies outside those that may be looked at.',
  'Choose another.',
)

function sessionOf(): SessionSummary {
  return {
    node: 'fake 0.1.0',
    peerId: '-PG0100-abcdefghijkl',
    listening: '0.0.0.0:6881',
    problem: null,
    defaultFolder: '/home/ana/Downloads',
    downRate: 0,
    upRate: 0,
    downLimit: null,
    upLimit: null,
    maxActive: 8,
    freeBytes: 123_456_789_012,
    startedAtMs: START_MS - 3_600_000,
    downloadedBytes: 5_000 * MIB,
    uploadedBytes: 2_000 * MIB,
    allDownloadedBytes: 900_000 * MIB,
    allUploadedBytes: 1_200_000 * MIB,
    peersConnected: 120,
    maxPeers: 200,
    maxPeersPerTorrent: 50,
    uploadSlots: 8,
    ratioGoal: null,
    seedMsGoal: null,
    idleMsGoal: null,
    alternative: { isOn: false, down: MIB, up: MIB / 4, schedule: null },
    categories: CATEGORIES,
    jobs: [],
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
    isTrackerOn: false,
  }
}
