/**
 * Collects a torrent's metadata from many peers who may lie about its size and its bytes. Memory grows only as bytes
 * arrive. Peers who claim another size are collected apart, so a liar cannot hold up honest ones. The caller checks the
 * hash; after a failure with several contributors the next attempt comes from one peer alone, and so finds the liar.
 *
 * Spec: BEP 9
 */
import {
  type MetadataMessage,
  metadataPieceBytes,
  metadataPieceCount,
} from './bep/0009-metadata.ts'
import { METADATA_BYTES_LIMIT } from './bep/0010-extension.ts'
import { concatBytes } from './bytes.ts'
import type { PeerFault } from './fault.ts'

export type MetadataProgress<Source> =
  | { readonly kind: 'kept' }
  /** It was not asked for; nothing was kept. */
  | { readonly kind: 'unasked' }
  | { readonly kind: 'fault'; readonly fault: PeerFault }
  /** Check its hash, then call `reset` or `fail`. `sources` are all who sent a part. */
  | {
      readonly kind: 'whole'
      readonly bytes: Uint8Array
      readonly sources: readonly Source[]
    }

/** Sizes that are collected side by side; the one with the fewest bytes gives way. */
export const METADATA_SIZES_LIMIT = 4
/** Kept over all sizes. */
export const METADATA_KEPT_BYTES_LIMIT: number = 2 * METADATA_BYTES_LIMIT

/** `Source` names a peer: a number or an object, compared by identity. */
export class MetadataAssembler<Source> {
  readonly #bySize = new Map<number, Assembly<Source>>()
  readonly #asked = new Map<Source, Asked>()

  /** Bytes that are held now. */
  get keptBytes(): number {
    let kept = 0
    for (const assembly of this.#bySize.values()) kept += assembly.keptBytes
    return kept
  }

  /**
   * The next piece to ask this peer for, taken as asked; `null` when there is none for it now. While its size is
   * unknown (`null`) that is piece 0, whose answer tells the size. A size outside 1 byte to 16 MiB is never asked for.
   */
  nextRequest(source: Source, sizeBytes: number | null): number | null {
    const asked = this.#asked.get(source) ?? { sizeBytes: null, pieces: new Set<number>() }
    const size = sizeBytes ?? asked.sizeBytes
    const pieceIndex = this.#choose(source, size, asked)
    if (pieceIndex === null) return null
    asked.sizeBytes = size
    asked.pieces.add(pieceIndex)
    this.#asked.set(source, asked)
    return pieceIndex
  }

  /** Copies what it keeps. */
  receive(
    source: Source,
    data: Extract<MetadataMessage, { readonly kind: 'data' }>,
  ): MetadataProgress<Source> {
    const asked = this.#asked.get(source)
    if (asked === undefined || !asked.pieces.delete(data.pieceIndex)) return { kind: 'unasked' }
    const sizeBytes = data.totalBytes ?? asked.sizeBytes
    if (asked.sizeBytes !== null && asked.sizeBytes !== sizeBytes) {
      return bad(`a total size of ${sizeBytes} after ${asked.sizeBytes}`)
    }
    if (sizeBytes === null || !isPossibleSize(sizeBytes)) return bad(`a total size of ${sizeBytes}`)
    if (data.bytes.length !== metadataPieceBytes(sizeBytes, data.pieceIndex)) {
      return bad(`piece ${data.pieceIndex} with ${data.bytes.length} bytes`)
    }
    asked.sizeBytes = sizeBytes
    const assembly = this.#assemblyOf(sizeBytes)
    if (assembly.isSolo && assembly.soleSource === null) assembly.soleSource = source
    if (assembly.soleSource !== null && assembly.soleSource !== source) return { kind: 'unasked' }
    assembly.keep(source, data.pieceIndex, data.bytes)
    this.#makeRoom(assembly)
    return assembly.whole() ?? { kind: 'kept' }
  }

  /** The peer rejected this piece: others may be asked. */
  reject(source: Source, pieceIndex: number): void {
    const asked = this.#asked.get(source)
    if (asked?.pieces.delete(pieceIndex) === true) this.#letGo(source)
  }

  /** The peer is gone or too slow: what it was asked for is free again. */
  release(source: Source): void {
    this.#asked.delete(source)
    this.#letGo(source)
  }

  /** The whole of this size had the wrong hash: drops it, and says who sent it. One alone is proven to lie. */
  fail(sizeBytes: number): readonly Source[] {
    const failed = this.#bySize.get(sizeBytes)
    const sources = failed?.sources() ?? []
    this.#bySize.delete(sizeBytes)
    if (sources.length > 1 || failed?.isSolo === true) {
      this.#bySize.set(sizeBytes, new Assembly(sizeBytes, true))
    }
    return sources
  }

  /** Forgets all. */
  reset(): void {
    this.#bySize.clear()
    this.#asked.clear()
  }

  #choose(source: Source, sizeBytes: number | null, asked: Asked): number | null {
    if (sizeBytes === null) return asked.pieces.size === 0 ? 0 : null
    if (!isPossibleSize(sizeBytes)) return null
    const assembly = this.#assemblyOf(sizeBytes)
    if (assembly.isSolo) {
      assembly.soleSource ??= source
      if (assembly.soleSource !== source) return null
    }
    for (let pieceIndex = 0; pieceIndex < assembly.pieceCount; pieceIndex++) {
      if (!assembly.has(pieceIndex) && !this.#isAsked(sizeBytes, pieceIndex)) return pieceIndex
    }
    return null
  }

  #isAsked(sizeBytes: number, pieceIndex: number): boolean {
    for (const asked of this.#asked.values()) {
      if (asked.sizeBytes === sizeBytes && asked.pieces.has(pieceIndex)) return true
    }
    return false
  }

