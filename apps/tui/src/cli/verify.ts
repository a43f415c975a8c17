/**
 * `pigeon verify`: whether the data of a torrent is whole.
 */
import { formatBytes } from '@pigeon/control/units'
import { contentFolder, verifyFiles } from '@pigeon/node/verify-files'
import { isIoProblem } from '@pigeon/engine/problem'
import type { FilePieces } from './file-pieces.ts'
import { filePieces } from './file-pieces.ts'
import { toDisplay } from '@pigeon/protocol/display'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { exitCodeOf, printLine, printProblem } from './output.ts'
import { ProgressLine } from './progress-line.ts'
import { readTorrent } from './read-torrent.ts'

/** Exit code 0 when every piece is there and right, 1 when not. */
export async function verify(
  file: string,
  dataPath: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const torrent = await readTorrent(file)
  if (torrent.kind === 'refused') {
    printProblem({ message: `${file}: ${torrent.fault.message}`, help: torrent.fault.where })
    return EXIT.usage
  }
  if (torrent.kind === 'magnet') {
    printProblem({
      message: 'A magnet holds no hashes to verify with.',
      help: 'Give the .torrent file.',
    })
    return EXIT.usage
  }
  const { metainfo } = torrent
  const progress = new ProgressLine()
  const folder = await contentFolder(metainfo, dataPath)
  const outcome = await verifyFiles(
    metainfo,
    folder,
    (checked, count) => progress.show(checked / count, `${checked} of ${count} pieces`),
    signal,
  )
  progress.clear()
  if (isIoProblem(outcome)) {
    printProblem(outcome)
    return exitCodeOf(outcome)
  }
  if (outcome.kind === 'stopped') return EXIT.interrupted
  for (const problem of outcome.problems) printProblem(problem)
  for (const part of filePieces(metainfo, outcome.pieces)) printLine(describe(part))
  const isWhole = outcome.verifiedCount === metainfo.pieceCount
  const share = `${outcome.verifiedCount} of ${metainfo.pieceCount} pieces`
  printLine(isWhole ? `whole: ${share}` : `not whole: ${share} are there and right`)
  return isWhole ? EXIT.ok : EXIT.failure
}

function describe(part: FilePieces): string {
  const size = formatBytes(part.lengthBytes).padStart(10)
  const state =
    part.goodCount === part.count ? 'ok' : `${part.count - part.goodCount} bad or missing`
  return `  ${size}  ${toDisplay(part.path)}  ${state}`
}
