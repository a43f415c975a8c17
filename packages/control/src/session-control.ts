/**
 * The control of a node in the same process: checks commands, hands them to the session, and tells listeners what
 * changed, at most twice a second, in texts that are fit to show.
 */
import { isAbsolute } from 'node:path'
import { toDisplay } from '@pigeon/protocol/display'
import { checkCommand } from './check-command.ts'
import type {
  Caller,
  Command,
  CommandResult,
  Control,
  FolderListing,
  Problem,
  SessionSummary,
  AddSource as SourceCommand,
  TorrentDetail,
  TorrentPreview,
  Update,
} from './contract.ts'
import type {
  AddOptions,
  AddSource,
  ControlledSession,
  Done,
  MaybePromise,
} from './controlled-session.ts'
import {
  showDetail,
  showListing,
  showNetwork,
  showPreview,
  showProblem,
  showRefusal,
  showSession,
  showWireEvent,
} from './display.ts'
import { defined } from './defined.ts'
import { askDht } from './ask-dht.ts'
import {
  type BlocklistStatus,
  type DhtAnswer,
  DhtQuery,
  type NetworkStatus,
  type WireEvent,
  type WireTarget,
} from './network.ts'
import type { NodeReach } from './node-reach.ts'
import { CLOSED, DHT_OFF, failed, isProblem, problem, UNKNOWN_TORRENT } from './problems.ts'
import { readWith } from './read-with.ts'
import { type CreateTorrent, ShareJobs } from './share-jobs.ts'
import { ShownList } from './shown-list.ts'
import { UpdateFeed } from './update-feed.ts'

/** Diffs are at least this far apart. */
export const UPDATE_MS = 500
/** When nothing changes, the session is still looked at this often. */
const IDLE_MS = 2_000
export const METAINFO_BYTES: number = 32 * 1024 * 1024
/** Torrents of one command that are worked on at a time, so that their records are written together. */
export const TOGETHER = 64
/** Each asks dozens of strangers. */
export const DHT_QUERIES_AT_ONCE = 8

export interface SessionControlOptions {
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
  readonly createTorrent: CreateTorrent
  /** Why a path from a command may not be used, or `null`. All absolute paths may be when absent. */
  readonly checkPath?: (
    path: string,
    use: 'store' | 'share',
    caller: Caller,
  ) => Promise<Problem | null>
  /** What a folder of this machine holds; no picker is offered when absent. */
  readonly browse?: (path: string | null, caller: Caller) => Promise<FolderListing | Problem>
  /** Ends the program; refused when absent. */
  readonly shutDown?: () => void
  /** The proxy and the embedded tracker; there is neither when absent. */
  readonly reach?: NodeReach
  /** The least time between two diffs; `UPDATE_MS` when absent. */
  readonly updateMs?: number
  /** Stops the node; called once, by `close`. */
  readonly stop?: () => Promise<void>
}

/** Who asks where nobody is named: this very program. */
const OWNER: Caller = { scope: 'full', reachesPrivate: true }

type TorrentCommand = Extract<Command, { ids: string[] }>

export class SessionControl implements Control {
  readonly #session: ControlledSession
  readonly #options: SessionControlOptions
  readonly #feed: UpdateFeed
  readonly #stopListening: () => void
  readonly #shown: ShownList
  readonly #shares: ShareJobs
  readonly #updateMs: number
  #dhtQueries = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #timerAtMs = 0
  #flushedAtMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | null = null

  constructor(session: ControlledSession, options: SessionControlOptions) {
    this.#session = session
    this.#options = options
    this.#updateMs = options.updateMs ?? UPDATE_MS
    this.#shares = new ShareJobs(options, () => this.#flushWithin(0))
    this.#shown = new ShownList(session.list())
    this.#feed = new UpdateFeed(this.#sessionNow(), this.#shown.torrents)
    this.#stopListening = session.onChange(() => this.#flushWithin(0))
  }

