/**
 * The scenario of `npm run sim`: a swarm on uneven lines in which programs crash, connections break and some peers lie,
 * all from one seed. It ends when every honest client has every byte, and it checks the promises on the way.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { World } from '../world.ts'
import { type SampleTorrent, sampleTorrent } from './sample-torrent.ts'
import { ScriptedPeer } from './scripted-peer.ts'
import { SimClient } from './sim-client.ts'

export interface SwarmRunOptions {
  readonly seed: number
  readonly leechers: number
  readonly liars: number
  readonly sizeBytes: number
  readonly limitMs: Millis
  readonly say: (line: string) => void
}

export interface SwarmRunResult {
  readonly isComplete: boolean
  readonly atMs: Millis
  readonly events: number
  readonly crashes: number
  /** What went against a promise; empty when all held. */
  readonly broken: readonly string[]
}

const PIECE_LENGTH = 65_536
const ROUND_MS = 1000
const CRASH_PROBABILITY = 0.02
const RESET_PROBABILITY = 0.05

export async function runSwarm(options: SwarmRunOptions): Promise<SwarmRunResult> {
  const run = new SwarmRun(options)
  await run.begin()
  return run.play()
}

class SwarmRun {
  readonly #options: SwarmRunOptions
  readonly #world: World
  readonly #torrent: SampleTorrent
  readonly #seeder: SimClient
  readonly #leechers: readonly SimClient[]
  readonly #liars: readonly ScriptedPeer[]
  readonly #broken: string[] = []
  #crashes = 0
  #resets = 0

  constructor(options: SwarmRunOptions) {
    this.#options = options
    this.#world = new World(options.seed)
    const chance = this.#world.chance.fork('scenario')
    const trackers = [['http://tracker.example/announce']]
    const fileSizes = [options.sizeBytes]
    this.#torrent = sampleTorrent(chance, { pieceLength: PIECE_LENGTH, fileSizes, trackers })
    const client = (name: string): SimClient => {
      const link = { delayMs: 5 + chance.int(60), upRate: 100_000 + chance.int(900_000) }
      return new SimClient(this.#world, name, { link })
    }
    this.#seeder = client('seeder')
    this.#leechers = Array.from({ length: options.leechers }, (_, at) =>
      client(`leecher ${at + 1}`),
    )
    const lie = (_: unknown, good: Uint8Array): Uint8Array => good.map((byte) => byte ^ 0x55)
    this.#liars = Array.from(
      { length: options.liars },
      (_, at) => new ScriptedPeer(this.#world, `liar ${at + 1}`, this.#torrent, lie),
    )
  }

  async begin(): Promise<void> {
    this.#world.serve('http://tracker.example', () => ({ status: 200, body: this.#announce() }))
    for (const liar of this.#liars) await liar.listen()
    await this.#seeder.start()
    await this.#seeder.seed(this.#torrent)
    for (const leecher of this.#leechers) {
      await leecher.start()
      await leecher.add(this.#torrent)
    }
  }

  async play(): Promise<SwarmRunResult> {
    const chance = this.#world.chance.fork('trouble')
    while (!this.#isComplete() && this.#world.nowMs < this.#options.limitMs) {
      await this.#world.run(ROUND_MS)
      if (Math.round(this.#world.nowMs / ROUND_MS) % 10 === 0) this.#report()
      for (const leecher of this.#leechers) {
        if (chance.happens(RESET_PROBABILITY)) this.#breakLines(leecher)
        if (!leecher.isDone && chance.happens(CRASH_PROBABILITY)) await this.#crash(leecher)
      }
    }
    this.#report()
    this.#judgeEnd()
    return {
      isComplete: this.#isComplete(),
      atMs: this.#world.nowMs,
      events: this.#world.eventCount,
      crashes: this.#crashes,
      broken: this.#broken,
    }
  }

  /** All addresses, compact. Spec: BEP 23 */
  #announce(): Uint8Array {
    const hosts = [this.#seeder.host, ...this.#leechers.map(({ host }) => host)]
    hosts.push(...this.#liars.map(({ host }) => host))
    const peers = hosts.flatMap(({ address }) => [
      ...address.split('.').map(Number),
      6881 >> 8,
      6881 & 255,
    ])
    const head = new TextEncoder().encode(`d8:intervali1800e5:peers${peers.length}:`)
    return Uint8Array.from([...head, ...peers, 'e'.charCodeAt(0)])
  }

  #breakLines(leecher: SimClient): void {
    this.#resets += 1
    leecher.host.resetConnections()
  }

  async #crash(leecher: SimClient): Promise<void> {
    this.#crashes += 1
    const before = leecher.recordedPieces(this.#torrent)
    leecher.cutPower()
    const good = leecher.goodPieces(this.#torrent)
    const after = leecher.recordedPieces(this.#torrent)
    const { name } = leecher.host
    const absent = after.filter((piece) => !good.has(piece))
    const lost = before.filter((piece) => !after.includes(piece))
    if (absent.length > 0)
      this.#broken.push(`${name} claims pieces that are not there: ${absent.join(', ')}`)
    if (lost.length > 0)
      this.#broken.push(`${name} lost pieces that were recorded: ${lost.join(', ')}`)
    await leecher.start()
    this.#say(`${name} lost power and is back with ${after.length} pieces`)
  }

  #judgeEnd(): void {
    for (const { host, isDone } of this.#leechers)
      if (!isDone) this.#broken.push(`${host.name} has not finished`)
    for (const leecher of this.#leechers) {
      if (leecher.isDone && !leecher.hasAll(this.#torrent)) {
        this.#broken.push(`${leecher.host.name} says it has all, and has not`)
      }
      const storage = leecher.host.storage
      if (storage !== null && storage.mostDirtyBytes > storage.limitBytes) {
        this.#broken.push(`${leecher.host.name} held too many buffers`)
      }
    }
    // Whoever crashes forgets whom it banned, and a piece cut short by a broken line is begun again before it is judged.
    const mostBytes = PIECE_LENGTH * (this.#leechers.length + this.#crashes + this.#resets)
    for (const liar of this.#liars) {
      if (liar.servedBytes > mostBytes)
        this.#broken.push(`${liar.host.name} cost ${liar.servedBytes} bytes`)
    }
  }

  #isComplete(): boolean {
    return this.#leechers.every((leecher) => leecher.isDone)
  }

  #report(): void {
    const parts = this.#leechers.map((leecher) => `${Math.floor(leecher.summary.progress * 100)} %`)
    this.#say(parts.join('  '))
  }

  #say(text: string): void {
    this.#options.say(`${(this.#world.nowMs / 1000).toFixed(1).padStart(7)} s  ${text}`)
  }
}
