/** What the fuzzer starts from: the inputs of the vectors. */
import { readdirSync, readFileSync } from 'node:fs'
import { decodeBencode, TORRENT_BENCODE_LIMITS, type BencodeValue } from '../src/bencode.ts'
import { parseVectorFile } from '../src/testing/vector-file.ts'
import type { VectorOptions } from '../src/testing/vector-codec.ts'

export interface Seed {
  readonly bytes: Uint8Array
  /** What the codec was told beside the bytes. */
  readonly options: VectorOptions
  /** The same as a tree, where it is bencode. */
  readonly tree: BencodeValue | null
}

/** Longer inputs only cost time. */
export const MAX_INPUT_BYTES: number = 64 * 1024

/** The seeds of each vector codec, by its name. */
export function readCorpus(): ReadonlyMap<string, readonly Seed[]> {
  const folder = new URL('../vectors/', import.meta.url)
  const corpus = new Map<string, Seed[]>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.json') || path.endsWith('.schema.json')) continue
    const file = parseVectorFile(path, JSON.parse(readFileSync(new URL(path, folder), 'utf8')))
    const seeds = corpus.get(file.codec) ?? []
    for (const { bytes, options } of file.cases) seeds.push(seedOf(bytes, options))
    corpus.set(file.codec, seeds)
  }
  return corpus
}

export function seedOf(bytes: Uint8Array, options: VectorOptions = {}): Seed {
  const input = bytes.slice(0, MAX_INPUT_BYTES)
  const decoded = decodeBencode(input, TORRENT_BENCODE_LIMITS)
  return { bytes: input, options, tree: decoded.ok ? decoded.value : null }
}
