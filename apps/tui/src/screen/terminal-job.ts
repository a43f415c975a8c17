/**
 * The screen as a job of a shell: stopped and continued, ended by a signal or by a crash, and its terminal left as it was
 * each time.
 */
import type { Screen } from './screen.ts'
import { MOUSE_OFF, MOUSE_ON, WRAP_OFF, WRAP_ON } from './terminal-signals.ts'

/** A process that is to be stopped is stopped by then. */
const STOPPED_BY_MS = 50

export class TerminalJob {
  readonly #screen: Screen
  readonly #wantsMouse: boolean
  #hasModes = false
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
      this.#turnModes(false)
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
    this.#turnModes(true)
    return () => {
      this.#turnModes(false)
      signal.removeEventListener('abort', leave)
      process.removeListener('uncaughtException', leave)
      process.stdin.removeListener('error', leave)
      process.removeListener('SIGTSTP', this.#onStop)
      process.removeListener('SIGCONT', this.#onContinue)
    }
  }

  /** Stops this job until somebody continues it; the terminal is the shell's meanwhile. */
  async suspend(): Promise<void> {
    this.#turnModes(false)
    // With nobody who listens the signal does what it does by itself: nothing where no shell could continue us.
    process.removeListener('SIGTSTP', this.#onStop)
    process.kill(0, 'SIGTSTP')
    // No timer runs while we are stopped.
    await new Promise((resolve) => setTimeout(resolve, STOPPED_BY_MS))
    process.on('SIGTSTP', this.#onStop)
    this.#turnModes(true)
  }

  /** A row that the terminal takes for wider than we do is cut, and moves no other. */
  #turnModes(isOn: boolean): void {
    if (this.#hasModes === isOn) return
    this.#hasModes = isOn
    const mouse = isOn ? MOUSE_ON : MOUSE_OFF
    process.stdout.write(`${isOn ? WRAP_OFF : WRAP_ON}${this.#wantsMouse ? mouse : ''}`)
  }
}

const ENTER_ALTERNATE = '\u001b[?1049h'
const ERASE_LINE = '\r\u001b[K'
const HOME = '\u001b[H'

/**
 * The terminal's stdout, which goes to the first cell whenever it enters the alternate screen. The cursor comes there from
 * where it was, and after a prompt, or keys typed too early, that is no place for a frame to begin. The line that it was on
 * says that the screen opens, which it has: whoever leaves it for a while should not read that.
 */
export function homingStdout(stdout: NodeJS.WriteStream = process.stdout): NodeJS.WriteStream {
  return new Proxy(stdout, {
    get: (target, key) => {
      if (key === 'write')
        return (chunk: string | Uint8Array, ...rest: []) =>
          target.write(typeof chunk === 'string' ? homing(chunk) : chunk, ...rest)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function homing(chunk: string): string {
  return chunk.replaceAll(ENTER_ALTERNATE, `${ERASE_LINE}${ENTER_ALTERNATE}${HOME}`)
}
