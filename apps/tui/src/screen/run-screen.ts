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
import { MOUSE_OFF, MOUSE_ON } from './terminal-signals.ts'
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
  // Another process may stop this one, as Ctrl-Z does.
  const onStop = (): void => screen.suspend()
  const mouse = mouseSwitch(settings.hasMouse)
  const app = render(
    createElement(App, {
      screen,
      theme: THEMES[settings.theme],
      isAscii: settings.isAscii,
      onSuspend: async () => {
        process.removeListener('SIGTSTP', onStop)
        await suspend(mouse)
        process.on('SIGTSTP', onStop)
      },
    }),
    {
      alternateScreen: true,
      exitOnCtrlC: false,
      incrementalRendering: true,
      interactive: true,
      maxFps: 10,
    },
  )
  mouse.on()
  const folder = isFirstRun ? firstRunFolder(process.env, folders) : null
  if (folder === null) setImmediate(onShown)
  else askForFolder(screen, folder, onShown)
  const leave = (): void => {
    mouse.off()
    app.unmount()
  }
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  // Before the crash is printed: what is written to the alternate screen is gone with it.
  process.prependListener('uncaughtException', leave)
  // A terminal that went away.
  process.stdin.on('error', leave)
  process.on('SIGTSTP', onStop)
  try {
    await app.waitUntilExit()
    return signal.aborted ? endOf(signal) : EXIT.ok
  } finally {
    mouse.off()
    signal.removeEventListener('abort', leave)
    process.removeListener('uncaughtException', leave)
    process.stdin.removeListener('error', leave)
    process.removeListener('SIGTSTP', onStop)
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

interface MouseSwitch {
  on(): void
  off(): void
}

function mouseSwitch(isWanted: boolean): MouseSwitch {
  let isOn = false
  const turn = (wanted: boolean): void => {
    if (!isWanted || isOn === wanted) return
    isOn = wanted
    process.stdout.write(wanted ? MOUSE_ON : MOUSE_OFF)
  }
  return { on: () => turn(true), off: () => turn(false) }
}

/** Stops this job until somebody continues it; the terminal is the shell's meanwhile. */
async function suspend(mouse: MouseSwitch): Promise<void> {
  mouse.off()
  // Nobody listens now, so that the signal does what it does by itself: nothing where no shell could continue us.
  process.kill(0, 'SIGTSTP')
  // No timer runs while we are stopped.
  await new Promise((resolve) => setTimeout(resolve, STOPPED_BY_MS))
  mouse.on()
}

const STOPPED_BY_MS = 50
