/**
 * Shows the screen on the terminal of this process and leaves that as it was, however it ends.
 */
import { join } from 'node:path'
import type { Control } from '@pigeon/control/contract'
import { userFolders } from '@pigeon/node/xdg'
import type { ExitCode } from '../cli/exit-codes.ts'
import { EXIT } from '../cli/exit-codes.ts'
import { askForFolder, firstRunFolder } from './first-run.ts'
import { RememberedFile } from './remembered.ts'
import { readScreenSettings, type ScreenSettings } from './screen-settings.ts'
import type { Notice } from './status-lines.ts'
import { STRINGS } from './strings.ts'
import { homingStdout, TerminalJob } from './terminal-job.ts'
import { THEMES } from './theme.ts'

export interface ShowOptions {
  /** Asks where downloads go, before anything is created. */
  readonly isFirstRun?: boolean
  /** Called when the first frame is there, and a first run's question answered: what takes long begins then. */
  readonly onShown?: () => void
}

/** Draws until the user leaves or the signal comes; rejects with what a component threw. */
export async function show(
  control: Control,
  isRemote: boolean,
  signal: AbortSignal,
  { isFirstRun = false, onShown = () => {} }: ShowOptions = {},
): Promise<ExitCode> {
  // Else React takes its development build: slower, and it keeps a record of every frame.
  process.env['NODE_ENV'] ??= 'production'
  // Loading the screen's libraries takes a moment that no one-shot command should pay.
  const [{ render }, { createElement }, { App }, { Screen }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./app.tsx'),
    import('./screen.ts'),
  ])
  const folders = userFolders('pigeon')
  const settings = readScreenSettings(folders, process.env)
  const greeting = greetingOf(settings)
  const screen = new Screen({
    control,
    isRemote,
    keymap: settings.keymap,
    notify: settings.notify,
    remembered: new RememberedFile(join(folders.state, 'screen.json')),
    ...(greeting === null ? {} : { greeting }),
  })
  const job = new TerminalJob(screen, settings.hasMouse)
  const props = {
    screen,
    theme: THEMES[settings.theme],
    isAscii: settings.isAscii,
    onSuspend: () => job.suspend(),
  }
  const app = render(createElement(App, props), {
    stdout: homingStdout(),
    alternateScreen: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    maxFps: 10,
  })
  const release = job.hold(signal, () => app.unmount())
  const folder = isFirstRun ? firstRunFolder(process.env, folders) : null
  if (folder === null) setImmediate(onShown)
  else askForFolder(screen, folder, onShown)
  try {
    await app.waitUntilExit()
    return signal.aborted ? endOf(signal) : EXIT.ok
  } finally {
    release()
  }
}

/** Whoever stopped it by a signal is told so. */
function endOf(signal: AbortSignal): ExitCode {
  return signal.reason === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
}

function greetingOf({ warnings }: ScreenSettings): Notice | null {
  const [first] = warnings
  if (first === undefined) return null
  const more = warnings.length > 1 ? STRINGS.settings.more(warnings.length - 1) : ''
  return { text: `${first}${more}`, isError: true }
}