  async run(unchecked: Command, caller: Caller = OWNER): Promise<CommandResult> {
    if (this.#closing !== null) return failed(CLOSED)
    const command = checkCommand(unchecked)
    if (isProblem(command)) return failed(command)
    const result = await this.#perform(command, caller)
    this.#flushWithin(0)
    return result
  }

  detail(id: string): Promise<TorrentDetail | null> {
    const raw = this.#closing === null ? this.#session.detail(id) : null
    return Promise.resolve(raw === null ? null : showDetail(raw))
  }

  metainfo(id: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.#closing === null ? this.#session.metainfo(id) : null)
  }

  async preview(
    unchecked: SourceCommand,
    caller: Caller = OWNER,
  ): Promise<TorrentPreview | Problem> {
    if (this.#closing !== null) return CLOSED
    const checked = checkCommand({ do: 'add', source: unchecked })
    if (isProblem(checked)) return checked
    const source = addSource(unchecked, caller)
    if (isProblem(source)) return source
    const answer = await this.#session.preview(source)
    return answer.kind === 'preview' ? showPreview(answer.preview) : showRefusal(answer)
  }

  async browse(path: string | null, caller: Caller = OWNER): Promise<FolderListing | Problem> {
    const { browse } = this.#options
    if (browse === undefined) return NO_BROWSING
    if (path !== null) {
      const refused = await this.#checkPath(path, 'share', caller)
      if (refused !== null) return refused
    }
    const listing = await browse(path, caller)
    return isProblem(listing) ? showRefusal(listing) : showListing(listing)
  }

  network(): Promise<NetworkStatus | Problem> {
    if (this.#closing !== null) return Promise.resolve(CLOSED)
    const { reach } = this.#options
    const raw = this.#session.network()
    return Promise.resolve(
      showNetwork({
        ...raw,
        proxy: reach?.proxy() ?? null,
        tracker: reach?.tracker() ?? null,
        blocklist: blocklistStatus(raw.blocklist, reach?.blocklist?.() ?? null),
      }),
    )
  }

  async dht(unchecked: DhtQuery, _caller: Caller = OWNER): Promise<DhtAnswer | Problem> {
    if (this.#closing !== null) return CLOSED
    const query = readWith(DhtQuery, unchecked, 'bad-query', 'The question')
    if (isProblem(query)) return query
    const { dht } = this.#session
    if (dht === null) return DHT_OFF
    if (this.#dhtQueries >= DHT_QUERIES_AT_ONCE) return TOO_MANY_QUERIES
    this.#dhtQueries += 1
    try {
      return await askDht(dht, query)
    } finally {
      this.#dhtQueries -= 1
    }
  }

  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    if (this.#closing !== null) {
      listener({ kind: 'ended', problem: CLOSED })
      return () => {}
    }
    return this.#session.inspect(target.torrent, target.peer, (event) =>
      listener(showWireEvent(event)),
    )
  }

  watch(listener: (update: Update) => void): () => void {
    if (this.#closing !== null) return () => {}
    if (this.#feed.listenerCount === 0) this.#flush()
    const stop = this.#feed.watch(listener)
    this.#flushWithin(this.#updateMs)
    return stop
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#shares.stop()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#stopListening()
    this.#feed.close()
    await this.#options.stop?.()
  }

  async #perform(command: Command, caller: Caller): Promise<CommandResult> {
    switch (command.do) {
      case 'add':
        return this.#add(command, caller)
      case 'share':
        return this.#share(command)
      case 'set-session': {
        const { do: _, isTrackerOn, ...change } = command
        if (change.defaultFolder !== undefined) {
          const refused = await this.#checkPath(change.defaultFolder, 'store')
          if (refused !== null) return failed(refused)
        }
        const refused = await this.#switchTracker(isTrackerOn)
        if (refused !== null) return failed(showRefusal(refused))
        return resultOf(await this.#session.setSession(defined(change)), [])
      }
      case 'cancel-job':
        return this.#shares.cancel(command.job)
      case 'shut-down':
        return this.#shutDown()
      case 'save-category':
        return this.#saveCategory(command)
      case 'remove-category':
        return resultOf(await this.#session.removeCategory(command.name), [])
      case 'rename':
        return this.#one(command.id, () =>
          this.#session.rename(command.id, command.path ?? null, command.name),
        )
      case 'set-trackers':
        return this.#one(command.id, () => this.#session.setTrackers(command.id, command.tiers))
      case 'set-files':
        return this.#one(command.id, () => this.#session.setFiles(command.id, command.files))
      case 'add-peer':
        return this.#one(command.id, () => this.#session.addPeer(command.id, command.peer))
      case 'queue':
        return this.#queue(command)
      case 'move': {
        const refused = await this.#checkPath(command.folder, 'store')
        return refused === null ? this.#each(command) : failed(refused)
      }
      default:
        return this.#each(command)
    }
  }

  async #add(command: Extract<Command, { do: 'add' }>, caller: Caller): Promise<CommandResult> {
    const source = addSource(command.source, caller)
    if (isProblem(source)) return failed(source)
    const { do: _, source: __, limits, ...wishes } = command
    if (wishes.folder !== undefined) {
      const refused = await this.#checkPath(wishes.folder, 'store', caller)
      if (refused !== null) return failed(refused)
    }
    return this.#addSource(source, {
      ...defined(wishes),
      ...(limits === undefined ? {} : { limits: defined(limits) }),
    })
  }

  async #addSource(source: AddSource, options: AddOptions): Promise<CommandResult> {
    const added = await this.#session.add(source, options)
    if (added.kind !== 'added') return failed(showRefusal(added))
    return { ok: true, ids: [added.id] }
  }

  async #share(command: Extract<Command, { do: 'share' }>): Promise<CommandResult> {
    const refused = await this.#checkPath(command.path, 'share')
    if (refused !== null) return failed(refused)
    const created = await this.#shares.hash(command)
    if (this.#closing !== null) return failed(CLOSED)
    if (isProblem(created)) return failed(created)
    const { category, tags } = command
    return this.#addSource(
      { kind: 'metainfo', bytes: created.bytes },
      { folder: created.folder, isKnownComplete: true, ...defined({ category, tags }) },
    )
  }

