/**
 * What is fuzzed: every vector codec under its own name, and the decoders below that have no vectors or keep state.
 * To add one, put a row into the table of your subject (`torrent-decoders.ts`, `wire-decoders.ts`,
 * `tracker-decoders.ts`).
 */
import { VECTOR_CODECS } from '../src/testing/vector-codecs.ts'
import type { VectorOptions } from '../src/testing/vector-codec.ts'
import { readCorpus, type Seed } from './corpus.ts'
import { DHT_DECODERS } from './dht-decoders.ts'
import { MSE_DECODERS } from './mse-decoders.ts'
import { TORRENT_DECODERS } from './torrent-decoders.ts'
import { TRACKER_DECODERS } from './tracker-decoders.ts'
import { UTP_DECODERS } from './utp-decoders.ts'
import { WEB_DECODERS } from './web-decoders.ts'
import { WIRE_DECODERS } from './wire-decoders.ts'

/** A row of a table. */
export interface DecoderRow {
  readonly name: string
  /** The vector codecs whose inputs it starts from. */
  readonly corpus: readonly [string, ...string[]]
  /** Inputs of its own to start from. */
  readonly seeds?: readonly Uint8Array[]
  /** Must take any bytes, must not throw, must keep nothing. */
  decode(bytes: Uint8Array, options: VectorOptions): unknown
}

export interface Decoder extends Pick<DecoderRow, 'name' | 'decode'> {
  readonly seeds: readonly [Seed, ...Seed[]]
}

/** Codecs that compute from what is ours: a wrong input there is our bug, not a peer's doing. */
const OWN_INPUT: ReadonlySet<string> = new Set(['scrape-filter', 'allowed-fast-set'])

export function allDecoders(): readonly Decoder[] {
  const corpus = readCorpus()
  const foreign = Object.entries(VECTOR_CODECS).filter(([name]) => !OWN_INPUT.has(name))
  const codecs = foreign.map(
    ([name, codec]): DecoderRow => ({
      name,
      corpus: [name],
      decode: (bytes, options) => codec.decode(bytes, options),
    }),
  )
  const rows = [
    ...codecs,
    ...TORRENT_DECODERS,
    ...WIRE_DECODERS,
    ...MSE_DECODERS,
    ...TRACKER_DECODERS,
    ...DHT_DECODERS,
    ...UTP_DECODERS,
    ...WEB_DECODERS,
  ]
  return rows.map((row) => withSeeds(row, corpus))
}

function withSeeds(row: DecoderRow, corpus: ReadonlyMap<string, readonly Seed[]>): Decoder {
  const own = (row.seeds ?? []).map((bytes): Seed => ({ bytes, options: {}, tree: null }))
  const [first, ...others] = [...own, ...row.corpus.flatMap((name) => corpus.get(name) ?? [])]
  if (first === undefined) throw new Error(`${row.name} has nothing to start from`)
  return { name: row.name, seeds: [first, ...others], decode: (...input) => row.decode(...input) }
}
