/** The stage of one cell: clients with their folders, tracker pages and relays, and the promise to clear all away. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AddressPool, type Endpoint, TRACKER_HOST } from '../net/address-pool.ts'
import { ClientProcess, type ClientOrder, type Reach, pause } from '../driver/client-process.ts'
import type { Driver } from '../driver/driver.ts'
import { Edge, type EdgeOptions } from '../relay/edge.ts'
import { UdpEdge, type Weather } from '../relay/udp-edge.ts'
import { type Torrent, magnetLink, torrentFile } from '../torrent/make-torrent.ts'
import { TrackerClient } from '../tracker/announce-book.ts'
import { HttpTracker } from '../tracker/http-tracker.ts'
import { UdpTracker } from '../tracker/udp-tracker.ts'
import { Room, WsTracker } from '../tracker/ws-tracker.ts'
import { workDir } from '../net/work-dir.ts'
import type { Check } from './verdict.ts'

/** What a client and its driver said. */
const LOGS = ['client.log', 'output.log']

export const READY_LIMIT_MS = 30_000

export interface Casting {
  readonly driver: Driver
  readonly role: 'leech' | 'seed'
  readonly torrent: Torrent
  /** `none`: no tracker is named at all. */
  readonly via: 'http' | 'http6' | 'udp' | 'ws' | 'none'
  readonly isMagnet?: boolean
  readonly select?: readonly number[]
  readonly reach?: Reach
  /** A tracker that is not the suite's. */
  readonly announceUrl?: string
  /** Where it listens; at an address of its own where nothing is said. */
  readonly listen?: Endpoint
}

/** One client of the cell, whether it runs at the moment or not. */
export interface Member {
  readonly label: string
  readonly driver: Driver
  readonly tracker: TrackerClient
  readonly listen: Endpoint
  readonly dir: string
  readonly dataDir: string
  readonly order: ClientOrder
  process: ClientProcess | undefined
}

/** Thrown when a client cannot even be brought on stage: a finding about the client, not about the suite. */
export class ClientFailure extends Error {}

export class Stage {
  readonly caseId: string
  readonly edges: Edge[] = []
  /** Where those of this cell meet who speak to a WebSocket tracker. */
  readonly room = new Room()
  readonly udpEdges: UdpEdge[] = []
  readonly members: Member[] = []
  readonly #reportDir: string
  readonly #workDir: string
  readonly #http: HttpTracker
  readonly #udp = new UdpTracker()
  readonly #pool: AddressPool

  /** Clients work in memory; what a reader wants to see afterwards goes to `reportDir`. */
  constructor(reportDir: string, caseId: string, http: HttpTracker, pool: AddressPool) {
    this.#reportDir = reportDir
    this.#workDir = mkdtempSync(join(workDir(), 'stage-'))
    this.caseId = caseId
    this.#http = http
    this.#pool = pool
    mkdirSync(reportDir, { recursive: true })
  }

