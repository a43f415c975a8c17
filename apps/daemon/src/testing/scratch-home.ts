/** A home folder of a test's own, gone when the test is done. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { loadSettings } from '@pigeon/node/settings'
import { type Daemon, type DaemonSettings, startDaemon } from '../daemon.ts'
import { runProgram } from '../program.ts'
import { DAEMON_OPTIONS } from '../setting-table.ts'

/** Loopback only, on any free ports. */
export const QUIET = ['--control-listen', '127.0.0.1:0', '--listen-host', '127.0.0.1'] as const

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class ScratchHome {
  readonly path: string
  readonly #cleanups: (() => Promise<unknown>)[] = []

  constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<ScratchHome> {
    return new ScratchHome(await mkdtemp(join(tmpdir(), 'pigeond-')))
  }

  get env(): Readonly<Record<string, string>> {
    return {
      ...NO_STRANGERS,
      HOME: this.path,
      XDG_CONFIG_HOME: join(this.path, 'config'),
      XDG_STATE_HOME: join(this.path, 'state'),
      XDG_DOWNLOAD_DIR: join(this.path, 'downloads'),
    }
  }

  get stateFolder(): string {
    return join(this.path, 'state/pigeon/pigeond')
  }

  /** To be done before the folder goes, the last one first. */
  onEnd(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup)
  }

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup()
    await rm(this.path, { recursive: true, force: true })
  }

  /** Runs the command line in this process. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    let stdout = ''
    let stderr = ''
    const code = await runProgram(args, {
      env: { ...this.env, ...env },
      say: (text) => {
        stdout += text
      },
      complain: (text) => {
        stderr += text
      },
      isWatched: false,
    })
    return { code, stdout, stderr }
  }

  settings(flags: Readonly<Record<string, unknown>> = {}): DaemonSettings {
    const loaded = loadSettings({
      client: 'pigeond',
      env: this.env,
      flags: { controlListen: '127.0.0.1:0', listenHost: '127.0.0.1', hashWorkers: 1, ...flags },
      extra: DAEMON_OPTIONS,
    })
    if (!loaded.ok) throw new Error(loaded.problems[0]?.message)
    return loaded.settings
  }

  /** A daemon in this process; its log lies in `log.jsonl`. */
  async start(flags: Readonly<Record<string, unknown>> = {}): Promise<Daemon> {
    const daemon = await startDaemon(this.settings(flags), {
      logFile: join(this.path, 'log.jsonl'),
      env: process.env,
    })
    if ('code' in daemon) throw new Error(daemon.message)
    this.onEnd(() => daemon.stop('test'))
    return daemon
  }
}
