/**
 * A simulated user's client: one session on one host, which can crash and come back.
 */
import { pieceLengthBytes } from '@pigeon/engine/layout'
import type { Ports } from '@pigeon/engine/ports'
import { type AddOptions, Session } from '@pigeon/engine/session'
import { DEFAULT_SETTINGS, type EngineSettings } from '@pigeon/engine/settings'
import type { SimHost } from '../host.ts'
import type { Link } from '../network.ts'
import type { World } from '../world.ts'
import { goodPieces, hasAllFiles, placeFiles, type SampleTorrent } from './sample-torrent.ts'

const FOLDER = '/downloads'
const PORT = 6881

/** Trackers, magnets and what the user names, over plain TCP: a scenario switches on what it is about. */
const PLAIN: Partial<EngineSettings> = {
  isDhtOn: false,
  bootstrapNodes: [],
  isPexOn: false,
  isLsdOn: false,
  isUtpOn: false,
  isWebRtcOn: false,
  encryption: 'off',
}

type Summary = ReturnType<Session['list']>[number]

export interface SimClientOptions {
  readonly link?: Partial<Link>
  readonly settings?: Partial<EngineSettings>
  /** Shared with others, such as 127.0.0.1: then each needs a port of its own. */
  readonly address?: string
  readonly port?: number
  /** To see, or to change, what its session does with its ports. */
  readonly wrapPorts?: (ports: Ports) => Ports
}

export class SimClient {
  readonly host: SimHost
  readonly #world: World
  readonly #port: number
  readonly #settings: Partial<EngineSettings>
  readonly #wrapPorts: (ports: Ports) => Ports
  #session: Session | null = null

  constructor(world: World, name: string, options: SimClientOptions = {}) {
    this.#world = world
    this.#port = options.port ?? PORT
    this.host = world.host(name, options.link, options.address)
    this.#settings = options.settings ?? {}
    this.#wrapPorts = options.wrapPorts ?? ((ports) => ports)
  }

  /** Where others reach it. */
  get peer(): string {
    return `${this.host.address}:${this.#port}`
  }

  get session(): Session {
    if (this.#session === null) throw new Error(`${this.host.name} does not run`)
    return this.#session
  }

  async start(): Promise<void> {
    const settings: EngineSettings = {
      ...DEFAULT_SETTINGS,
      ...PLAIN,
      listen: { host: '0.0.0.0', port: this.#port },
      defaultFolder: FOLDER,
      ...this.#settings,
    }
    this.#session = new Session(this.#wrapPorts(this.host.start()), settings)
    const problem = await this.#world.finish(this.#session.start())
    if (problem !== null) throw new Error(problem.message)
  }

  /** Has all the files already. */
  async seed(torrent: SampleTorrent, options: AddOptions = {}): Promise<void> {
    placeFiles(this.host.disk, FOLDER, torrent)
    await this.add(torrent, options)
  }

  /** Has some of the pieces; the rest of the files is zeros. */
  async seedPart(
    torrent: SampleTorrent,
    hasPiece: (pieceIndex: number) => boolean,
    options: AddOptions = {},
  ): Promise<void> {
    placeFiles(this.host.disk, FOLDER, torrent, hasPiece)
    await this.add(torrent, options)
  }

  async add(torrent: SampleTorrent, options: AddOptions = {}): Promise<void> {
    const source = { kind: 'metainfo', bytes: torrent.bytes } as const
    const added = await this.#world.finish(this.session.add(source, options))
    if (added.kind !== 'added') throw new Error(added.message)
  }

  async addMagnet(uri: string, options: AddOptions = {}): Promise<void> {
    const added = await this.#world.finish(this.session.add({ kind: 'magnet', uri }, options))
    if (added.kind !== 'added') throw new Error(added.message)
  }

  async addPeer(torrent: SampleTorrent, peer: string): Promise<void> {
    const problem = await this.#world.finish(this.session.addPeer(torrent.layout.id, peer))
    if (problem !== null) throw new Error(problem.message)
  }

  /** `kill -9`. */
  kill(): void {
    this.#session = null
    this.host.kill()
  }

  cutPower(): void {
    this.#session = null
    this.host.cutPower()
  }

  /** What the list shows of its only torrent. */
  get summary(): Summary {
    const [summary] = this.session.list()
    if (summary === undefined) throw new Error(`${this.host.name} has no torrent`)
    return summary
  }

  get isDone(): boolean {
    return this.#session !== null && this.summary.progress === 1
  }

  hasAll(torrent: SampleTorrent): boolean {
    return hasAllFiles(this.host.disk, FOLDER, torrent)
  }

  goodPieces(torrent: SampleTorrent): ReadonlySet<number> {
    return goodPieces(this.host.disk, FOLDER, torrent)
  }

  /** The pieces that its record claims. */
  recordedPieces(torrent: SampleTorrent): readonly number[] {
    const bits = this.host.records.torrents.get(torrent.layout.id)?.progress.verified
    if (bits === undefined) return []
    const pieces = Array.from({ length: torrent.layout.pieceCount }, (_, piece) => piece)
    return pieces.filter((piece) => ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0)
  }

  /** Bytes of the pieces that its record claims. */
  recordedBytes(torrent: SampleTorrent): number {
    let lengthBytes = 0
    for (const piece of this.recordedPieces(torrent)) {
      lengthBytes += pieceLengthBytes(torrent.layout, piece)
    }
    return lengthBytes
  }
}