  async #switchTracker(isOn: boolean | undefined): Promise<Problem | null> {
    const { reach } = this.#options
    if (isOn === undefined) return null
    return reach === undefined ? NO_TRACKER : reach.switchTracker(isOn)
  }

  #shutDown(): CommandResult {
    const { shutDown } = this.#options
    if (shutDown === undefined) return failed(NO_SHUT_DOWN)
    setImmediate(shutDown)
    return { ok: true, ids: [] }
  }

  async #saveCategory(command: Extract<Command, { do: 'save-category' }>): Promise<CommandResult> {
    const { name, folder, limits } = command
    if (typeof folder === 'string') {
      const refused = await this.#checkPath(folder, 'store')
      if (refused !== null) return failed(refused)
    }
    const change = {
      name,
      ...defined({ folder }),
      ...(limits === undefined ? {} : { limits: defined(limits) }),
    }
    return resultOf(await this.#session.saveCategory(change), [])
  }

  async #queue(command: Extract<Command, { do: 'queue' }>): Promise<CommandResult> {
    const known = new Set(this.#session.list().map((torrent) => torrent.id))
    const ids = distinct(command.ids).filter((id) => known.has(id))
    const refused = ids.length === 0 ? null : await this.#session.queue(ids, command.to)
    if (refused !== null) return resultOf(refused, [])
    return summed(distinct(command.ids).length, ids, UNKNOWN_TORRENT)
  }

  async #one(id: string, perform: () => MaybePromise<Done>): Promise<CommandResult> {
    return resultOf(await perform(), [id])
  }

  async #each(command: Exclude<TorrentCommand, { do: 'queue' }>): Promise<CommandResult> {
    const ids = distinct(command.ids)
    const done: string[] = []
    let firstProblem: Problem | null = null
    for (let at = 0; at < ids.length; at += TOGETHER) {
      const batch = ids.slice(at, at + TOGETHER)
      const answers = await Promise.all(batch.map(async (id) => this.#performOn(id, command)))
      for (const [index, id] of batch.entries()) {
        const refused = answers[index] ?? null
        if (refused === null) done.push(id)
        else firstProblem ??= showRefusal(refused)
      }
    }
    return summed(ids.length, done, firstProblem ?? UNKNOWN_TORRENT)
  }

  #performOn(id: string, command: Exclude<TorrentCommand, { do: 'queue' }>): MaybePromise<Done> {
    switch (command.do) {
      case 'pause':
        return this.#session.pause(id)
      case 'resume':
        return this.#session.resume(id, defined({ isForced: command.isForced }))
      case 'remove':
        return this.#session.remove(id, { deleteData: command.deleteData })
      case 'recheck':
        return this.#session.recheck(id)
      case 'reannounce':
        return this.#session.reannounce(id)
      case 'move':
        return this.#session.move(id, command.folder)
      case 'set-category':
        return this.#session.setCategory(id, command.category)
      case 'tag':
        return this.#session.tag(id, { add: command.add ?? [], remove: command.remove ?? [] })
      case 'set-sequential':
        return this.#session.setSequential(id, command.isSequential)
      default:
        return this.#session.setLimits(id, defined(command.limits))
    }
  }

  async #checkPath(
    path: string,
    use: 'store' | 'share',
    caller: Caller = OWNER,
  ): Promise<Problem | null> {
    if (!isAbsolute(path) || path.includes('\0')) {
      return problem(
        'bad-path',
        `${toDisplay(path)} is not an absolute path.`,
        'Name the whole path on the machine of the node, such as /home/you/Downloads.',
      )
    }
    const refused = await this.#options.checkPath?.(path, use, caller)
    return showProblem(refused ?? null)
  }

  #sessionNow(): SessionSummary {
    const { node, reach } = this.#options
    const raw = this.#session.summary()
    return showSession(
      { node, jobs: this.#shares.jobs, isTrackerOn: reach?.isTrackerOn ?? false },
      { ...raw, configured: [...raw.configured, ...NODE_SWITCHES] },
    )
  }

  #flush(): boolean {
    this.#flushedAtMs = performance.now()
    return this.#feed.publish(this.#sessionNow(), this.#shown.update(this.#session.list()))
  }

  /** Looks at the session after a delay, but never sooner than half a second after the last time. */
  #flushWithin(delayMs: number): void {
    if (this.#closing !== null) return
    const nowMs = performance.now()
    const atMs = Math.max(nowMs + delayMs, this.#flushedAtMs + this.#updateMs)
    if (this.#timer !== null && this.#timerAtMs <= atMs) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = setTimeout(() => this.#onTimer(), atMs - nowMs)
  }

  #onTimer(): void {
    this.#timer = null
    if (this.#feed.listenerCount === 0) return
    // Rates fall without any event: while something changes, look again soon.
    const didChange = this.#flush()
    this.#flushWithin(didChange ? this.#updateMs : IDLE_MS)
  }
}

/** What the node's configuration alone decides for longer than this run. */
const NODE_SWITCHES = ['isTrackerOn'] as const

const TOO_MANY_QUERIES = problem(
  'too-many-queries',
  `${DHT_QUERIES_AT_ONCE} questions to the DHT wait for their answers.`,
  'Wait for some of them.',
)
const NO_TRACKER = problem(
  'unsupported',
  'This node has no tracker to switch on.',
  'Use another of the clients.',
)
const NO_SHUT_DOWN = problem(
  'not-allowed',
  'This node does not let itself be ended from outside.',
  'End it where it was started.',
)
const NO_BROWSING = problem(
  'not-allowed',
  'This node does not show its folders.',
  'Type the path instead.',
)

function addSource(
  source: Extract<Command, { do: 'add' }>['source'],
  { reachesPrivate }: Caller,
): AddSource | Problem {
  if (source.kind === 'url') return { ...source, isPublicOnly: !reachesPrivate }
  if (source.kind === 'magnet') return source
  const bytes = Uint8Array.from(Buffer.from(source.base64, 'base64'))
  if (bytes.length > METAINFO_BYTES) {
    return problem(
      'bad-torrent',
      `The .torrent file has ${bytes.length} bytes; the limit is ${METAINFO_BYTES}.`,
      'Make the torrent with longer pieces.',
    )
  }
  return { kind: 'metainfo', bytes }
}

/** What holds, and why it is not the newest. */
function blocklistStatus(
  held: BlocklistStatus | null,
  wanted: { readonly source: string; readonly problem: Problem | null } | null,
): BlocklistStatus | null {
  if (wanted === null || (held !== null && wanted.problem === null)) return held
  const none = { source: wanted.source, ranges: 0, blocked: 0, loadedAtMs: null }
  return { ...(held ?? none), problem: wanted.problem }
}

function distinct(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)]
}

function resultOf(refused: Done, ids: readonly string[]): CommandResult {
  return refused === null ? { ok: true, ids } : failed(showRefusal(refused))
}

/** One torrent fails in its own words; of many, it is also said how many failed. */
function summed(asked: number, done: readonly string[], reason: Problem): CommandResult {
  if (done.length === asked) return { ok: true, ids: done }
  if (asked === 1) return failed(reason)
  const message = `${asked - done.length} of ${asked} torrents failed: ${reason.message}`
  return failed({ ...reason, message }, done)
}
