/** `sync/maindata`: everything once, then what differs from what the same client was told before. */
import { randomInt } from 'node:crypto'
import type { SessionSummary, TorrentSummary } from '../contract.ts'
import { type Call, json, type Json, type JsonObject, reads, type World } from './call.ts'
import { infoOf } from './torrent-info.ts'

/** States that clients may come back to; the oldest is forgotten first, and its client told everything. */
export const STATES = 32

interface Told {
  readonly session: SessionSummary
  readonly torrents: ReadonlyMap<string, TorrentSummary>
  readonly tags: readonly string[]
}

export class MainData {
  readonly #told = new Map<number, Told>()
  /** Not from 1 on: a client of an earlier process must not be taken for one of this. */
  #rid = randomInt(1, 2 ** 30)

  answer(rid: number | null, call: Call): JsonObject {
    const { world, session } = call
    const torrents = new Map(world.list.rows().map(({ summary }) => [summary.id, summary]))
    const now: Told = { session, torrents, tags: tagsOf(world) }
    const before = rid === null ? undefined : this.#told.get(rid)
    if (rid !== null) this.#told.delete(rid)
    this.#rid += 1
    if (this.#told.size >= STATES) {
      const oldest = this.#told.keys().next()
      if (!oldest.done) this.#told.delete(oldest.value)
    }
    this.#told.set(this.#rid, now)
    const nowMs = world.nowMs()
    return {
      rid: this.#rid,
      ...(before === undefined ? whole(now, nowMs) : difference(before, now, nowMs)),
    }
  }
}

export const mainData = reads((call) =>
  json(call.world.mainData.answer(call.params.number('rid'), call)),
)

function whole(now: Told, nowMs: number): JsonObject {
  const torrents = [...now.torrents].map(
    ([id, torrent]) => [id, rowOf(torrent, now, nowMs)] as const,
  )
  return {
    full_update: true,
    categories: categoriesOf(now.session),
    server_state: serverState(now.session),
    tags: now.tags,
    torrents: Object.fromEntries(torrents),
    trackers: {},
  }
}

/** Keys are there only for what changed. */
function difference(before: Told, now: Told, nowMs: number): JsonObject {
  const torrents: { [id: string]: JsonObject } = {}
  const haveGoalsChanged = goalsKey(before.session) !== goalsKey(now.session)
  for (const [id, torrent] of now.torrents) {
    const known = before.torrents.get(id)
    if (known === torrent && !haveGoalsChanged) continue
    const row = rowOf(torrent, now, nowMs)
    const changed = known === undefined ? row : changedFields(rowOf(known, before, nowMs), row)
    if (Object.keys(changed).length > 0) torrents[id] = changed
  }
  const categories = changedFields(categoriesOf(before.session), categoriesOf(now.session))
  const parts: { readonly [key: string]: JsonObject | readonly string[] } = {
    categories,
    categories_removed: missingIn(
      Object.keys(categoriesOf(before.session)),
      categoriesOf(now.session),
    ),
    server_state: changedFields(serverState(before.session), serverState(now.session)),
    tags: now.tags.filter((tag) => !before.tags.includes(tag)),
    tags_removed: before.tags.filter((tag) => !now.tags.includes(tag)),
    torrents,
    torrents_removed: [...before.torrents.keys()].filter((id) => !now.torrents.has(id)),
  }
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0),
  )
}

function rowOf(torrent: TorrentSummary, { session }: Told, nowMs: number): JsonObject {
  const { hash: _, ...row } = infoOf(torrent, session, nowMs)
  return row
}

/** Goals of the session and of categories stand in every row. */
function goalsKey({ ratioGoal, seedMsGoal, idleMsGoal, categories }: SessionSummary): string {
  return JSON.stringify([ratioGoal, seedMsGoal, idleMsGoal, categories])
}

function changedFields(before: JsonObject, now: JsonObject): JsonObject {
  const changed = Object.entries(now).filter(([key, value]) => !isSame(before[key], value))
  return Object.fromEntries(changed)
}

function isSame(one: Json | undefined, other: Json): boolean {
  return (
    Object.is(one, other) ||
    (typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other))
  )
}

function missingIn(keys: readonly string[], record: JsonObject): readonly string[] {
  return keys.filter((key) => !(key in record))
}

export function categoriesOf({ categories }: SessionSummary): JsonObject {
  return Object.fromEntries(
    categories.map(({ name, folder }) => [name, { name, savePath: folder ?? '' }] as const),
  )
}

/** Of all torrents, and those that were made for later. */
export function tagsOf({ list, spareTags }: World): readonly string[] {
  const all = new Set(spareTags)
  for (const { summary } of list.rows()) for (const tag of summary.tags) all.add(tag)
  return [...all].sort()
}

export function transferInfo(session: SessionSummary): JsonObject {
  const isReachable = session.listening !== null
  return {
    connection_status: isReachable ? 'connected' : 'disconnected',
    dht_nodes: 0,
    dl_info_data: session.downloadedBytes,
    dl_info_speed: Math.round(session.downRate),
    dl_rate_limit: limitNow(session, 'down'),
    up_info_data: session.uploadedBytes,
    up_info_speed: Math.round(session.upRate),
    up_rate_limit: limitNow(session, 'up'),
  }
}

/** That which counts now; 0 is none. */
export function limitNow(session: SessionSummary, which: 'down' | 'up'): number {
  const { alternative } = session
  if (alternative.isOn) return alternative[which] ?? 0
  return (which === 'down' ? session.downLimit : session.upLimit) ?? 0
}

function serverState(session: SessionSummary): JsonObject {
  const { allDownloadedBytes, allUploadedBytes } = session
  const ratio = allDownloadedBytes === 0 ? '-' : (allUploadedBytes / allDownloadedBytes).toFixed(2)
  return {
    ...transferInfo(session),
    alltime_dl: allDownloadedBytes,
    alltime_ul: allUploadedBytes,
    average_time_queue: 0,
    free_space_on_disk: session.freeBytes ?? -1,
    global_ratio: ratio,
    queued_io_jobs: 0,
    queueing: true,
    read_cache_hits: '0',
    read_cache_overload: '0',
    refresh_interval: 1500,
    total_buffers_size: 0,
    total_peer_connections: session.peersConnected,
    total_queued_size: 0,
    total_wasted_session: 0,
    use_alt_speed_limits: session.alternative.isOn,
    write_cache_overload: '0',
  }
}
