/** Known deviations of clients, with their reasons: one file a client, read strictly, so that none rots unseen. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '../driver/driver.ts'
import type { Expected } from './verdict.ts'

export interface KnownDeviation extends Expected {
  readonly client: string
  /** Part of the version line that it was seen with; the deviation counts for no other. */
  readonly version: string
  /** A cell's id; `*` stands for any one part. */
  readonly cell: string
}

const MIN_REASON_LENGTH = 20

/** Reads every file of the folder; a malformed one is a bug of the suite and throws. */
export function readKnown(dir: string): KnownDeviation[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => parseKnown(JSON.parse(readFileSync(join(dir, name), 'utf8')), name))
}

export function parseKnown(json: unknown, fileName: string): KnownDeviation[] {
  if (!isRecord(json)) throw new Error(`known/${fileName}: not an object`)
  const { client, version, deviations } = json
  if (typeof client !== 'string' || typeof version !== 'string' || !Array.isArray(deviations))
    throw new Error(`known/${fileName}: needs "client", "version" and "deviations"`)
  return deviations.map((entry: unknown) => {
    const { cell, check, reason, intermittent } = isRecord(entry) ? entry : {}
    if (typeof cell !== 'string' || typeof check !== 'string')
      throw new Error(`known/${fileName}: each entry needs "cell" and "check"`)
    if (typeof reason !== 'string' || reason.length < MIN_REASON_LENGTH)
      throw new Error(`known/${fileName}: ${cell} needs a "reason" in words`)
    return { client, version, cell, check, reason, isIntermittent: intermittent === true }
  })
}

/** What is on file for this cell, of clients that run in the version on file. */
export function expectedOf(
  known: readonly KnownDeviation[],
  cellId: string,
  versions: ReadonlyMap<string, string>,
): KnownDeviation[] {
  return known.filter(
    (entry) =>
      matches(entry.cell, cellId) && (versions.get(entry.client) ?? '').includes(entry.version),
  )
}

function matches(pattern: string, cellId: string): boolean {
  const wanted = pattern.split('/')
  const parts = cellId.split('/')
  return (
    wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at])
  )
}
