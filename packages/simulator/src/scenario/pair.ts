/**
 * The smallest swarm: one client that has a torrent, and one that does not know it yet.
 */
import type { EngineSettings } from '@pigeon/engine/settings'
import type { Link } from '../network.ts'
import { World } from '../world.ts'
import { type SampleOptions, type SampleTorrent, sampleTorrent } from './sample-torrent.ts'
import { SimClient, type SimClientOptions } from './sim-client.ts'

export interface Pair {
  readonly world: World
  readonly torrent: SampleTorrent
  readonly seeder: SimClient
  readonly leecher: SimClient
}

export interface PairOptions extends SampleOptions {
  readonly seed?: number
  /** The seeder's line. */
  readonly link?: Partial<Link>
  readonly leecherLink?: Partial<Link>
  /** The seeder's. */
  readonly settings?: Partial<EngineSettings>
  readonly leecherSettings?: Partial<EngineSettings>
  readonly wrapPorts?: SimClientOptions['wrapPorts']
}

/** Both run; the seeder's files are placed and, after its check, offered. */
export async function pair(options: PairOptions = {}): Promise<Pair> {
  const { link = {}, leecherLink = {}, settings = {}, leecherSettings = {} } = options
  const { wrapPorts = (ports) => ports } = options
  const world = new World(options.seed ?? 1)
  const torrent = sampleTorrent(world.chance.fork('torrent'), options)
  const seeder = new SimClient(world, 'seeder', { link, settings, wrapPorts })
  const leecher = new SimClient(world, 'leecher', {
    link: leecherLink,
    settings: leecherSettings,
    wrapPorts,
  })
  await seeder.start()
  await leecher.start()
  await seeder.seed(torrent)
  return { world, torrent, seeder, leecher }
}

/** As `pair`, with the seeder's check done. */
export async function seedingPair(options: PairOptions = {}): Promise<Pair> {
  const made = await pair(options)
  const isSeeding = (): boolean => made.seeder.summary.state === 'seeding'
  if (!(await made.world.runUntil(isSeeding, 60_000))) throw new Error('The seeder does not seed')
  return made
}