  /** Prepares a client: folder, tracker page, torrent file or magnet. It is not started yet. */
  async cast(casting: Casting): Promise<Member> {
    const { driver, torrent } = casting
    const label = `${this.members.length + 1}-${driver.name}`
    const dir = join(this.#workDir, label)
    const dataDir = join(dir, 'data')
    mkdirSync(dataDir, { recursive: true })
    const tracker = new TrackerClient(`${this.caseId}-${label}`.replaceAll(/[^a-z0-9.-]/g, '-'))
    const announceUrl = casting.announceUrl ?? (await this.#announceUrl(casting.via, tracker))
    const torrentPath = join(dir, 'in.torrent')
    if (casting.isMagnet !== true)
      writeFileSync(torrentPath, torrentFile(torrent, announceUrl, casting.reach?.bootstrap))
    const listen =
      casting.listen ?? (casting.via === 'http6' ? this.#pool.client6() : this.#pool.client())
    const order: ClientOrder = {
      role: casting.role,
      caseId: this.caseId,
      dir,
      listen,
      source:
        casting.isMagnet === true
          ? { magnet: magnetLink(torrent, announceUrl) }
          : { torrentFile: torrentPath },
      ...(casting.select === undefined ? {} : { select: casting.select }),
      ...(casting.reach === undefined ? {} : { reach: casting.reach }),
    }
    const member: Member = {
      label,
      driver,
      tracker,
      listen,
      dir,
      dataDir,
      order,
      process: undefined,
    }
    this.members.push(member)
    return member
  }

  /** A fresh address for a client that is still to be cast. */
  clientAddress(): Endpoint {
    return this.#pool.client()
  }

  /** A fresh address that no client has. */
  relayAddress(port: number): Endpoint {
    return this.#pool.relay(port)
  }

  async #announceUrl(via: Casting['via'], tracker: TrackerClient): Promise<string | undefined> {
    if (via === 'none') return undefined
    if (via === 'http6') return (await HttpTracker.shared6()).register(tracker)
    if (via === 'ws') return (await WsTracker.shared(TRACKER_HOST)).register(tracker, this.room)
    return via === 'udp' ? this.#udp.register(tracker, TRACKER_HOST) : this.#http.register(tracker)
  }

  /** As `connect`, for datagrams: over TCP nobody answers there. */
  async connectUdp(
    from: Member,
    to: Endpoint,
    toLabel: string,
    weather: Weather,
  ): Promise<UdpEdge> {
    const edge = new UdpEdge(this.#pool.relay(to.port), to, [from.label, toLabel], weather)
    await edge.listen()
    this.udpEdges.push(edge)
    from.tracker.peers = [...from.tracker.peers, edge.address]
    return edge
  }

  /** A relay from one to the other; the tracker tells the first about it. */
  async connect(
    from: Member,
    to: Endpoint,
    toLabel: string,
    options: EdgeOptions = {},
  ): Promise<Edge> {
    const address = to.host.includes(':') ? this.#pool.relay6(to.port) : this.#pool.relay(to.port)
    const edge = new Edge(address, to, [from.label, toLabel], options)
    await edge.listen()
    this.edges.push(edge)
    from.tracker.peers = [...from.tracker.peers, edge.address]
    return edge
  }

  /** Starts a client, or starts it again after its end, and waits until it listens. */
  async start(member: Member): Promise<void> {
    const process = new ClientProcess(member.driver, member.order)
    member.process = process
    if (await process.ready(READY_LIMIT_MS)) return
    throw new ClientFailure(
      process.exit === undefined
        ? `${member.label} did not listen within ${READY_LIMIT_MS / 1000} s`
        : `${member.label} ended with ${describeExit(process.exit)} instead of listening`,
    )
  }

  /** Stops everyone as the contract says; one check a client. */
  async stopAll(): Promise<Check[]> {
    return Promise.all(
      this.members.map(async (member) => {
        const exit = (await member.process?.stop()) ?? { code: null, signal: null }
        const isMet = exit.code === 0
        return { what: `${member.label} stops cleanly`, isMet, seen: describeExit(exit) }
      }),
    )
  }

  /** Ends all processes and relays; transcripts and logs stay in the cell's folder, payloads only if asked. */
  async clear(keepsPayload: boolean): Promise<void> {
    await Promise.all(this.members.map(async (member) => member.process?.kill()))
    await Promise.all([...this.edges, ...this.udpEdges].map((edge) => edge.close()))
    this.#udp.close()
    writeFileSync(join(this.#reportDir, 'transcript.txt'), this.transcript())
    for (const { label, dir } of this.members) {
      const kept = join(this.#reportDir, label)
      const names = keepsPayload ? [...LOGS, 'data', 'state'] : LOGS
      for (const name of names.filter((item) => existsSync(join(dir, item))))
        cpSync(join(dir, name), join(kept, name), { recursive: true })
    }
    rmSync(this.#workDir, { recursive: true, force: true, maxRetries: 3 })
  }

  transcript(): string {
    const announces = this.members.map((member) => {
      const lines = member.tracker.announces.map(
        (a) =>
          `  ${a.transport} event=${a.event || '-'} left=${a.leftBytes} up=${a.uploadedBytes} down=${a.downloadedBytes} port=${a.port}`,
      )
      return `# announces of ${member.label}\n${lines.slice(0, 40).join('\n')}\n`
    })
    const edges = [...this.edges, ...this.udpEdges]
    return [...announces, ...edges.map((edge) => edge.transcript.text())].join('\n')
  }
}

/** Polls until `isDone`, a client of `members` ends, or the time is up. */
export async function untilDone(
  isDone: () => boolean,
  members: readonly Member[],
  limitMs: number,
): Promise<{ readonly isDone: boolean; readonly seen: string }> {
  const startMs = Date.now()
  for (;;) {
    if (isDone()) return { isDone: true, seen: `after ${seconds(startMs)}` }
    const ended = members.find((member) => member.process?.exit !== undefined)
    if (ended?.process?.exit !== undefined)
      return {
        isDone: false,
        seen: `${ended.label} ended with ${describeExit(ended.process.exit)}`,
      }
    if (Date.now() - startMs > limitMs)
      return { isDone: false, seen: `not within ${limitMs / 1000} s` }
    await pause(200)
  }
}

function seconds(startMs: number): string {
  return `${((Date.now() - startMs) / 1000).toFixed(1)} s`
}

function describeExit(exit: {
  readonly code: number | null
  readonly signal: string | null
}): string {
  if (exit.code === null) return exit.signal === null ? 'no exit' : `signal ${exit.signal}`
  return `exit ${exit.code}`
}
