/** Which files are wanted and in which order, from the five lists of this API. An empty list means all files. */
import type { FilePriority } from '../contract.ts'
import * as argument from './arguments.ts'

export const FILE_ARGUMENTS = {
  files_unwanted: argument.fileIndexes.optional(),
  files_wanted: argument.fileIndexes.optional(),
  priority_high: argument.fileIndexes.optional(),
  priority_low: argument.fileIndexes.optional(),
  priority_normal: argument.fileIndexes.optional(),
} as const

export interface AskedFiles {
  readonly files_unwanted?: readonly number[] | undefined
  readonly files_wanted?: readonly number[] | undefined
  readonly priority_high?: readonly number[] | undefined
  readonly priority_low?: readonly number[] | undefined
  readonly priority_normal?: readonly number[] | undefined
}

export interface FileChoice {
  readonly index: number
  readonly priority: FilePriority
}

export function asksForFiles(asked: AskedFiles): boolean {
  return LISTS.some((list) => asked[list] !== undefined)
}

const LISTS = [
  'files_unwanted',
  'files_wanted',
  'priority_high',
  'priority_low',
  'priority_normal',
] as const

/**
 * Only the files whose priority becomes another one; or an index that does not exist. Here an unwanted file has no
 * priority of its own: one that is given to it counts only together with `files_wanted`.
 */
export function choicesOf(
  asked: AskedFiles,
  now: readonly FilePriority[],
): readonly FileChoice[] | number {
  const next = [...now]
  const setAll = (
    indexes: readonly number[] | undefined,
    priorityOf: (before: FilePriority) => FilePriority,
  ): number | null => {
    const all = indexes?.length === 0 ? next.keys() : (indexes ?? [])
    for (const index of all) {
      const before = next[index]
      if (before === undefined) return index
      next[index] = priorityOf(before)
    }
    return null
  }
  const keepSkipped = (priority: FilePriority) => (before: FilePriority) =>
    before === 'skip' ? before : priority
  const missing =
    setAll(asked.files_unwanted, () => 'skip') ??
    setAll(asked.files_wanted, (before) => (before === 'skip' ? 'normal' : before)) ??
    setAll(asked.priority_high, keepSkipped('high')) ??
    setAll(asked.priority_low, keepSkipped('low')) ??
    setAll(asked.priority_normal, keepSkipped('normal'))
  if (missing !== null) return missing
  return next.flatMap((priority, index) => (priority === now[index] ? [] : [{ index, priority }]))
}
