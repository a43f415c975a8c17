/** Opens what the screen and line mode drive: another node where one is named, else a node of this process. */
import { existsSync } from 'node:fs'
import type { Control, Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { userFolders } from '@pigeon/node/xdg'
import type { ExitCode } from './exit-codes.ts'
import { exitCodeOf, type Note, printNote, tellProblem } from './output.ts'
import { CLIENT, VERSION } from './version.ts'
import { connectTo, namedNode, type NodeAddress } from './which-node.ts'

type Flags = Readonly<Record<string, unknown>>

export interface Openable {
  readonly isRemote: boolean
  /** A node of this process that was never opened before. */
  readonly isFirstRun: boolean
  /** Takes a while. What goes wrong is told to `note`; its exit code is the answer. */
  readonly open: (note: Note) => Promise<Control | ExitCode>
}

/** Says quickly what is going to be opened; or the exit code after saying why that is not clear. */
export async function findControl(flags: Flags): Promise<Openable | ExitCode> {
  const named = await namedNode(flags)
  if (named !== null && isProblem(named)) return fail(named, printNote)
  return named === null
    ? { isRemote: false, isFirstRun: isFirstRun(flags), open: (note) => openOwn(flags, note) }
    : { isRemote: true, isFirstRun: false, open: (note) => openNamed(named, note) }
}

/** Who says where the state is knows what they set up. */
function isFirstRun(flags: Flags): boolean {
  return flags['state'] === undefined && !existsSync(userFolders(CLIENT).state)
}

async function openNamed(node: NodeAddress, note: Note): Promise<Control | ExitCode> {
  const control = await connectTo(node)
  return isProblem(control) ? fail(control, note) : control
}

async function openOwn(flags: Flags, note: Note): Promise<Control | ExitCode> {
  const { readSettings, startNode } = await import('./node-flags.ts')
  const own = readSettings(flags, note)
  if (typeof own === 'number') return own
  const node = await startNode(own, note)
  if (typeof node === 'number') return node
  const [{ SessionControl }, { createTorrent }, { folderLister }] = await Promise.all([
    import('@pigeon/control/session-control'),
    import('@pigeon/node/create-torrent'),
    import('@pigeon/node/list-folder'),
  ])
  return new SessionControl(node.session, {
    node: `${CLIENT} ${VERSION}`,
    createTorrent: (path, options, onProgress, stop) =>
      createTorrent(path, options, onProgress, stop),
    reach: node.reach,
    browse: folderLister([], [own.settings.downloads]),
    stop: () => node.close(),
  })
}

function fail(reason: Problem, note: Note): ExitCode {
  tellProblem(reason, note)
  return exitCodeOf(reason)
}
