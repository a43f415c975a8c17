/**
 * Renames on the disk and in the record, in an order that survives a power cut: the record says what is meant, the disk
 * gets it, the record says that it is done. Whatever is found at the next start, the same steps end well.
 */
import type { StorageLayout } from '../layout.ts'
import type { TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { addRename, applyRename } from '../renames.ts'
import type { Rename, TorrentOptions } from './options.ts'

export interface RenameRun {
  readonly options: TorrentOptions
  /** As it was before. */
  readonly layout: StorageLayout
  readonly storage: TorrentStorage
  /** The files have their new names, which is to be recorded next. */
  readonly onRenamed: () => void
  /** Records the options. */
  readonly save: () => Promise<IoProblem | null>
}

/** All or nothing; on a problem everything is called what it was called before. */
export async function renameFiles(run: RenameRun, rename: Rename): Promise<IoProblem | null> {
  const { options, layout, storage } = run
  options.unfinishedRename = rename
  const problem =
    (await run.save()) ?? (await storage.rename(applyRename(layout, rename), { isRepeated: false }))
  if (problem === null) takeNames(run, rename)
  options.unfinishedRename = null
  return (await run.save()) ?? problem
}

/** Ends what a power cut or a kill broke off. */
export async function finishRename(run: RenameRun): Promise<IoProblem | null> {
  const { options, layout, storage } = run
  const rename = options.unfinishedRename
  if (rename === null) return null
  const foreign = new Set(options.foreignFiles)
  storage.claim(layout.files.map((_, index) => index).filter((index) => !foreign.has(index)))
  const problem = await storage.rename(applyRename(layout, rename), { isRepeated: true })
  if (problem !== null) return problem
  takeNames(run, rename)
  options.unfinishedRename = null
  return run.save()
}

/** The topmost name is the torrent's own too. */
function takeNames({ options, layout, onRenamed }: RenameRun, rename: Rename): void {
  onRenamed()
  options.renames = addRename(options.renames, rename)
  if (rename.path === layout.rootName) options.shownName = rename.name
}
