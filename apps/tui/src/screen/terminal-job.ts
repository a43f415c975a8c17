/**
 * The screen as a job of a shell: stopped and continued, ended by a signal or by a crash, and its terminal left as it was
 * each time.
 */
import type { Screen } from './screen.ts'
import { MOUSE_OFF, MOUSE_ON } from './terminal-signals.ts'

/** A process that is to be stopped is stopped by then. */
const STOPPED_BY_MS = 50

export class TerminalJob {
  readonly #screen: Screen
  readonly #wantsMouse: boolean
  #hasMouse = false
  /** Another process may stop this one, as Ctrl-Z does. */
  readonly #onStop = (): void => this.#screen.suspend()
  /** Stopped in a way that nobody can hear of, the shell has drawn over us. */
  readonly #onContinue = (): void => this.#screen.repaint()

  constructor(screen: Screen, wantsMouse: boolean) {
    this.#screen = screen
    this.#wantsMouse = wantsMouse
  }

  /** Calls `unmount` when the signal comes, something throws, or the terminal goes. Answers how to stop that. */
  hold(signal: AbortSignal, unmount: () => void): () => void {
    const leave = (): void => {
      this.#turnMouse(false)
      unmount()
    }
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    // Before the crash is printed: what is written to the alternate screen is gone with it.
    process.prependListener('uncaughtException', leave)
    // A terminal that went away.
    process.stdin.on('error', leave)
    process.on('SIGTSTP', this.#onStop)
    process.on('SIGCONT', this.#onContinue)
    this.#turnMouse(true)
    return () => {
      this.#turnMouse(false)
      signal.removeEventListener('abort', leave)
      process.removeListener('uncaughtException', leave)
      process.stdin.removeListener('error', leave)
      process.removeListener('SIGTSTP', this.#onStop)
      process.removeListener('SIGCONT', this.#onContinue)
    }
  }

  /** Stops this job until somebody continues it; the terminal is the shell's meanwhile. */
  async suspend(): Promise<void> {
    this.#turnMouse(false)
    // With nobody who listens the signal does what it does by itself: nothing where no shell could continue us.
    process.removeListener('SIGTSTP', this.#onStop)
    process.kill(0, 'SIGTSTP')
    // No timer runs while we are stopped.
    await new Promise((resolve) => setTimeout(resolve, STOPPED_BY_MS))
    process.on('SIGTSTP', this.#onStop)
    this.#turnMouse(true)
  }

  #turnMouse(isOn: boolean): void {
    if (!this.#wantsMouse || this.#hasMouse === isOn) return
    this.#hasMouse = isOn
    process.stdout.write(isOn ? MOUSE_ON : MOUSE_OFF)
  }
}
