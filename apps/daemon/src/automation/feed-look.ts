/** One look at one feed: what its rules would take now. */
import type { HttpAnswer, HttpPort } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { type FeedItem, readFeed } from './feed-items.ts'
import { digestOf, type FeedMemory } from './feed-memory.ts'
import { ruleFor } from './feed-rules.ts'
import type { Feed, FeedRule } from './settings.ts'

/** Before it is parsed, which takes the whole process's time. */
export const FEED_BYTES = 2 * 1024 * 1024
const FEED_MS = 30_000

export interface Pick {
  readonly item: FeedItem
  readonly rule: FeedRule
}

export type Look =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'read'
      readonly itemCount: number
      /** What rules take and was not taken before, in the order of the feed. */
      readonly picks: readonly Pick[]
      readonly etag: string | null
      readonly lastModified: string | null
      /** The feed itself came from this machine or a private network. */
      readonly isPrivate: boolean
    }

/** With `isConditional`, a feed that says that nothing changed is not read again. Never rejects. */
export async function lookAtFeed(
  feed: Feed,
  http: HttpPort,
  memory: FeedMemory,
  isConditional: boolean,
): Promise<Look> {
  const got = await fetchFeed(feed, http, isConditional ? validatorsOf(feed, memory) : {})
  if (typeof got === 'string') return { kind: 'failed', reason: got }
  const { answer, isPrivate } = got
  if (answer.status === 304) return { kind: 'unchanged' }
  if (answer.status !== 200) return { kind: 'failed', reason: `it answered ${answer.status}` }
  const items = readFeed(answer.body, headerOf(answer, 'content-type') ?? '', feed.url)
  if (typeof items === 'string') return { kind: 'failed', reason: items }
  const picks = items.flatMap((item) => {
    const rule = memory.hasTaken(feed.url, item.key) ? null : ruleFor(item.title, feed.rules)
    return rule === null ? [] : [{ item, rule }]
  })
  return {
    kind: 'read',
    itemCount: items.length,
    picks,
    etag: headerOf(answer, 'etag'),
    lastModified: headerOf(answer, 'last-modified'),
    isPrivate,
  }
}

/** Of the rules, to notice that they changed. */
export function rulesDigest({ rules }: Feed): string {
  return digestOf(JSON.stringify(rules))
}

function validatorsOf(feed: Feed, memory: FeedMemory): Record<string, string> {
  const { etag, lastModified, rules } = memory.get(feed.url)
  if (rules !== rulesDigest(feed)) return {}
  return {
    ...(etag === null ? {} : { 'If-None-Match': etag }),
    ...(lastModified === null ? {} : { 'If-Modified-Since': lastModified }),
  }
}

/** The owner named it, so it may be in the same house; whether it is decides how far its links may lead. */
async function fetchFeed(
  { url }: Feed,
  http: HttpPort,
  headers: Record<string, string>,
): Promise<{ readonly answer: HttpAnswer; readonly isPrivate: boolean } | string> {
  const options = { limitBytes: FEED_BYTES, timeoutMs: FEED_MS, headers }
  const outside = await http.get(url, { ...options, allowPrivate: false })
  if (!isIoProblem(outside)) return { answer: outside, isPrivate: false }
  if (outside.code !== 'not-allowed') return outside.message
  const inside = await http.get(url, { ...options, allowPrivate: true })
  return isIoProblem(inside) ? inside.message : { answer: inside, isPrivate: true }
}

function headerOf({ headers }: HttpAnswer, name: string): string | null {
  const value = headers?.[name]
  return typeof value === 'string' && value.length <= 256 ? value : null
}
