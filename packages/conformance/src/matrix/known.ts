/** Known deviations of clients, with their reasons: one file a client, read strictly, so that none rots unseen. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface KnownDeviation {
  readonly client: string
  /** Version prefix that it was seen with; the deviation counts for no other. */
  readonly version: string
  /** A cell's id; `*` stands for any one part. */
  readonly cell: string
  readonly reason: string
}

/** Reads every file of the folder; a malformed one is a bug of the suite and throws. */
export function readKnown(dir: string): KnownDeviation[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => parseKnown(JSON.parse(readFileSync(join(dir, name), 'utf8')), name))
}

export function parseKnown(json: unknown, fileName: string): KnownDeviation[] {
  if (typeof json !== 'object' || json === null) throw new Error(`known/${fileName}: not an object`)
  const { client, version, cells } = json as { [key: string]: unknown } // An object: its keys are unknown.
  if (typeof client !== 'string' || typeof version !== 'string' || !Array.isArray(cells))
    throw new Error(`known/${fileName}: needs "client", "version" and "cells"`)
  return cells.map((entry: unknown) => {
    const { cell, reason } = (entry ?? {}) as { [key: string]: unknown } // As above.
    if (typeof cell !== 'string' || typeof reason !== 'string' || reason.length < 20)
      throw new Error(`known/${fileName}: each entry needs "cell" and a "reason" in words`)
    return { client, version, cell, reason }
  })
}

/** The reason on file for this cell, if one of its clients has it in the version that runs. */
export function knownReason(
  known: readonly KnownDeviation[],
  cellId: string,
  versions: ReadonlyMap<string, string>,
): string | undefined {
  const found = known.find(
    (entry) =>
      matches(entry.cell, cellId) && (versions.get(entry.client) ?? '').includes(entry.version),
  )
  return found === undefined ? undefined : `${found.client}: ${found.reason}`
}

function matches(pattern: string, cellId: string): boolean {
  const wanted = pattern.split('/')
  const parts = cellId.split('/')
  return (
    wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at])
  )
}
