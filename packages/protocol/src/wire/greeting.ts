/**
 * Both handshakes of one connection: ours, the remote's, and what an incoming remote says before we answer.
 *
 * The remote's first 48 bytes are told as soon as they are here: a remote that waits for our answer before it sends its
 * peer id must be answered without it. Our messages may go out from then on; the remote's are read once all 68 bytes came.
 *
 * Spec: BEP 3, "peer protocol"; BEP 6 and BEP 10 for the offers
 */
import {
  decodeHandshakeHead,
  encodeHandshake,
  type Handshake,
  HANDSHAKE_BYTES,
  HANDSHAKE_HEAD_BYTES,
  readOffers,
  reservedBytes,
} from '../bep/0003-handshake.ts'
import { ByteWriter, equalBytes } from '../bytes.ts'
import { invariant } from '../machine.ts'
import type { PeerWireOptions, RemoteHandshake } from './peer-wire-contract.ts'
import type { WireOutput } from './wire-output.ts'

/** What an incoming peer may say before we answer its handshake. */
export const UNANSWERED_BYTES_LIMIT: number = 256 * 1024

export class Greeting {
  readonly #options: PeerWireOptions
  readonly #out: WireOutput
  /** The remote's handshake so far. */
  readonly #heard = new ByteWriter(HANDSHAKE_BYTES)
  /** What came after it while we had not answered. */
  #unanswered = new ByteWriter(1)
  #own: Handshake | null = null
  #remote: RemoteHandshake | null = null
  #hasFast = false
  #hasExtensions = false
  #offersDht: boolean
  #hasDht = false

  constructor(options: PeerWireOptions, out: WireOutput) {
    this.#options = options
    this.#out = out
    this.#offersDht = options.offers.dht === true
  }

  /** `null` until 48 bytes of it are here; its `peerId` is `null` until it is whole. */
  get remote(): RemoteHandshake | null {
    return this.#remote
  }

  /** `null` until it is said. */
  get own(): Handshake | null {
    return this.#own
  }

  /** Whether both sides offered BEP 6. */
  get hasFast(): boolean {
    return this.#hasFast
  }

  /** Whether both sides offered BEP 10. */
  get hasExtensions(): boolean {
    return this.#hasExtensions
  }

  /** Whether both sides offered BEP 5's port. */
  get hasDht(): boolean {
    return this.#hasDht && this.#offersDht
  }

  /** Before ours is said. */
  offerDht(isOffered: boolean): void {
    this.#offersDht = isOffered
  }

  /** Whether ours is said and the remote's offers are known: messages may be sent. */
  get isMutual(): boolean {
    return this.#own !== null && this.#remote !== null
  }

  /** Whether both are whole: messages may be read. */
  get isOver(): boolean {
    return this.#own !== null && this.#heard.lengthBytes >= HANDSHAKE_BYTES
  }

  /** Says ours. */
  say(infoHash: Uint8Array | undefined, peerId: Uint8Array = this.#options.peerId): void {
    invariant(this.#own === null, 'a handshake is said once')
    invariant(infoHash !== undefined, 'a handshake names a torrent')
    const offers = { ...this.#options.offers, dht: this.#offersDht }
    this.#own = { reserved: reservedBytes(offers), infoHash, peerId }
    this.#out.write(encodeHandshake(this.#own))
  }

  /** Hears the remote's, and gives back what follows it; keeps that while ours is not said. */
  receive(bytes: Uint8Array): Uint8Array {
    const missing = HANDSHAKE_BYTES - this.#heard.lengthBytes
    if (missing > 0) {
      this.#heard.bytes(bytes.subarray(0, missing))
      this.#read(this.#heard.done())
    }
    const rest = bytes.subarray(missing)
    if (this.#own === null && !this.#out.isClosed) this.#keepUnanswered(rest)
    return rest
  }

  /** What the remote said behind its handshake before ours; given once. */
  takeUnanswered(): Uint8Array {
    const unanswered = this.#unanswered.done()
    this.#unanswered = new ByteWriter(1)
    return unanswered
  }

  #keepUnanswered(bytes: Uint8Array): void {
    if (this.#unanswered.lengthBytes + bytes.length <= UNANSWERED_BYTES_LIMIT) {
      this.#unanswered.bytes(bytes)
      return
    }
    const detail = `more than ${UNANSWERED_BYTES_LIMIT} bytes before we answered the handshake`
    this.#out.refuse({ code: 'out-of-turn', detail })
  }

  #read(heard: Uint8Array): void {
    if (this.#remote === null) {
      const head = decodeHandshakeHead(heard)
      if (head.kind === 'fault') return this.#out.refuse(head.fault)
      if (head.kind === 'need') return
      if (!this.#meet({ ...head.handshake, peerId: null })) return
    }
    if (heard.length < HANDSHAKE_BYTES || this.#remote === null) return
    const peerId = heard.slice(HANDSHAKE_HEAD_BYTES, HANDSHAKE_BYTES)
    this.#remote = { ...this.#remote, peerId }
    this.#out.tell({ kind: 'peer-id', peerId })
  }

  /** `false` when it is not the torrent that we dialled for. */
  #meet(remote: RemoteHandshake): boolean {
    const { direction, infoHashes, offers } = this.#options
    if (direction === 'outgoing' && !infoHashes.some((name) => equalBytes(name, remote.infoHash))) {
      this.#out.refuse({
        code: 'other-info-hash',
        detail: 'the handshake names another torrent',
      })
      return false
    }
    const theirs = readOffers(remote.reserved)
    this.#remote = remote
    this.#hasFast = offers.fast && theirs.fast
    this.#hasExtensions = offers.extensions && theirs.extensions
    this.#hasDht = theirs.dht
    this.#out.tell({ kind: 'handshake', remote })
    return true
  }
}
