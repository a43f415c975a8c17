/**
 * Options of `add` in the query of an upload: `folder`, `paused`, `sequential`, `wanted` (indexes and runs, `0,2,5-9`)
 * and `peer` (any number of times).
 */
import type { AddOptions } from './controlled-session.ts'

const WANTED_FILES = 200_000

/** What the query says, for the command's own check to judge: what cannot be read becomes a value that it refuses. */
export function addOptionsFromQuery(query: URLSearchParams): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key)
    const value = values.length === 1 ? (values[0] ?? '') : values
    if (key === 'peer') options['peers'] = values
    else if (key === 'paused') options['isPaused'] = flagOf(value)
    else if (key === 'sequential') options['isSequential'] = flagOf(value)
    else if (key === 'wanted')
      options['wantedFiles'] = typeof value === 'string' ? runsOf(value) : value
    else if (key === 'folder') options['folder'] = value
    else options[`query ${key}`] = value
  }
  return options
}

/** The other way round. */
export function queryFromAddOptions(options: AddOptions): URLSearchParams {
  const query = new URLSearchParams()
  if (options.folder !== undefined) query.set('folder', options.folder)
  if (options.isPaused !== undefined) query.set('paused', String(options.isPaused))
  if (options.isSequential !== undefined) query.set('sequential', String(options.isSequential))
  if (options.wantedFiles !== undefined) query.set('wanted', textOfRuns(options.wantedFiles))
  for (const peer of options.peers ?? []) query.append('peer', peer)
  return query
}

function flagOf(value: string | readonly string[]): unknown {
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
