/**
 * `npm run bench -- magnet`: from a magnet link to its metadata and to its last byte, with the peer's address in the
 * link, and through a DHT of 20 nodes; pigeond beside WebTorrent. Both tell the times themselves, from when they were told.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { enterNamespace } from '../../net/enter-namespace.ts'
import { workDir } from '../../net/work-dir.ts'
import { type Torrent, magnetLink, makeTorrent, torrentFile } from '../../torrent/make-torrent.ts'
import { seededBytes } from '../../torrent/payloads.ts'
import { spread, type Spread } from '../bench-report.ts'
import { Program } from '../ui/subject.ts'
import { type MagnetNode, startPigeond, startWebTorrent } from './magnet-node.ts'

const SIZE_BYTES = 1024 * 1024
const PIECE_BYTES = 32 * 1024
const DHT_NODES = 20
const PEERS_DIR = join(import.meta.dirname, '../../../peers')

interface MagnetFlags {
  readonly runs: number
  readonly json?: true
}

interface MagnetFigures {
  readonly client: string
  readonly way: 'peer given' | `DHT of ${number}`
  readonly runs: number
  readonly metadataMs: Spread
  readonly doneMs: Spread
}

export function addMagnetCommand(program: Command, mainFile: string): void {
  program
    .command('magnet')
    .description('from a magnet link to the metadata and to the last byte, beside WebTorrent')
    .option('--runs <n>', 'torrents fetched one after the other', runs, 10)
    .option('--json', 'one JSON document instead of the table')
    .action((flags: MagnetFlags) => magnet(flags, mainFile))
}

function runs(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 100) return number
  throw new InvalidArgumentError('A whole number from 1 to 100.')
}

async function magnet(flags: MagnetFlags, mainFile: string): Promise<void> {
  if (await enterNamespace(mainFile)) return
  const torrents = Array.from({ length: flags.runs }, (_, at) => sample(`magnet-bench-${at}`))
  const found: MagnetFigures[] = []
  for (const make of [startPigeond, startWebTorrent]) {
    found.push(await measure(make, torrents, null))
    found.push(await measure(make, torrents, DHT_NODES))
  }
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(found, null, 2)}\n` : `${table(found)}\n`,
  )
}

function sample(name: string): Torrent {
  const bytes = seededBytes(name, SIZE_BYTES)
  return makeTorrent({
    name,
    isSingleFile: true,
    pieceLengthBytes: PIECE_BYTES,
    files: [{ path: [name], bytes }],
  })
}

let place = 0

/** Each run of a client on addresses of its own. */
async function measure(
  start: (host: string, dir: string, bootstrap: string) => Promise<MagnetNode>,
  torrents: readonly Torrent[],
  dhtNodes: number | null,
): Promise<MagnetFigures> {
  place += 1
  const dir = join(workDir(), `magnet-${place}`)
  const swarm = dhtNodes === null ? null : await startSwarm(dhtNodes)
  const bootstrap = swarm === null ? '' : '10.77.210.1:6881'
  const seeder = await start(`10.77.${200 + place}.1`, join(dir, 'seeder'), bootstrap)
  const leecher = await start(`10.77.${220 + place}.1`, join(dir, 'leecher'), bootstrap)
  try {
    const times = await fetchAll(seeder, leecher, torrents, dhtNodes === null)
    return {
      client: leecher.name,
      way: dhtNodes === null ? 'peer given' : `DHT of ${dhtNodes}`,
      runs: times.length,
      metadataMs: spread(times.map(({ metadataMs }) => metadataMs)),
      doneMs: spread(times.map(({ doneMs }) => doneMs)),
    }
  } finally {
    await Promise.all([seeder.stop(), leecher.stop(), swarm?.stop()])
  }
}

async function fetchAll(
  seeder: MagnetNode,
  leecher: MagnetNode,
  torrents: readonly Torrent[],
  isPeerGiven: boolean,
): Promise<{ readonly metadataMs: number; readonly doneMs: number }[]> {
  for (const torrent of torrents) {
    mkdirSync(seeder.dataDir, { recursive: true })
    for (const file of torrent.payload.files)
      writeFileSync(join(seeder.dataDir, ...file.path), file.bytes)
    await seeder.seed(torrentFile(torrent, undefined), torrent.infoHash.toString('hex'))
  }
  const times: { metadataMs: number; doneMs: number }[] = []
  for (const torrent of torrents) {
    const peer = isPeerGiven ? `&x.pe=${seeder.address}` : ''
    const magnetUri = magnetLink(torrent, undefined) + peer
    try {
      times.push(await leecher.fetch(magnetUri, torrent.infoHash.toString('hex')))
    } catch (error) {
      // The others may still come: how many did is in the table.
      process.stderr.write(`failed  ${leecher.name}: ${String(error)}\n`)
    }
  }
  return times
}

/** Nodes of `bittorrent-dht`, each in a /24 of its own, as in the world. */
async function startSwarm(count: number): Promise<Program> {
  const swarm = new Program(
    process.execPath,
    [join(PEERS_DIR, 'dht-swarm.mjs'), String(count), '10.77.', '210'],
    {},
  )
  await swarm.until(() => Promise.resolve(swarm.output.includes('ready')))
  return swarm
}

function table(found: readonly MagnetFigures[]): string {
  const head = ['client', 'way', 'metadata ms', 'done ms', 'runs']
  const rows = found.map((each) => [
    each.client,
    each.way,
    shown(each.metadataMs),
    shown(each.doneMs),
    String(each.runs),
  ])
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function shown({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} (${min.toFixed(0)}-${max.toFixed(0)})`
}
