/**
 * Hands the info dictionary on to peers that ask for it, and fetches it from peers while we lack it.
 *
 * Spec: BEP 9
 */
import {
  answerMetadataRequest,
  decodeMetadataMessage,
  encodeMetadataMessage,
  UT_METADATA,
} from '@pigeon/protocol/bep/0009-metadata'
import type { MetadataMessage } from '@pigeon/protocol/bep/0009-metadata'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { INFO_HASH_V1_BYTES } from '@pigeon/protocol/info-hash'
import { equalBytes } from '@pigeon/protocol/bytes'
import type { Millis } from '@pigeon/protocol/machine'
import { MetadataAssembler } from '@pigeon/protocol/metadata-assembler'
import { LIMITS } from '../settings.ts'
import type { Peer } from '../swarm/peer.ts'

export interface MetadataExchangeInit {
  readonly infoHashes: InfoHashes
  /** `null` while it is unknown. */
  readonly infoBytes: () => Uint8Array | null
  readonly sha1: (bytes: Uint8Array) => Uint8Array
  readonly nowMs: () => Millis
  /** The bytes hash to the info-hash. */
  readonly onMetadata: (infoBytes: Uint8Array) => void
  /** This peer alone sent metadata with a wrong hash. */
  readonly onLiar: (peer: Peer) => void
}

/** Requests under way with one peer. */
const REQUESTS_PER_PEER = 4

interface Asked {
  pieces: number
  sinceMs: Millis
  /** It refused, or was too slow; not asked before then. */
  restUntilMs: Millis
}

export class MetadataExchange {
  readonly #init: MetadataExchangeInit
  readonly #assembler = new MetadataAssembler<Peer>()
  readonly #asked = new Map<Peer, Asked>()

  constructor(init: MetadataExchangeInit) {
    this.#init = init
  }

  /** The peer's extension handshake came: it may have what we lack. */
  offered(peer: Peer): void {
    this.#ask(peer)
  }

  receive(peer: Peer, payload: Uint8Array): void {
    const decoded = decodeMetadataMessage(payload)
    if (decoded.kind !== 'message') return
    const { message } = decoded
    if (message.kind === 'request') this.#answer(peer, message.pieceIndex)
    else if (message.kind === 'reject') this.#rejected(peer, message.pieceIndex)
    else this.#collect(peer, message)
  }

  gone(peer: Peer): void {
    this.#asked.delete(peer)
    this.#assembler.release(peer)
  }

  /** Asks others when one does not answer. */
  tick(peers: Iterable<Peer>): void {
    if (this.#init.infoBytes() !== null) return
    const nowMs = this.#init.nowMs()
    for (const [peer, asked] of this.#asked) {
      if (asked.pieces === 0 || nowMs - asked.sinceMs < LIMITS.metadataMs) continue
      this.#rest(peer, asked)
    }
    for (const peer of peers) this.#ask(peer)
  }

  #ask(peer: Peer): void {
    if (this.#init.infoBytes() !== null || !peer.wire.remoteExtensions.ids.has(UT_METADATA)) return
    const nowMs = this.#init.nowMs()
    const asked = this.#asked.get(peer) ?? { pieces: 0, sinceMs: nowMs, restUntilMs: 0 }
    this.#asked.set(peer, asked)
    if (nowMs < asked.restUntilMs) return
    while (asked.pieces < REQUESTS_PER_PEER) {
      const sizeBytes = peer.wire.remoteExtensions.metadataSizeBytes
      const pieceIndex = this.#assembler.nextRequest(peer, sizeBytes)
      if (pieceIndex === null) return
      if (asked.pieces === 0) asked.sinceMs = nowMs
      asked.pieces += 1
      this.#send(peer, { kind: 'request', pieceIndex })
    }
  }

  #answer(peer: Peer, pieceIndex: number): void {
    // A peer that does not read what it asked for gets no more of it.
    const hasRoom = peer.socket.queuedBytes < LIMITS.sendQueueBytes
    this.#send(peer, answerMetadataRequest(hasRoom ? this.#init.infoBytes() : null, pieceIndex))
  }

  #rejected(peer: Peer, pieceIndex: number): void {
    this.#assembler.reject(peer, pieceIndex)
    const asked = this.#asked.get(peer)
    if (asked !== undefined) this.#rest(peer, asked)
  }

  #rest(peer: Peer, asked: Asked): void {
    this.#assembler.release(peer)
    asked.pieces = 0
    asked.restUntilMs = this.#init.nowMs() + LIMITS.metadataMs
  }

  #collect(peer: Peer, message: MetadataMessage & { kind: 'data' }): void {
    if (this.#init.infoBytes() !== null) return
    const progress = this.#assembler.receive(peer, message)
    const asked = this.#asked.get(peer)
    if (asked !== undefined && progress.kind !== 'unasked') {
      asked.pieces = Math.max(0, asked.pieces - 1)
      asked.sinceMs = this.#init.nowMs()
    }
    if (progress.kind === 'whole') this.#judge(progress.bytes, progress.sources)
    else if (progress.kind === 'kept') this.#ask(peer)
    else if (progress.kind === 'fault') this.#init.onLiar(peer)
  }

  #judge(bytes: Uint8Array, sources: readonly Peer[]): void {
    const { v1 } = this.#init.infoHashes
    if (v1 !== null && equalBytes(this.#init.sha1(bytes).subarray(0, INFO_HASH_V1_BYTES), v1)) {
      this.#assembler.reset()
      this.#asked.clear()
      this.#init.onMetadata(bytes)
      return
    }
    this.#assembler.fail(bytes.length)
    const [only] = sources
    if (sources.length === 1 && only !== undefined) this.#init.onLiar(only)
  }

  #send(peer: Peer, message: MetadataMessage): void {
    peer.feed({ kind: 'send-extended', name: UT_METADATA, payload: encodeMetadataMessage(message) })
  }
}
