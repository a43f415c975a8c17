/** The program whose API is spoken here, run on loopback to compare answers with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Original {
  readonly port: number
  /** Its own, gone at the end. */
  readonly folder: string
  end(): Promise<void>
}

/** Starts it with one configuration file, and waits until it answers at its port. */
export async function startOriginal(
  program: string,
  file: string,
  configOf: (port: number, folder: string) => string,
  argsOf: (folder: string) => readonly string[],
): Promise<Original> {
  const folder = await mkdtemp(join(tmpdir(), 'pigeon-original-'))
  const port = await freePort()
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), configOf(port, folder))
  const child = spawn(program, argsOf(folder), {
    env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
    stdio: 'ignore',
  })
  const end = async (): Promise<void> => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await answering(port, child)
  } catch (error) {
    await end()
    throw error
  }
  return { port, folder, end }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** It does not say when it is ready: all that one can do is to ask again. */
async function answering(port: number, child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit').then(() => {
    throw new Error(`${child.spawnfile} ended at once`)
  })
  const asked = (async () => {
    for (;;) {
      const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      )
      if (isUp) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  await Promise.race([asked, exited])
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

/**
 * The kinds of values by the keys that lead to them, such as `torrents.files.length: number`. Lists count by their
 * first element, and are of no kind when they are empty.
 */
export function kindsOf(value: unknown, at = ''): ReadonlyMap<string, string> {
  if (Array.isArray(value)) {
    const within = value.length === 0 ? [] : [...kindsOf(value[0], at)]
    return new Map([[at, 'list'], ...within.filter(([key]) => key !== at)])
  }
  if (typeof value !== 'object' || value === null) return new Map([[at, typeof value]])
  const entries = Object.entries(value).flatMap(([key, each]) => [
    ...kindsOf(each, at === '' ? key : `${at}.${key}`),
  ])
  return new Map(entries)
}
