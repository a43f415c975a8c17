/** Looks at all feeds, each in its time and never two at once, and adds what their rules take. */
import type { HttpPort, LogPort } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import type { Problem } from '@pigeon/control/contract'
import type { AddSource } from '@pigeon/control/controlled-session'
import type { FeedItem } from './feed-items.ts'
import { type Look, lookAtFeed, type Pick, rulesDigest } from './feed-look.ts'
import type { FeedMemory } from './feed-memory.ts'
import type { Taken, TorrentIntake } from './intake.ts'
import { type Feed, LEAST_FEED_MS } from './settings.ts'
import { TORRENT_FILE_BYTES } from './watched-files.ts'

/** Taken from one feed at one look; the rest is taken at the next. */
export const TAKEN_PER_LOOK = 50
const TORRENT_MS = 30_000

export type FeedResult = 'ok' | 'unchanged' | 'failed'

export interface FeedReaderOptions {
  readonly feeds: readonly Feed[]
  readonly http: HttpPort
  readonly memory: FeedMemory
  readonly take: TorrentIntake
  readonly log: LogPort
  readonly onLook: (result: FeedResult) => void
  readonly onItem: (result: Taken['kind']) => void
}

export class FeedReader {
  readonly #options: FeedReaderOptions
  /** When each feed is looked at next, on the monotonic clock. */
  readonly #nextMs = new Map<Feed, number>()
  #timer: ReturnType<typeof setTimeout> | null = null
  /** An item that is being added and remembered, which must not be broken off. */
  #adding: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: FeedReaderOptions) {
    this.#options = options
  }

  /** Begins with all of them now. */
  start(): void {
    const nowMs = performance.now()
    for (const feed of this.#options.feeds) this.#nextMs.set(feed, nowMs)
    this.#wake()
  }

  /** Fulfilled when no item is half dealt with; an answer that is still awaited is not looked at. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#adding
  }

  #wake(): void {
    this.#timer = null
    void this.#lookAtDue().finally(() => {
      const next = Math.min(...this.#nextMs.values())
      if (this.#isClosed || next === Number.POSITIVE_INFINITY) return
      this.#timer = setTimeout(() => this.#wake(), Math.max(0, next - performance.now()))
    })
  }

  async #lookAtDue(): Promise<void> {
    for (const [feed, atMs] of this.#nextMs) {
      if (this.#isClosed) return
      if (atMs > performance.now()) continue
      await this.look(feed)
      this.#nextMs.set(feed, performance.now() + Math.max(feed.every, LEAST_FEED_MS))
    }
  }

  /** Looks at one feed now. Never rejects. */
  async look(feed: Feed): Promise<void> {
    const { http, memory, log, onLook } = this.#options
    const look = await lookAtFeed(feed, http, memory, true)
    if (this.#isClosed) return
    onLook(look.kind === 'read' ? 'ok' : look.kind)
    if (look.kind === 'failed') {
      log.write('warn', 'feed-failed', { feed: hostOf(feed.url), reason: look.reason })
    }
    if (look.kind !== 'read') return
    const isWhole = await this.#takeAll(feed, look)
    // Else what is left would not be seen before the feed changes.
    if (!isWhole || this.#isClosed) return
    const { etag, lastModified } = look
    memory.setValidators(feed.url, { etag, lastModified, rules: rulesDigest(feed) })
    this.#adding = this.#save()
    await this.#adding
  }

  /** Answers whether nothing is left for another time. */
  async #takeAll(feed: Feed, look: Extract<Look, { kind: 'read' }>): Promise<boolean> {
    const { memory } = this.#options
    let isWhole = look.picks.length <= TAKEN_PER_LOOK
    for (const pick of look.picks.slice(0, TAKEN_PER_LOOK)) {
      const source = await this.#sourceOf(feed, pick.item, look.isPrivate)
      if (this.#isClosed) return false
      if ('code' in source) {
        this.#tell(feed, pick.item, { kind: 'failed', problem: source })
        isWhole = false
        continue
      }
      this.#adding = this.#add(feed, pick, source)
      await this.#adding
      if (!memory.hasTaken(feed.url, pick.item.key)) isWhole = false
    }
    return isWhole
  }

  async #add(feed: Feed, { item, rule }: Pick, source: AddSource): Promise<void> {
    const { take, memory } = this.#options
    const taken = await take(source, rule)
    this.#tell(feed, item, taken)
    if (taken.kind === 'failed') return
    memory.take(feed.url, [item.key])
    await this.#save()
  }

  async #save(): Promise<void> {
    const { memory, log } = this.#options
    await memory.save().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      log.write('error', 'feed-memory-failed', { reason })
    })
  }

  /** Only a feed that is itself inside may lead to an address inside, and only to its own machine. */
  async #sourceOf(
    feed: Feed,
    { link }: FeedItem,
    isPrivate: boolean,
  ): Promise<AddSource | Problem> {
    if (link.startsWith('magnet:')) return { kind: 'magnet', uri: link }
    const answer = await this.#options.http.get(link, {
      limitBytes: TORRENT_FILE_BYTES,
      timeoutMs: TORRENT_MS,
      allowPrivate: isPrivate && new URL(link).hostname === new URL(feed.url).hostname,
    })
    if (isIoProblem(answer)) return answer
    if (answer.status === 200) return { kind: 'metainfo', bytes: answer.body }
    return {
      code: 'bad-answer',
      message: `${hostOf(link)} answered ${answer.status}.`,
      help: 'It is tried again when the feed is read again.',
    }
  }

  #tell(feed: Feed, item: FeedItem, taken: Taken): void {
    const { log, onItem } = this.#options
    onItem(taken.kind)
    const about = { feed: hostOf(feed.url), title: item.title }
    if (taken.kind === 'added') log.write('info', 'feed-added', { ...about, id: taken.id })
    else if (taken.kind === 'known') log.write('info', 'feed-known', about)
    else log.write('warn', `feed-${taken.kind}`, { ...about, reason: taken.problem.message })
  }
}

/** Paths and queries of feeds hold passkeys. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'that address'
}
