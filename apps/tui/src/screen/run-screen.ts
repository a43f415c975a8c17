/**
 * Opens the control that the screen drives, its own node's or another's, and leaves the terminal as it was, however it ends.
 */
import { readFile } from 'node:fs/promises'
import { connectControl } from '@pigeon/control/connect'
import type { Control, Problem } from '@pigeon/control/contract'
import { SessionControl } from '@pigeon/control/session-control'
import { createTorrent } from '@pigeon/node/create-torrent'
import { folderLister } from '@pigeon/node/list-folder'
import type { ExitCode } from '../cli/exit-codes.ts'
import { EXIT } from '../cli/exit-codes.ts'
import { CLIENT, readSettings, startNode, VERSION } from '../cli/node-flags.ts'
import { printNote, printProblem } from '../cli/output.ts'

type Flags = Readonly<Record<string, unknown>>

export async function runScreen(flags: Flags, signal: AbortSignal): Promise<ExitCode> {
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    printNote('pigeon: the screen needs a terminal; without one, use a command (pigeon --help).')
    return EXIT.usage
  }
  const isRemote = typeof flags['connect'] === 'string'
  const control = isRemote ? await connect(flags) : await ownControl(flags)
  if (typeof control === 'number') return control
  try {
    return await show(control, isRemote, signal)
  } finally {
    await control.close()
  }
}

async function connect(flags: Flags): Promise<Control | ExitCode> {
  const token = await readToken(flags)
  if (typeof token !== 'string') {
    printProblem(token)
    return EXIT.usage
  }
  const control = await connectControl(String(flags['connect']), { token })
  if ('run' in control) return control
  printProblem(control)
  return control.code === 'bad-url' ? EXIT.usage : EXIT.failure
}

async function readToken(flags: Flags): Promise<string | Pick<Problem, 'message' | 'help'>> {
  const { token, tokenFile } = flags
  if (typeof token === 'string') return token
  const help = '"pigeond token" says where the file is, on the machine of the node.'
  if (typeof tokenFile === 'string') {
    try {
      return (await readFile(tokenFile, 'utf8')).trim()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      return { message: `The token file ${tokenFile} cannot be read (${code}).`, help }
    }
  }
  return (
    process.env['PIGEON_TOKEN'] ?? {
      message: "Another client's node needs its token.",
      help: `Give --token-file FILE or PIGEON_TOKEN; ${help}`,
    }
  )
}

async function ownControl(flags: Flags): Promise<Control | ExitCode> {
  const settings = readSettings(flags)
  if (typeof settings === 'number') return settings
  const node = await startNode(settings)
  if (typeof node === 'number') return node
  return new SessionControl(node.session, {
    node: `${CLIENT} ${VERSION}`,
    createTorrent: (path, options, onProgress, stop) =>
      createTorrent(path, options, onProgress, stop),
    browse: folderLister([], [settings.downloads]),
    stop: () => node.close(),
  })
}

/** Draws until the user leaves or the signal comes; rejects with what a component threw. */
export async function show(
  control: Control,
  isRemote: boolean,
  signal: AbortSignal,
): Promise<ExitCode> {
  // Else React takes its development build: slower, and it keeps a record of every frame.
  process.env['NODE_ENV'] ??= 'production'
  // Loading the screen's libraries takes a moment that no one-shot command should pay.
  const [{ render }, { createElement }, { App }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./app.tsx'),
  ])
  const screen = render(createElement(App, { control, isRemote }), {
    alternateScreen: true,
    exitOnCtrlC: false,
    interactive: true,
    maxFps: 10,
  })
  const leave = (): void => screen.unmount()
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  // Before the crash is printed: what is written to the alternate screen is gone with it.
  process.prependListener('uncaughtException', leave)
  // A terminal that went away.
  process.stdin.on('error', leave)
  try {
    await screen.waitUntilExit()
    return EXIT.ok
  } finally {
    signal.removeEventListener('abort', leave)
    process.removeListener('uncaughtException', leave)
    process.stdin.removeListener('error', leave)
  }
}
