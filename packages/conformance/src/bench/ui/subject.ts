/** A client whose screen or list is measured. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { pause } from '../../driver/client-process.ts'
import type { SmallTorrent } from './many-torrents.ts'
import { type TreeUsage, treeUsage } from './process-tree.ts'

export interface Subject {
  readonly name: string
  /** What counts as its first screen, and who watches while it is measured. */
  readonly watchedBy: string
  /** Why it cannot be measured here, or `null`. */
  readonly missing: () => string | null
  /** Starts it in a folder of its own, with these torrents in its list, all paused. */
  readonly start: (dir: string, torrents: readonly SmallTorrent[]) => Promise<Running>
}

export interface Running {
  /** From the start of the process until the first screen is whole. */
  readonly firstScreenMs: number
  usage(): TreeUsage
  /** What the watcher received so far; `null` where that is the terminal itself or cannot be told. */
  receivedBytes(): number | null
  /** Changes something that shows about each of these; `null` where it cannot be told to. */
  readonly change: ((ids: readonly string[], round: number) => Promise<void>) | null
  stop(): Promise<void>
}

const FIRST_SCREEN_LIMIT_MS = 60_000
const POLL_MS = 10
const STOP_LIMIT_MS = 15_000

/** Those that are alive end with the bench, however it ends. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A program with its children, always ended. */
export class Program {
  readonly startedMs: number = performance.now()
  output = ''
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #hasExited = false

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(command, [...args], {
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        LANG: 'C.UTF-8',
        // Nobody outside is asked.
        PIGEON_BOOTSTRAP_NODES: 'none',
        PIGEON_STUN_SERVERS: 'none',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS)
      })
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.output += error.message
      })
      this.#child.once('close', () => {
        this.#hasExited = true
        children.delete(this.#child)
        resolve()
      })
    })
    children.add(this.#child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  usage(): TreeUsage {
    return treeUsage(this.pid)
  }

  /** To its standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Asks again and again until the answer is yes; answers how long that took since the start. Else it is stopped. */
  async until(isTrue: () => boolean | Promise<boolean>): Promise<number> {
    while (!(await isTrue())) {
      const isLate = performance.now() - this.startedMs > FIRST_SCREEN_LIMIT_MS
      if (this.#hasExited || isLate) {
        await this.stop()
        const what = isLate ? `nothing within ${FIRST_SCREEN_LIMIT_MS / 1000} s` : 'it ended early'
        throw new Error(`${what}: ${this.output.slice(-400)}`)
      }
      await pause(POLL_MS)
    }
    return performance.now() - this.startedMs
  }

  async stop(): Promise<void> {
    if (this.#hasExited) return
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS)
    await this.#exited
    clearTimeout(timer)
  }
}

const OUTPUT_CHARACTERS = 64 * 1024

/** Why a program cannot be run here, or `null`. */
export function missingProgram(
  command: string,
  args: readonly string[] = ['--version'],
): string | null {
  const tried = spawnSync(command, [...args], { timeout: 20_000 })
  return tried.error === undefined ? null : `${command} is not installed`
}

/** A port that nobody had a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
