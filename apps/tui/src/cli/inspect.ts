/**
 * `pigeon inspect`: what torrent files and magnets say, and what is wrong with them.
 */
import { formatBytes, formatDateTime } from '@pigeon/control/units'
import { toHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { jsonLine, printLine } from './output.ts'
import type { InputFault, TorrentInput } from './read-torrent.ts'
import { readTorrent } from './read-torrent.ts'

/** One line of `--json`. Texts are exact; sizes are bytes. */
interface Inspection {
  readonly file: string
  readonly ok: boolean
  readonly name: string | null
  readonly infoHashV1: string | null
  readonly infoHashV2: string | null
  readonly pieceLength: number | null
  readonly totalSize: number | null
  readonly files: readonly {
    readonly path: string
    readonly size: number
    readonly pad: boolean
    readonly piecesRoot: string | null
  }[]
  readonly private: boolean
  /** Tiers. */
  readonly trackers: readonly (readonly string[])[]
  readonly warnings: readonly string[]
  readonly fault: InputFault | null
}

/** Inspects each input; exit code 2 when any was refused. */
export async function inspect(
  inputs: readonly string[],
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  for (const [position, input] of inputs.entries()) {
    const torrent = await readTorrent(input)
    const inspection = inspectionOf(input, torrent)
    if (!inspection.ok) exitCode = EXIT.usage
    if (options.json === true) {
      printLine(jsonLine(inspection))
      continue
    }
    if (position > 0) printLine('')
    for (const line of describe(inspection, torrent)) printLine(line)
  }
  return exitCode
}

function inspectionOf(file: string, torrent: TorrentInput): Inspection {
  if (torrent.kind === 'refused') return { ...NOTHING, file, fault: torrent.fault }
  if (torrent.kind === 'magnet') {
    const { magnet, warnings } = torrent
    const trackers = magnet.trackers.map((url) => [url])
    return {
      ...NOTHING,
      file,
      ok: true,
      name: magnet.name,
      ...hashesOf(magnet),
      trackers,
      warnings,
    }
  }
  const { metainfo } = torrent
  return {
    file,
    ok: true,
    name: metainfo.name,
    ...hashesOf(metainfo),
    pieceLength: metainfo.pieceLength,
    totalSize: metainfo.files.reduce((sum, each) => sum + (each.isPad ? 0 : each.lengthBytes), 0),
    files: metainfo.files.map((each) => ({
      path: [metainfo.name, ...each.path].join('/'),
      size: each.lengthBytes,
      pad: each.isPad,
      piecesRoot: each.piecesRoot === null ? null : toHex(each.piecesRoot),
    })),
    private: metainfo.isPrivate,
    trackers: metainfo.trackers,
    warnings: metainfo.warnings,
    fault: null,
  }
}

const NOTHING: Inspection = {
  file: '',
  ok: false,
  name: null,
  infoHashV1: null,
  infoHashV2: null,
  pieceLength: null,
  totalSize: null,
  files: [],
  private: false,
  trackers: [],
  warnings: [],
  fault: null,
}

function hashesOf({
  infoHashes,
}: {
  readonly infoHashes: { readonly v1: Uint8Array | null; readonly v2: Uint8Array | null }
}): Pick<Inspection, 'infoHashV1' | 'infoHashV2'> {
  return {
    infoHashV1: infoHashes.v1 === null ? null : toHex(infoHashes.v1),
    infoHashV2: infoHashes.v2 === null ? null : toHex(infoHashes.v2),
  }
}

function describe(inspection: Inspection, torrent: TorrentInput): readonly string[] {
  const lines: string[] = [toDisplay(inspection.file)]
  const add = (label: string, value: string | null): void => {
    if (value !== null) lines.push(`  ${label.padEnd(12)} ${value}`)
  }
  const { fault } = inspection
  if (fault !== null) {
    const where = fault.where === '' ? '' : ` (at ${toDisplay(fault.where)})`
    add('refused', `${toDisplay(fault.message)}${where} [${fault.code}]`)
    return lines
  }
  add('name', inspection.name === null ? null : toDisplay(inspection.name))
  add('info-hash', inspection.infoHashV1)
  add('info-hash v2', inspection.infoHashV2)
  if (torrent.kind === 'torrent') {
    const { metainfo } = torrent
    add('size', `${formatBytes(inspection.totalSize)} (${inspection.totalSize} bytes)`)
    add('pieces', `${metainfo.pieceCount} of ${formatBytes(metainfo.pieceLength)}`)
    add('private', inspection.private ? 'yes: peers come from its trackers only' : null)
    add('comment', metainfo.comment === null ? null : toDisplay(metainfo.comment))
    add('made by', metainfo.createdBy === null ? null : toDisplay(metainfo.createdBy))
    const madeAtMs = metainfo.creationDate === null ? null : metainfo.creationDate * 1000
    add('made on', madeAtMs === null ? null : formatDateTime(madeAtMs))
    for (const seed of metainfo.webSeeds) add('web seed', toDisplay(seed))
  }
  for (const [tier, urls] of inspection.trackers.entries())
    for (const url of urls) add(`tracker ${tier + 1}`, toDisplay(url))
  for (const file of inspection.files) {
    if (!file.pad) add('file', `${formatBytes(file.size).padStart(10)}  ${toDisplay(file.path)}`)
  }
  for (const warning of inspection.warnings) add('warning', toDisplay(warning))
  return lines
}
