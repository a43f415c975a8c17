/** `pigeon` without a command: shows the screen at once, and opens the node behind it meanwhile. */
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { LateControl } from './late-control.ts'
import { findControl } from './open-control.ts'
import { printNote } from './output.ts'
import { quickenInk } from './quick-ink.ts'

/** Ends when the user leaves, the signal comes, or the node cannot be opened. */
export async function openScreen(
  flags: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    printNote(
      'pigeon: the screen needs a terminal; without one, use a command (pigeon --help) or --line.',
    )
    return EXIT.usage
  }
  const found = await findControl(flags)
  if (typeof found === 'number') return found
  // Loading the screen takes a moment, and more on a busy machine.
  process.stdout.write(OPENING)
  const restore = quickenInk()
  const { show } = await import('../screen/run-screen.ts')
  const control = new LateControl()
  const failing = new AbortController()
  // Said when the terminal is as it was: what is written meanwhile would be drawn over.
  const notes: string[] = []
  let failure: ExitCode | null = null
  const opening: Promise<void>[] = []
  const open = async (): Promise<void> => {
    const opened = await found.open((note) => notes.push(note))
    if (typeof opened !== 'number') return control.use(opened)
    failure = opened
    failing.abort()
  }
  try {
    const anySignal = AbortSignal.any([signal, failing.signal])
    const exitCode = await show(control, found.isRemote, anySignal, {
      isFirstRun: found.isFirstRun,
      onShown: () => {
        restore()
        opening.push(open())
      },
    })
    return failure ?? exitCode
  } finally {
    await control.close()
    await Promise.all(opening)
    process.stdout.write(ERASED)
    for (const note of notes) printNote(note)
  }
}

/** Ink takes the cursor to be in the first column. */
const OPENING = 'Opening pigeon ...\r'
/** Where the terminal is again as it was, that line is all that is left. */
const ERASED = '\r\u001b[K'
