/** The order of torrent lists, the same in all clients. Pure, and free of any runtime. */
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem, TorrentSummary } from './contract.ts'
import { problem } from './problems.ts'
import { TORRENT_FIELDS, type TorrentField } from './torrent-fields.ts'

/** Later keys decide where those before them are equal. */
export type Sort = readonly SortKey[]

export interface SortKey {
  readonly key: string
  readonly isDescending: boolean
}

/** Keys of one order. */
export const SORT_LIMIT = 8

/** The fields of the filter language, but for its flags. Ages sort by date: `-added` has the newest first. */
export const SORT_KEYS: readonly string[] = TORRENT_FIELDS.filter(
  ({ kind }) => kind !== 'flag',
).map(({ name }) => name)

export type ParsedSort =
  | { readonly ok: true; readonly sort: Sort }
  /** `at`: where in the text, from 0. */
  | { readonly ok: false; readonly problem: Problem; readonly at: number }

/** Reads `-ratio,name`: by ratio, the highest first, then by name. The empty text sorts by nothing. */
export function parseSort(text: string): ParsedSort {
  if (text === '') return { ok: true, sort: [] }
  const sort: SortKey[] = []
  let at = 0
  for (const part of text.split(',', SORT_LIMIT + 1)) {
    const isDescending = part.startsWith('-')
    const key = isDescending ? part.slice(1) : part
    if (sort.length === SORT_LIMIT) return badSort(at, `There are more than ${SORT_LIMIT} keys`)
    if (!FIELDS.has(key)) return badSort(at, `"${toDisplay(key)}" is no key to sort by`)
    sort.push({ key, isDescending })
    at += part.length + 1
  }
  return { ok: true, sort }
}

/** The other way round. */
export function sortText(sort: Sort): string {
  return sort.map(({ key, isDescending }) => `${isDescending ? '-' : ''}${key}`).join(',')
}

/** A new list in this order. Equals stay as they were; what is not known comes last either way. */
export function sortTorrents(
  torrents: readonly TorrentSummary[],
  sort: Sort,
): readonly TorrentSummary[] {
  const columns = sort.flatMap(({ key, isDescending }) => {
    const field = FIELDS.get(key)
    return field === undefined ? [] : [columnOf(torrents, field, isDescending ? -1 : 1)]
  })
  if (columns.length === 0) return torrents
  const order = torrents.map((_, index) => index)
  order.sort((one, other) => {
    for (const compare of columns) {
      const difference = compare(one, other)
      if (difference !== 0) return difference
    }
    return one - other
  })
  return order.flatMap((index) => torrents[index] ?? [])
}

const FIELDS: ReadonlyMap<string, TorrentField> = new Map(
  TORRENT_FIELDS.filter(({ kind }) => kind !== 'flag').map((field) => [field.name, field]),
)

/** `part 2` comes before `part 10`; case and accents decide only between what is equal otherwise. */
const collator = new Intl.Collator(undefined, { numeric: true })

/** Values are looked up once a row, not once a comparison. Compares rows by their index. */
function columnOf(
  torrents: readonly TorrentSummary[],
  field: TorrentField,
  direction: 1 | -1,
): (one: number, other: number) => number {
  const values = torrents.map((torrent) => valueOf(field, torrent))
  return (one, other) => {
    const first = values[one] ?? null
    const second = values[other] ?? null
    if (first === null || second === null) return Number(first === null) - Number(second === null)
    if (typeof first === 'number' && typeof second === 'number') return (first - second) * direction
    return collator.compare(String(first), String(second)) * direction
  }
}

/** `null` where there is nothing to compare. */
function valueOf(field: TorrentField, torrent: TorrentSummary): string | number | null {
  switch (field.kind) {
    case 'text':
      return field.text(torrent) || null
    case 'label': {
      const labels = field.labels(torrent)
      if (field.known !== undefined) return field.known.indexOf(labels[0] ?? '')
      return labels.length === 0 ? null : labels.join(',')
    }
    case 'flag':
      return Number(field.is(torrent))
    default:
      return field.amount(torrent)
  }
}

function badSort(at: number, what: string): Extract<ParsedSort, { ok: false }> {
  return {
    ok: false,
    at,
    problem: problem(
      'bad-sort',
      `${what}, at character ${at + 1}.`,
      `Use one or more of ${SORT_KEYS.join(', ')}, with commas between; "-" before one turns it around.`,
    ),
  }
}
