/** Our own three clients. Their state is made once for each length of the list, by pigeond, and copied for each run. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { NAME_START, type SmallTorrent } from './many-torrents.ts'
import { freePort, missingProgram, Program, type Running, type Subject } from './subject.ts'

const APPS = join(import.meta.dirname, '../../../../../apps')
const CHROMIUM = '/usr/bin/chromium'

/** The state folder with these torrents in it, made where it is not there yet. */
async function stateWith(dir: string, torrents: readonly SmallTorrent[]): Promise<string> {
  const made = join(dir, '..', `pigeon-state-${torrents.length}`)
  if (!existsSync(made)) {
    const daemon = await Daemon.start(made, 0)
    await addAll(daemon, torrents)
    await daemon.program.stop()
  }
  const state = join(dir, 'state')
  mkdirSync(dir, { recursive: true })
  cpSync(made, state, { recursive: true })
  return state
}

const ADDS_AT_ONCE = 4

async function addAll(daemon: Daemon, torrents: readonly SmallTorrent[]): Promise<void> {
  const waiting = [...torrents]
  const lane = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const answer = await daemon.request('/api/v1/torrents?paused=true', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-bittorrent' },
        body: new Uint8Array(next.bytes),
      })
      if (!answer.ok) throw new Error(`pigeond did not take a torrent: ${await answer.text()}`)
    }
  }
  await Promise.all(Array.from({ length: ADDS_AT_ONCE }, lane))
}

class Daemon {
  readonly program: Program
  readonly #url: string
  readonly #tokenFile: string
  #token = ''
  firstScreenMs = 0

  private constructor(program: Program, url: string, tokenFile: string) {
    this.program = program
    this.#url = url
    this.#tokenFile = tokenFile
  }

  /** Fulfilled once its list has this many torrents. */
  static async start(state: string, count: number): Promise<Daemon> {
    const port = await freePort()
    const args = ['--state', state, '--downloads', join(state, '..', 'data')]
    const program = new Program(
      process.execPath,
      [
        join(APPS, 'daemon/dist/main.js'),
        ...args,
        '--listen-host',
        '127.0.0.1',
        '--control-listen',
        `127.0.0.1:${port}`,
        '--log-level',
        'warn',
      ],
      { HOME: state },
    )
    const daemon = new Daemon(program, `http://127.0.0.1:${port}`, join(state, 'token'))
    daemon.firstScreenMs = await program.until(() => daemon.#hasList(count))
    return daemon
  }

  get url(): string {
    return this.#url
  }

  get token(): string {
    return this.#token
  }

  request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('Authorization', `Bearer ${this.#token}`)
    return fetch(`${this.#url}${path}`, { ...init, headers })
  }

  async change(ids: readonly string[], round: number): Promise<void> {
    const command = { do: 'set-sequential', ids, isSequential: round % 2 === 0 }
    const answer = await this.request('/api/v1/commands', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(command),
    })
    if (!answer.ok) throw new Error(`pigeond refused: ${await answer.text()}`)
  }

  async #hasList(count: number): Promise<boolean> {
    if (!existsSync(this.#tokenFile)) return false
    this.#token = readFileSync(this.#tokenFile, 'utf8').trim()
    try {
      const answer = await this.request('/api/v1/torrents')
      const body: unknown = await answer.json()
      return answer.ok && lengthOf(body, 'torrents') === count
    } catch {
      // It does not listen yet.
      return false
    }
  }
}

function lengthOf(body: unknown, key: string): number {
  const fields = new Map<string, unknown>(
    Object.entries(typeof body === 'object' ? (body ?? {}) : {}),
  )
  const list = fields.get(key)
  return Array.isArray(list) ? list.length : -1
}

export const PIGEOND: Subject = {
  name: 'pigeond',
  watchedBy: 'a WebSocket',
  missing: () => null,
  start: async (dir, torrents) => {
    const daemon = await Daemon.start(await stateWith(dir, torrents), torrents.length)
    const socket = await openSocket(daemon)
    return {
      firstScreenMs: daemon.firstScreenMs,
      usage: () => daemon.program.usage(),
      receivedBytes: () => socket.receivedBytes,
      change: (ids, round) => daemon.change(ids, round),
      stop: async () => {
        socket.close()
        await daemon.program.stop()
      },
    }
  },
}

interface Socket {
  readonly receivedBytes: number
  close(): void
}

async function openSocket(daemon: Daemon): Promise<Socket> {
  const answer = await daemon.request('/api/v1/ticket', { method: 'POST' })
  const body = new Map<string, unknown>(Object.entries((await answer.json()) ?? {}))
  const url = `${daemon.url.replace('http', 'ws')}/api/v1/events?ticket=${String(body.get('ticket'))}`
  const socket = new WebSocket(url)
  let receivedBytes = 0
  socket.addEventListener('message', ({ data }) => {
    receivedBytes += Buffer.byteLength(String(data))
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('no WebSocket')), { once: true })
  })
  return {
    get receivedBytes() {
      return receivedBytes
    },
    close: () => socket.close(),
  }
}

