/** `pigeon` for tests: in this process, with what it prints caught, or as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { CommanderError } from 'commander'
import { vi } from 'vitest'
import { buildProgram, exitCodeOfCommander } from '../cli/program.ts'

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process. */
export async function runPigeon(...args: readonly string[]): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  const onOut = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  const onErr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  let exitCode: number | null = null
  const program = await buildProgram(args, new AbortController().signal, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    exitCode = exitCodeOfCommander(error)
  } finally {
    onOut.mockRestore()
    onErr.mockRestore()
  }
  return { exitCode, stdout, stderr }
}

export interface RunningPigeon {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
  /** Waits until what it printed (stdout and stderr) matches; rejects with all of it when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
}

/** Starts the source as a process of its own, with no settings of this machine's user; `typed` are lines on its stdin. */
export function startPigeon(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  typed: readonly string[] | null = null,
): RunningPigeon {
  const main = join(import.meta.dirname, '..', 'main.ts')
  const child = spawn(process.execPath, ['--conditions=pigeon-source', main, ...args], {
    env: {
      ...NO_STRANGERS,
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      ...COMPILED,
      ...env,
    },
    stdio: [typed === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(typed?.map((line) => `${line}\n`).join(''))
  return watchProcess(child)
}

/** Node keeps what it compiled, types stripped: the next start takes half the time. */
const COMPILED = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled'),
}

function watchProcess(child: ChildProcess): RunningPigeon {
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const each of waiting) each()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    look()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    look()
  })
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = pattern.exec(stdout + stderr)
        if (found === null) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
      void finished.then(({ exitCode }) =>
        reject(new Error(`ended with ${exitCode} before ${pattern}:\n${stdout}${stderr}`)),
      )
    })
  return { process: child, finished, printed }
}

/** A folder that is gone after the test. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'pigeon-tui-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
