/**
 * Puts the screen on the terminal, and leaves that as it was, however it ends.
 */
import type { Control } from '@pigeon/control/contract'
import type { ExitCode } from '../cli/exit-codes.ts'
import { EXIT } from '../cli/exit-codes.ts'

/**
 * Draws until the user leaves or the signal comes; rejects with what a component threw. `onShown` is called when the first
 * frame is there: what takes long begins then.
 */
export async function show(
  control: Control,
  isRemote: boolean,
  signal: AbortSignal,
  onShown: () => void = () => {},
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
  setImmediate(onShown)
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
