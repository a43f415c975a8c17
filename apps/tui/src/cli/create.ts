/**
 * `pigeon create`: makes a .torrent file of a file or folder.
 */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatBytes } from '@pigeon/control/units'
import { createTorrent } from '@pigeon/node/create-torrent'
import { toHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import { formatMagnet } from '@pigeon/protocol/magnet'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { VERSION } from './version.ts'
import { exitCodeOf, printLine, printNote, printProblem } from './output.ts'
import { ProgressLine } from './progress-line.ts'

export interface CreateFlags {
  readonly output: string
  readonly tracker?: readonly string[]
  readonly pieceLength?: number
  readonly private?: boolean
  readonly comment?: string
  readonly webSeed?: readonly string[]
  readonly force?: boolean
}

export async function create(
  path: string,
  flags: CreateFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  const progress = new ProgressLine()
  const made = await createTorrent(
    path,
    {
      ...(flags.pieceLength === undefined ? {} : { pieceLength: flags.pieceLength }),
      trackers: (flags.tracker ?? []).map((url) => [url]),
      webSeeds: flags.webSeed ?? [],
      isPrivate: flags.private === true,
      comment: flags.comment ?? null,
      createdBy: `Pigeon ${VERSION}`,
    },
    ({ hashedBytes, totalBytes }) =>
      progress.show(
        totalBytes === 0 ? 1 : hashedBytes / totalBytes,
        `${formatBytes(hashedBytes)} of ${formatBytes(totalBytes)} hashed`,
      ),
    signal,
  )
  progress.clear()
  if (made.kind === 'stopped') return EXIT.interrupted
  if (made.kind !== 'created') {
    printProblem(made)
    return exitCodeOf(made)
  }
  for (const note of made.notes) printNote(`note: ${toDisplay(note)}`)
  const problem = await save(flags.output, made.bytes, flags.force === true)
  if (problem !== null) {
    printProblem(problem)
    return EXIT.disk
  }
  const { infoHashes, name, trackers, pieceCount, pieceLength } = made.metainfo
  printLine(toDisplay(resolve(flags.output)))
  if (infoHashes.v1 !== null) printLine(`  info-hash  ${toHex(infoHashes.v1)}`)
  printLine(`  pieces     ${pieceCount} of ${formatBytes(pieceLength)}`)
  printLine(`  magnet     ${formatMagnet({ infoHashes, name, trackers: trackers.flat() })}`)
  return EXIT.ok
}

async function save(
  path: string,
  bytes: Uint8Array,
  mayReplace: boolean,
): Promise<{ readonly message: string; readonly help: string } | null> {
  try {
    await writeFile(path, bytes, { flag: mayReplace ? 'w' : 'wx' })
    return null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'EEXIST')
      return {
        message: `${path} is there already.`,
        help: 'Give another -o, or --force to replace it.',
      }
    return {
      message: `${path} cannot be written (${code}).`,
      help: 'Choose another place with -o.',
    }
  }
}