/** With `--connect` it shows a pigeond, which is not measured: only so can its list be changed from outside. */
export const PIGEON: Subject = {
  name: 'pigeon',
  watchedBy: 'a terminal of 120 x 40',
  missing: () => missingProgram('script'),
  start: async (dir, torrents) => {
    const state = await stateWith(dir, torrents)
    const screen = inTerminal(
      ['--state', state, '--downloads', dir, '--listen-host', '127.0.0.1'],
      {
        HOME: state,
      },
    )
    const firstScreenMs = await screen.until(() => showsList(screen, torrents))
    return {
      firstScreenMs,
      usage: () => screen.usage(),
      receivedBytes: () => null,
      change: null,
      stop: () => screen.stop(),
    }
  },
}

export const PIGEON_CONNECTED: Subject = {
  name: 'pigeon --connect',
  watchedBy: 'a terminal of 120 x 40',
  missing: PIGEON.missing,
  start: async (dir, torrents) => {
    const daemon = await Daemon.start(await stateWith(dir, torrents), torrents.length)
    const screen = inTerminal(['--connect', daemon.url], { HOME: dir, PIGEON_TOKEN: daemon.token })
    const firstScreenMs = await screen.until(() => showsList(screen, torrents))
    return {
      firstScreenMs,
      usage: () => screen.usage(),
      receivedBytes: () => null,
      change: (ids, round) => daemon.change(ids, round),
      stop: async () => {
        await screen.stop()
        await daemon.program.stop()
      },
    }
  },
}

function showsList(screen: Program, torrents: readonly SmallTorrent[]): boolean {
  return torrents.length > 0 ? screen.output.includes(NAME_START) : /magnet/i.test(screen.output)
}

function inTerminal(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const quoted = [process.execPath, join(APPS, 'tui/dist/main.js'), ...args].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  )
  const command = `stty cols 120 rows 40; exec ${quoted.join(' ')}`
  return new Program('script', ['-qfec', command, '/dev/null'], { TERM: 'xterm-256color', ...env })
}

export const PIGEON_WEB: Subject = {
  name: 'pigeon-web',
  watchedBy: 'Chromium, which is not counted',
  missing: () => (existsSync(CHROMIUM) ? null : 'Chromium is not installed'),
  start: async (dir, torrents) => {
    const state = await stateWith(dir, torrents)
    // The browser is there already when somebody starts the program.
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS })
    try {
      return await startPage(browser, state, dir, torrents)
    } catch (error) {
      await browser.close()
      throw error
    }
  },
}

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

async function startPage(
  browser: Browser,
  state: string,
  dir: string,
  torrents: readonly SmallTorrent[],
): Promise<Running> {
  const program = new Program(
    process.execPath,
    [
      join(APPS, 'dashboard/dist/main.js'),
      ...['--state', state, '--downloads', dir, '--listen-host', '127.0.0.1'],
      ...['--web-listen', '127.0.0.1:0'],
    ],
    { HOME: state },
  )
  await program.until(() => LINK.test(program.output))
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  let receivedBytes = 0
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      receivedBytes += Buffer.byteLength(payload)
    }),
  )
  await page.goto(LINK.exec(program.output)?.[0] ?? '')
  const sign = torrents.length > 0 ? NAME_START : 'magnet'
  await page.getByText(sign).first().waitFor()
  return {
    firstScreenMs: performance.now() - program.startedMs,
    usage: () => program.usage(),
    receivedBytes: () => receivedBytes,
    change: (ids, round) => changeFromPage(page, ids, round),
    stop: async () => {
      await browser.close()
      await program.stop()
    },
  }
}

const LINK = /http:\/\/127\.0\.0\.1:\d+\/\S+/

/** As the page itself would, with its login. */
async function changeFromPage(page: Page, ids: readonly string[], round: number): Promise<void> {
  const command = JSON.stringify({ do: 'set-sequential', ids, isSequential: round % 2 === 0 })
  const isDone = await page.evaluate(async (body) => {
    const stored = Object.entries(localStorage)
    const key = stored.find(([name]) => name.startsWith('pigeon-session-key'))?.[1]
    const headers = { 'Content-Type': 'application/json', 'X-Pigeon-Session': String(key) }
    const answer = await fetch('api/v1/commands', { method: 'POST', headers, body })
    return answer.ok
  }, command)
  if (!isDone) throw new Error('pigeon-web refused a command')
}

/** Removes the states that were made for several subjects. */
export function forgetStates(root: string, counts: readonly number[]): void {
  for (const count of counts) {
    rmSync(join(root, `pigeon-state-${count}`), { recursive: true, force: true })
  }
}
