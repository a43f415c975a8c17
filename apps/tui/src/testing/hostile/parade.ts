/**
 * Leads hostile texts through the real screen: as names, paths, comments, messages, clients, labels, and as what a user
 * pastes. Collects what goes to the terminal.
 */
import { PassThrough, Writable } from 'node:stream'
import type {
  Control,
  Problem,
  SessionSummary,
  TorrentDetail,
  TorrentSummary,
} from '@pigeon/control/contract'
import type { NetworkStatus, WireEvent, WireTarget } from '@pigeon/control/network'
import { isProblem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { render } from 'ink'
import { createElement } from 'react'
import { App } from '../../screen/app.tsx'
import { Screen } from '../../screen/screen.ts'
import { WRAP_OFF } from '../../screen/terminal-signals.ts'
import { chance, hostileText } from './payloads.ts'

export interface ParadeOptions {
  /** At least so many are drawn. */
  readonly payloads: number
  readonly seed: number
  readonly columns?: number
  readonly rows?: number
  /** Gets what is written to the terminal, a frame or so at a time. */
  readonly onOutput: (text: string) => void
}

export interface Paraded {
  /** In the names of the list, so many were drawn. */
  readonly drawn: number
  /** As many were given to the screen: also in what a view shows only in part, or not at all. */
  readonly given: number
  readonly frames: number
  /** Also after the screen is gone. */
  readonly outputBytes: number
}

/** Payloads in one text: short enough that most of them are in the part of a name that fits into its column. */
const PER_TEXT = 12
/** Rows that are not of the list. */
const CHROME_ROWS = 8
/** Keys that open one view after the other, each from the list and back to it. */
const WALKS: readonly (readonly string[])[] = [
  [],
  ['\r'],
  ['\r', '2'],
  ['\r', '3'],
  ['\r', '4'],
  ['\r', '5'],
  ['\r', '6'],
  ['d'],
  ['/'],
  [':'],
  ['a'],
  ['m'],
  ['?'],
  ['N'],
  ['N', 'e'],
  ['\r', '3', 'w'],
  ['\r', '3', 'w', '/'],
  ['\r', '3', 'w', 'k', '\r'],
]
/** Messages of a wire that one view gets. */
const WIRE_MESSAGES = 60
const ESCAPE = '\u001b'

export async function parade(options: ParadeOptions): Promise<Paraded> {
  const random = chance(options.seed)
  const columns = options.columns ?? 160
  const rows = options.rows ?? 50
  const control = new HostileControl(rows, () => hostileText(random, PER_TEXT))
  let outputBytes = 0
  const terminal = makeTerminal(columns, rows, (text) => {
    outputBytes += Buffer.byteLength(text)
    options.onOutput(text)
  })
  options.onOutput(WRAP_OFF)
  const screen = new Screen({ control, isRemote: false })
  const app = render(createElement(App, { screen }), {
    // Both are what Ink asks of a terminal, which a test has none of.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    stdout: terminal.stdout as unknown as NodeJS.WriteStream,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    stdin: terminal.stdin as unknown as NodeJS.ReadStream,
    alternateScreen: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    patchConsole: false,
    maxFps: 1_000,
  })
  let frames = 0
  let drawn = 0
  try {
    while (drawn < options.payloads) {
      for (const keys of WALKS) {
        control.renew()
        await settled()
        drawn += (rows - CHROME_ROWS) * PER_TEXT
        for (const key of keys) await terminal.type(key)
        await terminal.type(`${ESCAPE}[200~${control.text()}${ESCAPE}[201~`)
        control.step()
        await settled()
        frames += 1
        for (let level = 0; level < 4; level += 1) await terminal.type(ESCAPE)
      }
      control.goOffline(control.problem())
      await settled()
      control.goOnline()
    }
  } finally {
    app.unmount()
    await app.waitUntilExit()
    await control.close()
  }
  return { drawn, given: control.given, frames, outputBytes }
}

/** Lets timers and promises run, and Ink draw. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4))
}

function makeTerminal(columns: number, rows: number, onOutput: (text: string) => void) {
  const stdout = Object.assign(
    new Writable({
      write: (chunk: Buffer, _, done) => {
        onOutput(chunk.toString())
        done()
      },
    }),
    { columns, rows, isTTY: true },
  )
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  })
  const type = async (keys: string): Promise<void> => {
    stdin.write(keys)
    await settled()
  }
  return { stdout, stdin, type }
}

/** Says nothing that is fit to show, and gives it to the screen as it is. */
class HostileControl extends FakeControl implements Control {
  given = 0
  readonly #next: () => string

  constructor(torrentCount: number, next: () => string) {
    super({ torrentCount })
    this.#next = next
  }

  text(): string {
    this.given += PER_TEXT
    return this.#next()
  }

  problem(): Problem {
    return { code: this.text(), message: this.text(), help: this.text() }
  }

  /** New texts for everything that the list shows. */
  renew(): void {
    for (const { id } of this.torrents) this.change(id, this.#summary())
    this.changeSession(this.#session())
  }

  #summary(): Partial<TorrentSummary> {
    return {
      name: this.text(),
      folder: this.text(),
      category: this.text(),
      tags: [this.text(), this.text()],
      tracker: this.text(),
      problem: this.problem(),
    }
  }

  #session(): Partial<SessionSummary> {
    return {
      node: this.text(),
      listening: this.text(),
      defaultFolder: this.text(),
      problem: this.problem(),
    }
  }

  override async network(): Promise<NetworkStatus | Problem> {
    const status = await super.network()
    if (isProblem(status)) return status
    const tracker = { torrents: 1, peers: 1, announces: 1, problem: null }
    return {
      ...status,
      listening: [this.text(), this.text()],
      external: [{ address: this.text(), saidBy: 'peers' }],
      portMapping: { state: 'failed', method: null, external: null, problem: this.problem() },
      dht: status.dht.map((dht) => ({ ...dht, nodeId: this.text() })),
      webRtc: { state: 'missing', help: this.text() },
      proxy: { address: this.text(), problem: this.problem() },
      tracker: { ...tracker, listening: this.text(), urls: [this.text(), this.text()] },
      trackers: status.trackers.map((each) => ({
        ...each,
        host: this.text(),
        message: this.text(),
      })),
    }
  }

  override inspect(_: WireTarget, listener: (event: WireEvent) => void): () => void {
    const messages = Array.from({ length: WIRE_MESSAGES }, (__, number) => ({
      ...({ number, atMs: number, direction: 'in', bep: null, lengthBytes: 5 } as const),
      name: this.text(),
      fields: [
        [this.text(), this.text()],
        [this.text(), this.text()],
      ] as const,
    }))
    listener({ kind: 'messages', messages, leftOut: 3 })
    listener({ kind: 'ended', problem: this.problem() })
    return () => {}
  }

  override async detail(id: string): Promise<TorrentDetail | null> {
    const detail = await super.detail(id)
    if (detail === null) return null
    const { files, peers, trackers, log } = detail
    return {
      ...detail,
      summary: { ...detail.summary, ...this.#summary() },
      files: files.map((file) => ({ ...file, path: `${this.text()}/${this.text()}` })),
      peers: peers.map((peer) => ({ ...peer, address: this.text(), client: this.text() })),
      trackers: trackers.map((each) => ({ ...each, url: this.text(), message: this.text() })),
      log: [...log, ...log].map((line) => ({ ...line, text: this.text() })),
      comment: this.text(),
      createdBy: this.text(),
      magnet: this.text(),
      webSeeds: [this.text()],
    }
  }
}
