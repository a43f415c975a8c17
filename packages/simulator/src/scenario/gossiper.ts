/**
 * A puppet that takes part in peer exchange and holepunching: it keeps all that it is told, and tells what a scenario
 * wants.
 */
import {
  decodePex,
  encodePex,
  PEX,
  type PexMessage,
  type PexPeer,
} from '@pigeon/protocol/bep/0011-pex'
import {
  decodeHolepunch,
  encodeHolepunch,
  HOLEPUNCH,
  type HolepunchMessage,
} from '@pigeon/protocol/bep/0055-holepunch'
import { parseIp } from '@pigeon/protocol/ip-address'
import type { PeerWireEffect } from '@pigeon/protocol/peer-wire'
import type { World } from '../world.ts'
import { NO_EXTENSIONS, PuppetPeer } from './puppet-peer.ts'
import type { SampleTorrent } from './sample-torrent.ts'

export interface GossiperOptions {
  readonly address?: string
  readonly port?: number
  /** Extensions that it offers; all unless told otherwise. */
  readonly offers?: readonly string[]
  /** What it tells the client of its address. */
  readonly seesUsAt?: string
  /** Has everything; has nothing and wants it unless told so. */
  readonly isSeed?: boolean
}

const TICK_MS = 10_000
const IDS: ReadonlyMap<string, number> = new Map([
  [PEX, 21],
  [HOLEPUNCH, 22],
])

export class Gossiper {
  readonly puppet: PuppetPeer
  /** Messages of peer exchange that came, and when. */
  readonly heard: { readonly atMs: number; readonly message: PexMessage }[] = []
  readonly punched: HolepunchMessage[] = []
  /** What the client offers now. */
  offered: ReadonlyMap<string, number> = new Map()
  dhtPorts: number[] = []
  readonly #world: World
  readonly #port: number
  readonly #offers: readonly string[]
  readonly #seesUsAt: Uint8Array | null
  readonly #isSeed: boolean

  constructor(world: World, name: string, torrent: SampleTorrent, options: GossiperOptions = {}) {
    this.#world = world
    this.#port = options.port ?? 6881
    this.#offers = options.offers ?? [PEX, HOLEPUNCH]
    this.#seesUsAt = parseIp(options.seesUsAt ?? '')
    this.#isSeed = options.isSeed ?? false
    const { address, port } = options
    this.puppet = new PuppetPeer(world, name, torrent, {
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
      on: (effect) => this.#on(effect),
    })
  }

  get key(): string {
    return `${this.puppet.host.address} ${this.#port}`
  }

  tell(added: readonly Omit<PexPeer, 'flags'>[], flags = 0): void {
    const payload = encodePex({ added: added.map((peer) => ({ ...peer, flags })), dropped: [] })
    this.puppet.say({ kind: 'send-extended', name: PEX, payload })
  }

  punch(message: HolepunchMessage): void {
    this.puppet.say({ kind: 'send-extended', name: HOLEPUNCH, payload: encodeHolepunch(message) })
  }

  /** Says that it is alive, as everyone does. */
  #stay(): void {
    this.puppet.ports.clock.after(TICK_MS, () => {
      if (!this.puppet.isConnected) return
      this.puppet.say({ kind: 'tick' })
      this.#stay()
    })
  }

  #on(effect: PeerWireEffect): void {
    if (effect.kind === 'peer-id') {
      const ids = new Map([...IDS].filter(([name]) => this.#offers.includes(name)))
      const extensions = {
        ...NO_EXTENSIONS,
        ids,
        listenPort: this.#port,
        yourIp: this.#seesUsAt,
      }
      this.puppet.say({ kind: 'update-extensions', extensions })
      if (this.#isSeed) this.puppet.sayAll()
      else this.puppet.sayNothing()
      this.#stay()
    }
    if (effect.kind === 'extensions') this.offered = effect.remote.ids
    if (effect.kind === 'port') this.dhtPorts.push(effect.dhtPort)
    if (effect.kind !== 'extended') return
    const read = effect.name === PEX ? decodePex(effect.payload) : null
    if (read?.ok === true) this.heard.push({ atMs: this.#world.nowMs, message: read.message })
    const punched = effect.name === HOLEPUNCH ? decodeHolepunch(effect.payload) : null
    if (punched !== null) this.punched.push(punched)
  }
}
