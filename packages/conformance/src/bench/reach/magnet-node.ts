/** The two sides of the magnet bench: a running pigeond, or WebTorrent in a process of its own. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '../../driver/driver.ts'
import { pause } from '../../driver/client-process.ts'
import { Program } from '../ui/subject.ts'

export interface FetchTimes {
  /** From the adding. */
  readonly metadataMs: number
  readonly doneMs: number
}

export interface MagnetNode {
  readonly name: string
  readonly dataDir: string
  /** `host:port` for peers. */
  readonly address: string
  /** The payload lies in `dataDir` already; answers when it is served. */
  seed(torrentFile: Buffer, infoHash: string): Promise<void>
  fetch(magnet: string, infoHash: string): Promise<FetchTimes>
  stop(): Promise<void>
}

/** Some bind their DHT to every address: each node has ports of its own. */
let nextPort = 7000

function freshPort(): number {
  nextPort += 1
  return nextPort
}

const FETCH_LIMIT_MS = 30_000
const POLL_MS = 20

/** What both need: a limit and a pause between two looks. */
async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const untilMs = Date.now() + FETCH_LIMIT_MS
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${FETCH_LIMIT_MS / 1000} s`)
    await pause(POLL_MS)
  }
}

class PigeondNode implements MagnetNode {
  readonly name = 'pigeond'
  readonly dataDir: string
  readonly address: string
  readonly #program: Program
  readonly #url: string
  readonly #tokenFile: string
  #token = ''

  private constructor(host: string, dir: string, bootstrap: string) {
    this.dataDir = join(dir, 'data')
    const port = String(freshPort())
    this.address = `${host}:${port}`
    const control = `127.0.0.1:${freshPort()}`
    this.#url = `http://${control}`
    this.#tokenFile = join(dir, 'state/token')
    const main = join(import.meta.dirname, '../../../../../apps/daemon/dist/main.js')
    const flags = {
      state: join(dir, 'state'),
      downloads: this.dataDir,
      'listen-host': host,
      'listen-port': port,
      'control-listen': control,
      'log-level': 'warn',
      'bootstrap-nodes': bootstrap === '' ? 'none' : bootstrap,
    }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    this.#program = new Program(process.execPath, [main, ...args], { HOME: dir })
  }

  static async start(host: string, dir: string, bootstrap: string): Promise<PigeondNode> {
    const node = new PigeondNode(host, dir, bootstrap)
    await node.#program.until(() => node.#isUp())
    return node
  }

  async seed(torrentFile: Buffer, infoHash: string): Promise<void> {
    await this.#request('/api/v1/torrents', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-bittorrent' },
      body: new Uint8Array(torrentFile),
    })
    await eventually(async () => {
      const summary = await this.#detail(infoHash)
      return summary?.summary['state'] === 'seeding' ? true : undefined
    }, 'seeding')
  }

  async fetch(uri: string, infoHash: string): Promise<FetchTimes> {
    const command = { do: 'add', source: { kind: 'magnet', uri } }
    await this.#request('/api/v1/commands', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(command),
    })
    return eventually(async () => {
      const { summary, log } = (await this.#detail(infoHash)) ?? { summary: {}, log: [] }
      const { addedAtMs, finishedAtMs } = summary
      const line = log.find((entry) => isRecord(entry) && entry['text'] === 'Metadata received')
      const metadataAtMs = isRecord(line) ? line['atMs'] : undefined
      if (typeof addedAtMs !== 'number' || typeof finishedAtMs !== 'number') return undefined
      if (typeof metadataAtMs !== 'number') return undefined
      return { metadataMs: metadataAtMs - addedAtMs, doneMs: finishedAtMs - addedAtMs }
    }, 'the whole torrent')
  }

  async stop(): Promise<void> {
    await this.#program.stop()
  }

  async #isUp(): Promise<boolean> {
    if (!existsSync(this.#tokenFile)) return false
    this.#token = readFileSync(this.#tokenFile, 'utf8').trim()
    try {
      return (await fetch(`${this.#url}/healthz`)).ok
    } catch {
      // It does not listen yet.
      return false
    }
  }

  async #detail(
    infoHash: string,
  ): Promise<{ summary: Record<string, unknown>; log: readonly unknown[] } | undefined> {
    const answer = await this.#request(`/api/v1/torrents/${infoHash}`)
    const detail = isRecord(answer) ? answer['detail'] : undefined
    if (!isRecord(detail) || !isRecord(detail['summary'])) return undefined
    const { summary, log } = detail
    return { summary, log: Array.isArray(log) ? log : [] }
  }

  async #request(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = new Headers(init.headers)
    headers.set('Authorization', `Bearer ${this.#token}`)
    const answer = await fetch(`${this.#url}${path}`, { ...init, headers })
    if (!answer.ok) throw new Error(`pigeond: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}

/** One JSON value a line each way. */
class WebTorrentNode implements MagnetNode {
  readonly name = 'webtorrent'
  readonly dataDir: string
  readonly address: string
  readonly #program: Program

  private constructor(host: string, dir: string, bootstrap: string) {
    this.dataDir = join(dir, 'data')
    this.address = `${host}:${freshPort()}`
    const script = join(import.meta.dirname, '../../../peers/webtorrent-magnet.mjs')
    this.#program = new Program(process.execPath, [script], {
      HOME: dir,
      LISTEN: this.address,
      DATA: this.dataDir,
      BOOTSTRAP: bootstrap,
    })
  }

  static async start(host: string, dir: string, bootstrap: string): Promise<WebTorrentNode> {
    const node = new WebTorrentNode(host, dir, bootstrap)
    await node.#program.until(() => Promise.resolve(node.#program.output.includes('"ready"')))
    return node
  }

  async seed(torrentFile: Buffer, infoHash: string): Promise<void> {
    this.#program.write(`${JSON.stringify({ seed: torrentFile.toString('base64') })}\n`)
    await this.#answer(infoHash, 'seeding')
  }

  async fetch(magnet: string, infoHash: string): Promise<FetchTimes> {
    this.#program.write(`${JSON.stringify({ fetch: magnet })}\n`)
    const said = await this.#answer(infoHash, 'done')
    return { metadataMs: Number(said['metadataMs']), doneMs: Number(said['doneMs']) }
  }

  async stop(): Promise<void> {
    await this.#program.stop()
  }

  #answer(infoHash: string, kind: string): Promise<Record<string, unknown>> {
    return eventually(() => {
      const lines = this.#program.output.split('\n').filter((line) => line.startsWith('{'))
      const found = lines
        .map((line): unknown => JSON.parse(line))
        .find((said) => isRecord(said) && said['kind'] === kind && said['infoHash'] === infoHash)
      return Promise.resolve(isRecord(found) ? found : undefined)
    }, kind)
  }
}

type StartNode = (host: string, dir: string, bootstrap: string) => Promise<MagnetNode>

export const startPigeond: StartNode = (...place) => PigeondNode.start(...place)
export const startWebTorrent: StartNode = (...place) => WebTorrentNode.start(...place)
