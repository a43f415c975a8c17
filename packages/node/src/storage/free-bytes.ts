import { dirname } from 'node:path'
import type { IoProblem } from '@pigeon/engine/problem'
import { diskProblem, errnoOf } from '../io-errors.ts'
import { disk } from './disk.ts'

/** What an ordinary user may still write on the disk of a folder, or of the nearest one above it that exists. */
export async function freeBytes(folder: string): Promise<number | IoProblem> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const stat = await disk.statfs(at)
      return stat.bavail * stat.bsize
    } catch (error) {
      const isAtTop = dirname(at) === at
      if (errnoOf(error) !== 'ENOENT' || isAtTop) return diskProblem(error, `look at ${folder}`)
    }
  }
}
