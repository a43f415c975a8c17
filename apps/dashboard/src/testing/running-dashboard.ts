/** pigeon-web as its users start it: a process of its own, seen through its output and its API only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { buildPage } from './browser.ts'
import { logIn, type PlainAnswer, postJson, ask } from './http-client.ts'

const APP = fileURLToPath(new URL('../..', import.meta.url))

export interface RunningDashboard {
  readonly folder: string
  readonly process: ChildProcess
  /** All that it has printed so far. */
  output(): string
  /** The next login link that it prints. */
  nextLink(): Promise<string>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** The page has to be there before a program that serves it starts. */
export async function ensurePage(): Promise<void> {
  const folder = join(APP, 'dist/page')
  if (!existsSync(join(folder, 'index.html'))) await buildPage(folder)
}

export function makeFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pigeon-web-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts it on loopback with free ports; `flags` come last and win. */
export function startProgram(folder: string, flags: readonly string[] = []): RunningDashboard {
  const child = spawn(
    process.execPath,
    [
      '--conditions=pigeon-source',
      join(APP, 'src/main.ts'),
      ...['--state', join(folder, 'state'), '--downloads', join(folder, 'downloads')],
      ...['--listen-host', '127.0.0.1', '--web-listen', '127.0.0.1:0', '--hash-workers', '1'],
      ...flags,
    ],
    {
      env: {
        ...NO_STRANGERS,
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        XDG_CONFIG_HOME: join(folder, 'config'),
      },
      stdio: 'pipe',
    },
  )
  let text = ''
  let linksSeen = 0
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) =>
    typeof code === 'number' ? code : String(signal),
  )
  return {
    folder,
    process: child,
    output: () => text,
    ended,
    nextLink: async () => {
      for (;;) {
        const links = text.match(/http:\/\/\S+#[\w-]{43}(?=\n)/g) ?? []
        const link = links[linksSeen]
        if (link !== undefined) {
          linksSeen += 1
          return link
        }
        // Output, or the end: whatever comes first may decide.
        await Promise.race([once(child.stdout, 'data'), ended.then(() => endedEarly(text))])
      }
    },
  }
}

function endedEarly(text: string): never {
  throw new Error(`pigeon-web ended before it printed a link:\n${text}`)
}

export interface Api {
  get(path: string): Promise<PlainAnswer>
  run(command: object): Promise<{ readonly ok: boolean; readonly ids: readonly string[] }>
}

/** Logs in with a link, as the page does. */
export async function enter(link: string): Promise<Api> {
  const { port: named, pathname } = new URL(link)
  const port = Number(named)
  const session = await logIn(port, link)
  const base = pathname.slice(0, -'login'.length)
  return {
    get: (path) => ask(port, path, { headers: session }),
    run: async (command) => {
      const answer = await postJson(port, `${base}api/v1/commands`, command, session)
      return JSON.parse(answer.body)
    },
  }
}
