import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { diskProblem, errnoOf } from '../io-errors.ts'
import { copyBytes } from './copy-bytes.ts'
import { disk } from './disk.ts'
import { type StoredFile, wouldOverwrite } from './stored-file.ts'

export interface Move {
  readonly from: StoredFile
  readonly to: StoredFile
}

/**
 * Moves files that nobody holds open; those that are not on disk are passed over. All or nothing: an empty file is made
 * at every target first (a name that is taken ends the move before anything happened), then all are renamed, or, across
 * devices, all are copied and synced before the first original goes. On a problem all is undone. Where anything is to be
 * moved, the names in `kept` must be free too: of files that are to come later.
 */
export async function moveFiles(
  moves: readonly Move[],
  kept: readonly StoredFile[] = [],
): Promise<IoProblem | null> {
  const present: Move[] = []
  for (const move of moves) {
    const stat = await move.from.stat()
    if (isIoProblem(stat)) return stat
    if (stat?.isFile() === true) present.push(move)
  }
  const taken = present.length === 0 ? null : await firstTaken(kept)
  if (taken !== null) return taken
  const made: StoredFile[] = []
  for (const { to } of present) {
    const problem = await to.create()
    if (problem !== null) return undo(made, problem)
    made.push(to)
  }
  const renamed = await renameAll(present)
  if (renamed === null) return null
  if (renamed !== 'other-device') return undo(made, renamed)
  for (const move of present) {
    const problem = await copyFile(move)
    if (problem !== null) return undo(made, problem)
  }
  for (const { from } of present) {
    const problem = await from.remove()
    // The copies are complete and durable: an original that cannot go is in nobody's way.
    if (problem !== null) return null
  }
  return null
}

async function firstTaken(files: readonly StoredFile[]): Promise<IoProblem | null> {
  for (const file of files) {
    const stat = await file.stat()
    if (stat !== null) return isIoProblem(stat) ? stat : wouldOverwrite(file.shownPath)
  }
  return null
}

/** Where an earlier, broken-off move made empty files to hold the places, these may be written over. */
export async function yieldPlaces(moves: readonly Move[]): Promise<void> {
  for (const { from, to } of moves) {
    const [source, target] = [await from.stat(), await to.stat()]
    const isThere = source !== null && !isIoProblem(source)
    const isPlace = target !== null && !isIoProblem(target) && target.isFile() && target.size === 0
    if (isThere && isPlace) to.isOurs = true
  }
}

/** Renames a file over the empty one that it makes under the new name; a name that is taken is a problem. */
export async function renameFile(from: StoredFile, to: StoredFile): Promise<IoProblem | null> {
  const problem = await to.create()
  if (problem !== null) return problem
  const renamed = await rename(from, to)
  if (renamed === null) return null
  return undo([to], renamed === 'other-device' ? crossDevice(from) : renamed)
}

async function renameAll(moves: readonly Move[]): Promise<IoProblem | 'other-device' | null> {
  for (const [done, { from, to }] of moves.entries()) {
    const problem = await rename(from, to)
    if (problem === null) continue
    for (const back of moves.slice(0, done)) {
      const isBack = (await rename(back.to, back.from)) === null
      // What cannot go back is the only copy: it is not removed with the places that were made.
      if (!isBack) back.to.isOurs = false
      // The rename took the target's name away; what follows wants it there again.
      if (isBack && problem === 'other-device') await back.to.create()
    }
    return problem
  }
  return null
}

function rename(from: StoredFile, to: StoredFile): Promise<IoProblem | 'other-device' | null> {
  return from.inFolder((source) =>
    to.inFolder(async (target) => {
      try {
        await disk.rename(source.at(from.name), target.at(to.name))
        return null
      } catch (error) {
        if (errnoOf(error) === 'EXDEV') return 'other-device' as const
        return diskProblem(error, `move ${from.shownPath} to ${to.shownPath}`)
      }
    }),
  )
}

async function copyFile({ from, to }: Move): Promise<IoProblem | null> {
  const source = await from.forReading().open()
  if (isIoProblem(source)) return source
  const target = await to.forWriting().open()
  if (isIoProblem(target)) {
    await disk.close(source)
    return target
  }
  try {
    await copyBytes(source, 0, target, 0, Number.MAX_SAFE_INTEGER)
    await disk.fsync(target)
    return null
  } catch (error) {
    return diskProblem(error, `copy ${from.shownPath} to ${to.shownPath}`)
  } finally {
    await disk.close(source).catch(() => {})
    await disk.close(target).catch(() => {})
  }
}

async function undo(made: readonly StoredFile[], problem: IoProblem): Promise<IoProblem> {
  for (const file of made) await file.remove()
  return problem
}

function crossDevice(from: StoredFile): IoProblem {
  return diskProblem('EXDEV', `rename ${from.shownPath}`)
}
