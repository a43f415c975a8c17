/**
 * Runs the program of `on-complete-run`. Texts of a torrent reach it as values of variables only: there is no shell, and
 * no argument that a name could change.
 */
import { spawn } from 'node:child_process'
import type { RawTorrentSummary } from '@pigeon/control/controlled-session'

/** Of what a program prints, this much is kept for the log. */
export const OUTPUT_BYTES = 2_048
/** What it started may hold its output open for longer than it lives itself. */
const OUTPUT_MS = 500
/** Of a text in a variable. */
export const VARIABLE_CHARACTERS = 4_096
/** What a program may know of ours; a token in our environment is none of its business. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const

export type Environment = Readonly<Record<string, string | undefined>>

export interface ProgramEnd {
  /** `null` when it could not be started or was ended by a signal. */
  readonly exitCode: number | null
  /** Why it did not end by itself, or could not be started. */
  readonly reason: string | null
  /** The beginning of what it printed, as it was printed. */
  readonly output: string
}

/** Never rejects. The program and what it started are ended after `timeoutMs`, or when the signal says so. */
export function runProgram(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  const [program = '', ...args] = command
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let lengthBytes = 0
    let reason: string | null = null
    const finish = (exitCode: number | null, why: string | null): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      const output = Buffer.concat(chunks).toString()
      resolve({ exitCode, reason: why, output })
    }
    // A group of its own, so that what it started can be ended with it.
    const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const end = (why: string): void => {
      reason = why
      killGroup(child.pid)
    }
    const timer = setTimeout(() => end(`not done after ${timeoutMs / 1000} s`), timeoutMs)
    const onAbort = (): void => end('pigeond ended')
    signal.addEventListener('abort', onAbort)
    const keep = (chunk: Buffer): void => {
      const room = OUTPUT_BYTES - lengthBytes
      if (room <= 0) return
      chunks.push(chunk.subarray(0, room))
      lengthBytes += Math.min(room, chunk.length)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => finish(null, error.message))
    child.on('exit', () => {
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, OUTPUT_MS).unref()
    })
    child.on('close', (exitCode, by) => {
      finish(exitCode, reason ?? (by === null ? null : `ended by ${by}`))
    })
    if (signal.aborted) onAbort()
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

/** The whole environment of a program that is told about a torrent. */
export function torrentEnvironment(
  torrent: RawTorrentSummary,
  env: Environment,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const about = {
    ID: torrent.id,
    NAME: torrent.name,
    FOLDER: torrent.folder,
    CATEGORY: torrent.category ?? '',
    TAGS: torrent.tags.join(','),
    BYTES: String(torrent.wantedBytes),
    INFO_HASH_V1: torrent.infoHashV1 ?? '',
    INFO_HASH_V2: torrent.infoHashV2 ?? '',
    ADDED_AT: secondsOf(torrent.addedAtMs),
    FINISHED_AT: secondsOf(torrent.finishedAtMs),
  }
  const ours = Object.entries(about).map(
    ([name, value]) => [`PIGEON_TORRENT_${name}`, environmentText(value)] as const,
  )
  return Object.fromEntries([...inherited, ...ours])
}

/** No system lets a variable hold a NUL. */
function environmentText(text: string): string {
  return text.slice(0, VARIABLE_CHARACTERS).replaceAll('\0', '\uFFFD')
}

function secondsOf(ms: number | null): string {
  return ms === null ? '' : String(Math.floor(ms / 1000))
}
