/**
 * Hashes pieces that should be on disk, a few at a time, and says which are there.
 */
import type { PieceHashes } from '@pigeon/protocol/piece-hashes'
import { pieceProof } from '@pigeon/protocol/piece-hashes'
import type { TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { LIMITS } from '../settings.ts'

export interface CheckRun {
  readonly storage: TorrentStorage
  readonly hashes: PieceHashes
  readonly pieceIndexes: readonly number[]
  readonly onResult: (pieceIndex: number, isVerified: boolean) => void
  /** Asked before each piece: the check ends early where it answers true. */
  readonly isStopped: () => boolean
}

/** Answers `null` when all were checked (or it was stopped), else what went wrong; the other results stand. */
export async function checkPieces(run: CheckRun): Promise<IoProblem | null> {
  const indexes = run.pieceIndexes.values()
  let problem: IoProblem | null = null
  const worker = async (): Promise<void> => {
    for (const pieceIndex of indexes) {
      if (problem !== null || run.isStopped()) return
      const found = await run.storage.verify(pieceIndex, pieceProof(run.hashes, pieceIndex))
      if (typeof found === 'string') run.onResult(pieceIndex, found === 'verified')
      else problem = found
    }
  }
  await Promise.all(Array.from({ length: LIMITS.checksInFlight }, worker))
  return problem
}
