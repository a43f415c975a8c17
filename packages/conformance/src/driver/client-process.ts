/** One client under test: started by its driver in a process group of its own, and always ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Endpoint, formatEndpoint } from '../net/address-pool.ts'
import { type Driver, CONTRACT_VERSION } from './driver.ts'

/** The contract's bound on a clean stop. */
const STOP_LIMIT_MS = 10_000
const READY_POLL_MS = 150

export interface ClientOrder {
  readonly role: 'leech' | 'seed'
  readonly caseId: string
  /** Folder of this client alone: data, state and log lie in it. */
  readonly dir: string
  readonly listen: Endpoint
  readonly source: { readonly torrentFile: string } | { readonly magnet: string }
  readonly select?: readonly number[]
  readonly reach?: Reach
}

/** How a client may find and reach others; plain TCP, and whom its tracker names, where nothing is said. */
export interface Reach {
  /** Features that are switched on besides; `tcp` may be left out. */
  readonly enable: readonly string[]
  readonly mse?: 'off' | 'prefer' | 'require'
  /** Nodes of the DHT that are known from the beginning. */
  readonly bootstrap?: readonly Endpoint[]
  /** `socks5://host:port`, through which everything has to go. */
  readonly proxy?: string
  /** Where a tracker of the client's own is to listen. */
  readonly trackerListen?: Endpoint
}

/** What is switched off unless a cell enables it. */
const SWITCHES = ['utp', 'dht', 'pex', 'lsd', 'webseed', 'ws-tracker']

export interface ClientExit {
  readonly code: number | null
  readonly signal: string | null
}

/** Groups that are alive: what is left when the suite itself ends is killed with it. */
const groups = new Set<number>()
process.on('exit', () => {
  for (const group of groups) killGroup(group)
})

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

export class ClientProcess {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<ClientExit>
  exit: ClientExit | undefined
  readonly #child: ChildProcess
  readonly #listen: Endpoint
  #saidReady = false

  constructor(driver: Driver, order: ClientOrder) {
    this.name = driver.name
    this.#listen = order.listen
    for (const folder of ['data', 'state']) mkdirSync(join(order.dir, folder), { recursive: true })
    const output = createWriteStream(join(order.dir, 'output.log'), { flags: 'a' })
    this.#child = spawn(driver.exec, [], {
      cwd: order.dir,
      detached: true,
      env: environment(order),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.pid = this.#child.pid ?? 0
    if (this.pid > 0) groups.add(this.pid)
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      if (/^ready\s*$/m.test(chunk.toString('latin1'))) this.#saidReady = true
    })
    this.#child.stdout?.pipe(output, { end: false })
    this.#child.stderr?.pipe(output, { end: false })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', () =>
        this.#ended({ code: EXIT_NOT_STARTED, signal: null }, resolve),
      )
      this.#child.once('exit', (code, signal) => this.#ended({ code, signal }, resolve))
    })
  }

  #ended(exit: ClientExit, resolve: (exit: ClientExit) => void): void {
    this.exit = exit
    // A driver may leave helpers behind; its group goes with it.
    killGroup(this.pid)
    groups.delete(this.pid)
    resolve(exit)
  }

  /** `true` once the client listens or says so; `false` when it ended or `limitMs` passed. */
  async ready(limitMs: number): Promise<boolean> {
    const untilMs = Date.now() + limitMs
    while (this.exit === undefined && Date.now() < untilMs) {
      if (this.#saidReady || (await accepts(this.#listen))) return true
      await pause(READY_POLL_MS)
    }
    return false
  }

  /** SIGTERM, then SIGKILL when the contract's ten seconds are over. */
  async stop(): Promise<ClientExit> {
    if (this.exit !== undefined) return this.exit
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => killGroup(this.pid), STOP_LIMIT_MS)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  /** SIGKILL to all of the client's processes at once. */
  async kill(): Promise<void> {
    killGroup(this.pid)
    await this.exited
  }
}

/** As a shell reports a program that it cannot execute. */
const EXIT_NOT_STARTED = 126

function environment(order: ClientOrder): Record<string, string> {
  const home = join(order.dir, 'state')
  const reach = order.reach ?? { enable: ['tcp'] }
  const enabled = reach.enable
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: home,
    LANG: 'C.UTF-8',
    TMPDIR: home,
    BTC_CONTRACT: String(CONTRACT_VERSION),
    BTC_CASE: order.caseId,
    BTC_ROLE: order.role,
    BTC_DATA: join(order.dir, 'data'),
    BTC_STATE: home,
    [order.listen.host.includes(':') ? 'BTC_LISTEN6' : 'BTC_LISTEN']: formatEndpoint(order.listen),
    BTC_ENABLE: enabled.join(','),
    BTC_DISABLE: SWITCHES.filter((name) => !enabled.includes(name)).join(','),
    BTC_MSE: reach.mse ?? 'off',
    BTC_LOG: join(order.dir, 'client.log'),
    ...('magnet' in order.source
      ? { BTC_MAGNET: order.source.magnet }
      : { BTC_TORRENT: order.source.torrentFile }),
    ...(reach.bootstrap === undefined
      ? {}
      : { BTC_DHT_BOOTSTRAP: reach.bootstrap.map(formatEndpoint).join(',') }),
    ...(reach.trackerListen === undefined
      ? {}
      : { BTC_TRACKER_LISTEN: formatEndpoint(reach.trackerListen) }),
    ...(reach.proxy === undefined ? {} : { BTC_PROXY: reach.proxy }),
    ...(order.select === undefined ? {} : { BTC_SELECT: order.select.join(',') }),
  }
}

function accepts(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(endpoint)
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Polls until `isDone` or until the time is up; answers whether it was done. */
export async function until(
  isDone: () => boolean,
  limitMs: number,
  pollMs = 100,
): Promise<boolean> {
  const endMs = Date.now() + limitMs
  while (!isDone()) {
    if (Date.now() > endMs) return false
    await pause(pollMs)
  }
  return true
}