  #assemblyOf(sizeBytes: number): Assembly<Source> {
    const known = this.#bySize.get(sizeBytes)
    if (known !== undefined) return known
    if (this.#bySize.size >= METADATA_SIZES_LIMIT) this.#dropLeast()
    const assembly = new Assembly<Source>(sizeBytes, false)
    this.#bySize.set(sizeBytes, assembly)
    return assembly
  }

  #dropLeast(): void {
    let least: Assembly<Source> | null = null
    for (const assembly of this.#bySize.values()) {
      if (least === null || assembly.keptBytes < least.keptBytes) least = assembly
    }
    if (least !== null) this.#bySize.delete(least.sizeBytes)
  }

  /** Other sizes give way to the one that grows. */
  #makeRoom(growing: Assembly<Source>): void {
    while (this.keptBytes > METADATA_KEPT_BYTES_LIMIT) {
      let most: Assembly<Source> | null = null
      for (const assembly of this.#bySize.values()) {
        if (assembly === growing) continue
        if (most === null || assembly.keptBytes > most.keptBytes) most = assembly
      }
      if (most === null) return
      this.#bySize.delete(most.sizeBytes)
    }
  }

  /** A sole source that will not finish makes place for the next, who starts from nothing. */
  #letGo(source: Source): void {
    for (const assembly of this.#bySize.values()) {
      if (assembly.soleSource === source) assembly.restart()
    }
  }
}

interface Asked {
  /** As the peer claimed; `null` while it has not. */
  sizeBytes: number | null
  readonly pieces: Set<number>
}

class Assembly<Source> {
  readonly sizeBytes: number
  readonly pieceCount: number
  /** Whether all must come from one source, because a mixture failed before. */
  readonly isSolo: boolean
  soleSource: Source | null = null
  keptBytes = 0
  readonly #pieces = new Map<number, { readonly bytes: Uint8Array; readonly source: Source }>()

  constructor(sizeBytes: number, isSolo: boolean) {
    this.sizeBytes = sizeBytes
    this.pieceCount = metadataPieceCount(sizeBytes)
    this.isSolo = isSolo
  }

  has(pieceIndex: number): boolean {
    return this.#pieces.has(pieceIndex)
  }

  keep(source: Source, pieceIndex: number, bytes: Uint8Array): void {
    if (this.#pieces.has(pieceIndex)) return
    this.#pieces.set(pieceIndex, { bytes: bytes.slice(), source })
    this.keptBytes += bytes.length
  }

  sources(): readonly Source[] {
    return [...new Set([...this.#pieces.values()].map(({ source }) => source))]
  }

  whole(): Extract<MetadataProgress<Source>, { readonly kind: 'whole' }> | null {
    if (this.#pieces.size < this.pieceCount) return null
    const parts: Uint8Array[] = []
    for (let i = 0; i < this.pieceCount; i++) parts.push(this.#pieces.get(i)?.bytes ?? NO_BYTES)
    return { kind: 'whole', bytes: concatBytes(parts), sources: this.sources() }
  }

  restart(): void {
    this.#pieces.clear()
    this.keptBytes = 0
    this.soleSource = null
  }
}

const NO_BYTES = new Uint8Array(0)

function isPossibleSize(sizeBytes: number): boolean {
  return sizeBytes >= 1 && sizeBytes <= METADATA_BYTES_LIMIT
}

function bad(why: string): { readonly kind: 'fault'; readonly fault: PeerFault } {
  return { kind: 'fault', fault: { code: 'bad-extension-message', detail: `ut_metadata: ${why}` } }
}
