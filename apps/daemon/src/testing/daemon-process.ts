/** pigeond as a process of its own, as its users start it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ScratchHome } from './scratch-home.ts'

const MAIN = new URL('../main.ts', import.meta.url).pathname

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

export class DaemonProcess {
  readonly exited: Promise<Exit>
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  #wake: () => void = () => {}

  /** Nothing of the user who runs the test reaches it: home, settings and variables are the test's. */
  constructor(
    home: ScratchHome,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    /** A listening socket of this process, to be handed over as systemd does it. */
    socket: number | null = null,
  ) {
    // A shell that becomes the daemon: only so is its process number known beforehand.
    const become = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
    const [program = process.execPath, ...given] = [
      ...(socket === null ? [] : ['/bin/sh', '-c', become, 'sh']),
      process.execPath,
      '--conditions=pigeon-source',
      '--disable-warning=ExperimentalWarning',
      MAIN,
      ...args,
    ]
    this.#child = spawn(program, given, {
      cwd: home.path,
      env: { PATH: process.env['PATH'] ?? '', ...home.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(socket === null ? [] : [socket])],
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
      this.#wake()
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#wake()
      return { code, signal }
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The log's line of that event, once it is there; the first, or a later one. */
  async event(name: string, count = 1): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const line = this.#lines().filter((fields) => fields['event'] === name)[count - 1]
      if (line !== undefined) return line
      if (this.#child.exitCode !== null) throw new Error(`It ended without it: ${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Of all lines of the log, in order. */
  events(): readonly unknown[] {
    return this.#lines().map((fields) => fields['event'])
  }

  #lines(): readonly Readonly<Record<string, unknown>>[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.kill('SIGKILL')
    await this.exited
  }
}
