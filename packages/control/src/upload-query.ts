/** Options of `add` in the query of an upload, so that a .torrent file can be sent as it is. */
import { z } from 'zod'
import type { AddOptions } from './controlled-session.ts'

const WANTED_FILES = 200_000

const flag = z.enum(['true', 'false', '1', '0', '']).optional()

/** For the description; what is sent is read by `addOptionsFromQuery`. */
export const UploadQuery = z.object({
  folder: z.string().optional().describe('Where to store it'),
  paused: flag,
  sequential: flag,
  forced: flag.describe('Past the queue'),
  first: flag.describe('First in the queue'),
  category: z.string().optional(),
  tags: z.string().optional().describe('With commas between'),
  'stop-at': z.literal('metadata').optional().describe('Pauses before anything is fetched'),
  wanted: z.string().optional().describe('Indexes of files and runs of them: 0,2,5-9'),
  peer: z.array(z.string()).optional().describe('ADDRESS:PORT, any number of times'),
})

const FLAGS = [
  ['paused', 'isPaused'],
  ['sequential', 'isSequential'],
  ['forced', 'isForced'],
  ['first', 'isFirst'],
] as const

const TEXTS = [
  ['folder', 'folder'],
  ['category', 'category'],
  ['stop-at', 'stopAt'],
] as const

/** Key of the query, to key of the options and how its text is read. */
const READERS = new Map<string, readonly [string, (value: string) => unknown]>([
  ...FLAGS.map(([key, name]) => [key, [name, flagOf]] as const),
  ...TEXTS.map(([key, name]) => [key, [name, (value: string) => value]] as const),
  ['wanted', ['wantedFiles', runsOf]] as const,
  ['tags', ['tags', (value: string) => (value === '' ? [] : value.split(','))]] as const,
])

/** What the query says, for the command's own check to judge: what cannot be read becomes a value that it refuses. */
export function addOptionsFromQuery(query: URLSearchParams): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key)
    const [name, read] = READERS.get(key) ?? [`query ${key}`, () => values]
    if (key === 'peer') options['peers'] = values
    else options[name] = values.length === 1 ? read(values[0] ?? '') : values
  }
  return options
}

/** The other way round; `null` where an option has no place in a query. */
export function queryFromAddOptions(options: AddOptions): URLSearchParams | null {
  const query = new URLSearchParams()
  if (options.limits !== undefined) return null
  for (const [key, name] of FLAGS) {
    const isSet = options[name]
    if (isSet !== undefined) query.set(key, String(isSet))
  }
  for (const [key, name] of TEXTS) {
    const text = options[name]
    if (text !== undefined) query.set(key, text)
  }
  if (options.wantedFiles !== undefined) query.set('wanted', textOfRuns(options.wantedFiles))
  if (options.tags !== undefined) query.set('tags', options.tags.join(','))
  for (const peer of options.peers ?? []) query.append('peer', peer)
  return query
}

function flagOf(value: string): unknown {
  if (value === 'true' || value === '1' || value === '') return true
  return value === 'false' || value === '0' ? false : value
}

function runsOf(text: string): readonly number[] | string {
  if (text === '') return []
  const indexes: number[] = []
  for (const run of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(run)
    if (match === null) return text
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first || indexes.length + (last - first) >= WANTED_FILES) return text
    for (let index = first; index <= last; index += 1) indexes.push(index)
  }
  return indexes
}

function textOfRuns(indexes: readonly number[]): string {
  const sorted = [...new Set(indexes)].sort((one, other) => one - other)
  const runs: { first: number; last: number }[] = []
  for (const index of sorted) {
    const run = runs.at(-1)
    if (run !== undefined && run.last + 1 === index) run.last = index
    else runs.push({ first: index, last: index })
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
