/**
 * `pigeon get` and `pigeon seed`: one torrent, from the command line, without a screen.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { formatBytes, formatEta, formatRate } from '@pigeon/control/units'
import type { Session } from '@pigeon/engine/session'
import type { RunningNode } from '@pigeon/node/open-node'
import { contentFolder } from '@pigeon/node/verify-files'
import { toDisplay } from '@pigeon/protocol/display'
import { torrentId } from '@pigeon/protocol/info-hash'
import { countsText, SOURCE_WORDS } from '../network/peer-words.ts'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { readSettings, startNode } from './node-flags.ts'
import { exitCodeOf, printLine, printNote, printProblem } from './output.ts'
import { ProgressLine } from './progress-line.ts'
import { readTorrent } from './read-torrent.ts'

export interface GetFlags {
  readonly dir: string
  /** Go on seeding when the download is done. */
  readonly seed?: boolean
  /** Indexes of wanted files, from 0. */
  readonly select?: readonly number[]
  readonly peer?: readonly string[]
  readonly sequential?: boolean
}

interface Job {
  readonly source: Parameters<Session['add']>[0]
  readonly id: string
  readonly folder: string
  readonly wantedFiles?: readonly number[]
  readonly peers: readonly string[]
  readonly isSequential: boolean
  /** Whether to end when all is here. */
  readonly endsWhenDone: boolean
}

/** Downloads one torrent. Exit code 0 when it is whole, 7 when it was broken off before. */
export async function get(
  input: string,
  flags: GetFlags & Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const job = await readJob(input, {
    folder: resolve(flags.dir),
    ...(flags.select === undefined ? {} : { wantedFiles: flags.select }),
    peers: flags.peer ?? [],
    isSequential: flags.sequential === true,
    endsWhenDone: flags.seed !== true,
  })
  if (typeof job === 'number') return job
  const problem = await makeFolder(job.folder)
  if (problem !== null) {
    printProblem(problem)
    return EXIT.disk
  }
  return runJob(job, flags, signal)
}

/** Seeds data that is here, after checking it, until it is interrupted. */
export async function seed(
  input: string,
  dataPath: string,
  flags: Readonly<Record<string, unknown>> & { readonly peer?: readonly string[] },
  signal: AbortSignal,
): Promise<ExitCode> {
  const torrent = await readTorrent(input)
  const folder =
    torrent.kind === 'torrent' ? await contentFolder(torrent.metainfo, dataPath) : resolve(dataPath)
  const peers = flags.peer ?? []
  const job = await readJob(input, { folder, peers, isSequential: false, endsWhenDone: false })
  return typeof job === 'number' ? job : runJob(job, flags, signal)
}

async function readJob(input: string, about: Omit<Job, 'source' | 'id'>): Promise<Job | ExitCode> {
  const torrent = await readTorrent(input)
  switch (torrent.kind) {
    case 'refused': {
      const { message, where } = torrent.fault
      printNote(
        `pigeon: ${toDisplay(input)}: ${toDisplay(message)}${where === '' ? '' : ` (at ${toDisplay(where)})`}`,
      )
      return EXIT.usage
    }
    case 'magnet':
      return {
        ...about,
        source: { kind: 'magnet', uri: input },
        id: torrentId(torrent.magnet.infoHashes),
      }
    case 'torrent':
      return {
        ...about,
        source: { kind: 'metainfo', bytes: torrent.bytes },
        id: torrentId(torrent.metainfo.infoHashes),
      }
    default:
      return torrent satisfies never
  }
}

async function runJob(
  job: Job,
  flags: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const own = readSettings(flags)
  if (typeof own === 'number') return own
  const { settings, sources } = own
  // A state folder of its own, so that several transfers and the screen can run side by side, and each can go on later.
  const state =
    flags['state'] === undefined ? join(settings.state, 'transfers', job.id) : settings.state
  const node = await startNode({ settings: { ...settings, state }, sources })
  if (typeof node === 'number') return node
  try {
    return await follow(node, job, signal)
  } finally {
    await node.close()
  }
}

async function follow(node: RunningNode, job: Job, signal: AbortSignal): Promise<ExitCode> {
  const { session } = node
  const added = await session.add(job.source, {
    folder: job.folder,
    peers: job.peers,
    isSequential: job.isSequential,
    ...(job.wantedFiles === undefined ? {} : { wantedFiles: job.wantedFiles }),
  })
  if (added.kind !== 'added') {
    const isKnown = added.kind === 'refusal' && added.code === 'already-added'
    if (!isKnown) {
      printProblem(added)
      return exitCodeOf(added)
    }
    await session.resume(job.id)
  }
  printNote(`peers reach us at ${session.summary().listening ?? 'no port'}`)
  return watch(session, job, signal)
}

function watch(session: Session, job: Job, signal: AbortSignal): Promise<ExitCode> {
  const progress = new ProgressLine()
  // What earlier runs fetched is counted too.
  const before = session.list().find(({ id }) => id === job.id)?.downloadedBytes ?? 0
  return new Promise((resolveExit) => {
    let hasSaidDone = false
    const end = (exitCode: ExitCode): void => {
      clearInterval(timer)
      stopListening()
      signal.removeEventListener('abort', onAbort)
      progress.clear()
      resolveExit(exitCode)
    }
    const look = (): void => {
      const summary = session.list().find(({ id }) => id === job.id)
      if (summary === undefined) return
      progress.show(summary.progress, lineOf(summary, session))
      if (
        summary.state === 'error' &&
        summary.problem !== null &&
        summary.problem.code !== 'disk-full'
      ) {
        progress.clear()
        printProblem(summary.problem)
        end(exitCodeOf(summary.problem))
        return
      }
      if (summary.state !== 'seeding') return
      if (job.endsWhenDone) {
        progress.clear()
        printLine(`${toDisplay(summary.name)}: whole, in ${toDisplay(summary.folder)}`)
        printNote(`fetched ${formatBytes(summary.downloadedBytes - before)} from peers`)
        end(EXIT.ok)
      } else if (!hasSaidDone) {
        hasSaidDone = true
        progress.clear()
        printLine(`${toDisplay(summary.name)}: whole, seeding`)
      }
    }
    const onAbort = (): void => {
      const summary = session.list().find(({ id }) => id === job.id)
      // Whoever asked for seeding ends it by interrupting.
      end(summary?.state === 'seeding' || !job.endsWhenDone ? EXIT.ok : EXIT.unfinished)
    }
    const timer = setInterval(look, 200)
    const stopListening = session.onChange(look)
    signal.addEventListener('abort', onAbort, { once: true })
    look()
  })
}

function lineOf(summary: ReturnType<Session['list']>[number], session: Session): string {
  const size = `${formatBytes(summary.doneBytes)} of ${formatBytes(summary.wantedBytes)}`
  const rates = `down ${formatRate(summary.downRate)} up ${formatRate(summary.upRate)}`
  const from = countsText(session.network().peersBySource, SOURCE_WORDS)
  const found = from === '' ? '' : ` (${from})`
  const peers = `${summary.peersConnected} ${summary.peersConnected === 1 ? 'peer' : 'peers'}${found}`
  const eta = summary.etaMs === null ? '' : `  ${formatEta(summary.etaMs)} left`
  return `${summary.state}  ${size}  ${rates}  ${peers}${eta}`
}

async function makeFolder(
  folder: string,
): Promise<{ readonly message: string; readonly help: string } | null> {
  try {
    await mkdir(folder, { recursive: true })
    return null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return {
      message: `The folder ${folder} cannot be made (${code}).`,
      help: 'Choose another with -d, or give yourself the right to write there.',
    }
  }
}
