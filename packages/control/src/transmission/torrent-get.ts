/** `torrent-get`: the fields that were asked for, of the torrents that were asked for. */
import { z } from 'zod'
import type { Row } from '../compat/live-list.ts'
import type { SessionSummary, TorrentDetail } from '../contract.ts'
import * as argument from './arguments.ts'
import { chosen, isRecentlyActive } from './chosen.ts'
import { type Json, type JsonObject, TORRENT_KEYS, toLegacy, toSnake } from './keys.ts'
import { type Call, type Dialect, method, type Outcome, refuse } from './outcome.ts'
import { type About, DETAIL_FIELDS, LIST_FIELDS } from './torrent-fields.ts'

/** Different fields of one call. There are about 90. */
export const FIELDS = 256
/** Torrents that are looked at in detail at the same time. */
const DETAILS_AT_ONCE = 8

export const torrentGet = method(
  'read',
  z.object({
    ids: argument.ids,
    fields: z.array(z.string().max(64)).max(FIELDS).optional(),
    format: z.enum(['objects', 'table']).optional(),
  }),
  async ({ ids, fields: asked = [], format = 'objects' }, call) => {
    const session = await call.world.list.session()
    if (session === null) return refuse('the node does not answer')
    if (asked.length === 0) return refuse('no fields specified', undefined, { torrents: [] })
    const fields = [...new Set(asked)].map(fieldOf).filter((field) => field !== null)
    const rows = chosen(ids, call.world.list)
    const torrents = await readAll(rows, fields, session, call)
    const removed = isRecentlyActive(ids) ? { removed: call.world.list.recent().removed } : {}
    return answer(
      format === 'table' ? tableOf(fields, torrents) : torrents.map(entriesOf(fields)),
      removed,
    )
  },
)

interface AskedField {
  /** As it was spelled in the call: so it is answered. */
  readonly spelling: string
  readonly name: string
  readonly needsDetail: boolean
}

function fieldOf(spelling: string): AskedField | null {
  const name = toSnake(spelling)
  if (LIST_FIELDS.has(name)) return { spelling, name, needsDetail: false }
  return DETAIL_FIELDS.has(name) ? { spelling, name, needsDetail: true } : null
}

/** A row of values for each torrent; those that vanished meanwhile are left out. */
async function readAll(
  rows: readonly Row[],
  fields: readonly AskedField[],
  session: SessionSummary,
  { world, dialect }: Call,
): Promise<readonly (readonly Json[])[]> {
  const nowMs = world.nowMs()
  const read = (row: Row, detail: TorrentDetail | null): readonly Json[] => {
    const about: About = { row, session, remembered: world.remembered, detail, nowMs }
    return fields.map(({ name }) => spelled(name, valueOf(name, about), dialect))
  }
  if (!fields.some(({ needsDetail }) => needsDetail)) return rows.map((row) => read(row, null))
  const torrents: (readonly Json[])[] = []
  for (let at = 0; at < rows.length; at += DETAILS_AT_ONCE) {
    const some = rows.slice(at, at + DETAILS_AT_ONCE)
    const details = await Promise.all(some.map((row) => world.list.control.detail(row.summary.id)))
    for (const [index, row] of some.entries()) {
      const detail = details[index] ?? null
      if (detail !== null) torrents.push(read(row, detail))
    }
  }
  return torrents
}

/** As the dialect has it: the legacy one also counts where the newer says true and false. */
function spelled(name: string, value: Json, dialect: Dialect): Json {
  if (dialect === 'json-rpc') return value
  if (name === 'wanted' && Array.isArray(value)) return value.map(Number)
  return toLegacy(value, TORRENT_KEYS)
}

function valueOf(name: string, about: About): Json {
  const inList = LIST_FIELDS.get(name)
  if (inList !== undefined) return inList(about.row.summary, about)
  const inDetail = DETAIL_FIELDS.get(name)
  return inDetail === undefined || about.detail === null ? null : inDetail(about.detail, about)
}

function entriesOf(fields: readonly AskedField[]): (values: readonly Json[]) => JsonObject {
  return (values) =>
    Object.fromEntries(fields.map(({ spelling }, index) => [spelling, values[index] ?? null]))
}

/** The names in the first row, a torrent in each of the others. */
function tableOf(fields: readonly AskedField[], torrents: readonly (readonly Json[])[]): Json[] {
  return [fields.map(({ spelling }) => spelling), ...torrents]
}

function answer(torrents: Json, removed: JsonObject): Outcome {
  return { ok: true, value: { ...removed, torrents }, isSpelled: true }
}
