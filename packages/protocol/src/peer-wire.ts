/**
 * One connection to one peer, as a machine: handshake, framing, legal messages by phase, choke and interest, the
 * fast extension's bookkeeping, extension ids, keep-alives and time-outs. It decides nothing that a client is free to decide.
 *
 * Spec: BEP 3, "peer protocol" <https://www.bittorrent.org/beps/bep_0003.html>; BEP 6; BEP 10; BEP 21; BEP 54
 *
 * Divergences: blocks and rejects that we did not ask for are counted, not fatal at once (BEP 6 says MUST close; large
 * clients send late ones); bitfield, have-all and have-none are taken late and repeated. See `fault-reactions.ts`.
 */
import {
  decodeHandshakeHead,
  encodeHandshake,
  HANDSHAKE_BYTES,
  HANDSHAKE_HEAD_BYTES,
  readOffers,
  reservedBytes,
} from './bep/0003-handshake.ts'
import {
  decodeExtensionHandshake,
  DEFAULT_REQUEST_QUEUE_LIMIT,
  encodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type LocalExtensions,
  mergeExtensions,
  NO_EXTENSIONS,
  type RemoteExtensions,
} from './bep/0010-extension.ts'
import { decodeUploadOnly, UPLOAD_ONLY } from './bep/0021-upload-only.ts'
import { decodeDontHave, DONT_HAVE } from './bep/0054-donthave.ts'
import { ByteReader, ByteWriter, equalBytes } from './bytes.ts'
import type { PeerFault, PeerFaultCode } from './fault.ts'
import { FaultTally } from './fault-reactions.ts'
import { invariant, type Machine, type Millis } from './machine.ts'
import { bitfieldBytes, clearSpareBits, countBits, fullBitfield } from './wire/bitfield.ts'
import {
  HeldRequests,
  OUTSTANDING_REQUESTS_LIMIT,
  OutstandingRequests,
} from './wire/block-requests.ts'
import { EarlyPieces } from './wire/early-pieces.ts'
import {
  encodeBlockMessages,
  encodeBlocks,
  encodeExtendedHeader,
  encodeKeepAlive,
  encodeMessage,
  judgeBodyBytes,
  unknownMessage,
} from './wire/frame.ts'
import { type FrameEvent, FrameReader } from './wire/frame-reader.ts'
import { LEGAL_MESSAGES, type PeerPhase } from './wire/legal-messages.ts'
import { Liveness } from './wire/liveness.ts'
import {
  BLOCK_BYTES_LIMIT,
  type BlockRef,
  PEER_MESSAGES,
  type PeerMessage,
  peerMessageKind,
} from './wire/messages.ts'
import type {
  PeerWireEffect,
  PeerWireInput,
  PeerWireOptions,
  PieceGeometry,
  RemoteHandshake,
} from './wire/peer-wire-contract.ts'

export type { LocalExtensions, RemoteExtensions } from './bep/0010-extension.ts'
export type { PeerPhase } from './wire/legal-messages.ts'
export type {
  PeerWireEffect,
  PeerWireInput,
  PeerWireOptions,
  PieceGeometry,
  RemoteHandshake,
} from './wire/peer-wire-contract.ts'
export { OUTSTANDING_REQUESTS_LIMIT } from './wire/block-requests.ts'

/** What an incoming peer may say before we answer its handshake. */
export const UNANSWERED_BYTES_LIMIT: number = 256 * 1024
/** Requests that come so soon after our choke crossed it on the way and are forgiven. */
export const CHOKE_GRACE_MS = 2000
/** Extension handshakes of one connection that are read; each costs a copy of all that was said. */
export const EXTENSION_HANDSHAKES_LIMIT = 1000
/** Pieces that the remote may allow us while it chokes; more are ignored. */
export const REMOTE_ALLOWED_FAST_LIMIT = 128

/**
 * Feed it what the socket and the client say; perform what it returns. A closed machine takes any input and returns
 * nothing. Blocks are handed out as views of the fed chunks; all other byte fields of effects are copies.
 */
export class PeerWire implements Machine<PeerWireInput, PeerWireEffect> {
  readonly #options: PeerWireOptions
  readonly #reader = new FrameReader()
  readonly #liveness = new Liveness()
  readonly #faults = new FaultTally()
  readonly #asked = new OutstandingRequests()
  readonly #held = new HeldRequests()
  readonly #sentAllowedFast = new Set<number>()
  readonly #remoteAllowedFast = new Set<number>()
  #phase: PeerPhase = 'handshake'
  #pieces: PieceGeometry | null
  #early: EarlyPieces | null
  #local: LocalExtensions
  #remote: RemoteHandshake | null = null
  #remoteExtensions: RemoteExtensions = NO_EXTENSIONS
  /** The remote's handshake so far. */
  readonly #greeting = new ByteWriter(HANDSHAKE_BYTES)
  /** What came after it while we had not answered. */
  #unanswered = new ByteWriter(1)
  #isGreeted = false
  #hasFast = false
  #hasExtensions = false
  #isChokingRemote = true
  #isInterested = false
  #isChokedByRemote = true
  #isRemoteInterested = false
  #hasSentPieces = false
  #chokedRemoteMs: Millis = Number.NEGATIVE_INFINITY
  /** The block whose bytes come now. */
  #receiving: BlockRef | null = null
  #extensionHandshakeCount = 0
  #nowMs: Millis = 0
  #effects: PeerWireEffect[] = []
  #writes: Uint8Array[] = []
  #rejects: BlockRef[] = []

  constructor(options: PeerWireOptions) {
    this.#options = options
    this.#local = options.extensions
    this.#pieces = options.pieces
    this.#early = options.pieces === null ? new EarlyPieces() : null
  }

  get phase(): PeerPhase {
    return this.#phase
  }

  get deadlineMs(): Millis | null {
    return this.#phase === 'closed' ? null : this.#liveness.deadlineMs
  }

  /** `null` until 48 bytes of it are here; its `peerId` is `null` until it is whole. */
  get remote(): RemoteHandshake | null {
    return this.#remote
  }

  get remoteExtensions(): RemoteExtensions {
    return this.#remoteExtensions
  }

  /** Whether both sides offered BEP 6. */
  get hasFast(): boolean {
    return this.#hasFast
  }

  /** Whether both sides offered BEP 10. */
  get hasExtensions(): boolean {
    return this.#hasExtensions
  }

  get isChokingRemote(): boolean {
    return this.#isChokingRemote
  }

  get isInterested(): boolean {
    return this.#isInterested
  }

  get isChokedByRemote(): boolean {
    return this.#isChokedByRemote
  }

  get isRemoteInterested(): boolean {
    return this.#isRemoteInterested
  }

  /** Requests of ours that wait for an answer, with the block that is coming in now. */
  get outstandingCount(): number {
    return this.#asked.count + (this.#receiving === null ? 0 : 1)
  }

  /** Requests of ours that wait for an answer, oldest first. */
  get outstanding(): readonly BlockRef[] {
    return this.#asked.blocks
  }

  /** Requests of the remote that wait for our answer. */
  get heldRequestCount(): number {
    return this.#held.count
  }

  /** Pieces that the remote serves us while it chokes us. */
  get remoteAllowedFast(): ReadonlySet<number> {
    return this.#remoteAllowedFast
  }

  /** Requests that the remote queues for us, as it said or as is usual. */
  get remoteRequestQueueLimit(): number {
    return this.#remoteExtensions.requestQueueLimit ?? DEFAULT_REQUEST_QUEUE_LIMIT
  }

  /** The effects belong to the caller; only `block-part` bytes die with the chunk that they came in. */
  handle(input: PeerWireInput, nowMs: Millis): readonly PeerWireEffect[] {
    if (this.#phase === 'closed') return NO_EFFECTS
    this.#nowMs = nowMs
    this.#liveness.start(nowMs)
    if (input.kind === 'bytes') this.#receive(input.bytes)
    else this.#obey(input)
    this.#flush()
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  #obey(input: Exclude<PeerWireInput, { readonly kind: 'bytes' }>): void {
    switch (input.kind) {
      case 'start':
        return this.#start()
      case 'accept':
        return this.#accept(input)
      case 'tick':
        return this.#tick()
      case 'torrent-known':
        return this.#learnPieces(input.pieces)
      case 'send-pieces':
        return this.#sendPieces(input.bits, input.haveCount)
      case 'send-have':
        return this.#send({ kind: 'have', pieceIndex: input.pieceIndex })
      case 'send-choke':
        return this.#sendChoke()
      case 'send-unchoke':
        if (this.#isChokingRemote) this.#send({ kind: 'unchoke' })
        this.#isChokingRemote = false
        return
      case 'send-interested':
        if (!this.#isInterested) this.#send({ kind: 'interested' })
        this.#isInterested = true
        return
      case 'send-not-interested':
        if (this.#isInterested) this.#send({ kind: 'not-interested' })
        this.#isInterested = false
        return
      case 'send-requests':
        return this.#sendRequests(input.blocks)
      case 'send-cancel':
        return this.#sendCancel(input)
      case 'send-blocks':
        return this.#sendBlocks(input.blocks)
      case 'send-reject':
        if (this.#held.take(input) && this.#hasFast) this.#rejects.push(input)
        return
      case 'send-allowed-fast':
        return this.#sendAllowedFast(input.pieceIndexes)
      case 'send-extended':
        return this.#sendExtended(input.name, input.payload)
      case 'update-extensions':
        this.#local = input.extensions
        if (this.#hasExtensions && this.#hasGreeted()) this.#sendExtensionHandshake()
        return
    }
  }

  // --- handshake -----------------------------------------------------------------------------------------------------

  #start(): void {
    if (this.#options.direction === 'outgoing') this.#greet(this.#options.infoHashes[0])
  }

  #accept(input: Extract<PeerWireInput, { readonly kind: 'accept' }>): void {
    invariant(this.#options.direction === 'incoming', 'only incoming connections are accepted')
    invariant(this.#remote !== null, 'a connection is accepted after its handshake effect')
    this.#local = input.extensions
    if (input.pieces !== null) this.#learnPieces(input.pieces)
    this.#greet(input.infoHashes[0])
  }

  #greet(infoHash: Uint8Array | undefined): void {
    invariant(!this.#isGreeted, 'a handshake is said once')
    invariant(infoHash !== undefined, 'a handshake names a torrent')
    const { peerId, offers } = this.#options
    this.#isGreeted = true
    this.#write(encodeHandshake({ reserved: reservedBytes(offers), infoHash, peerId }))
    if (this.#remote === null) return
    if (this.#hasExtensions) this.#sendExtensionHandshake()
    this.#openWhenGreeted()
    const unanswered = this.#unanswered.done()
    this.#unanswered = new ByteWriter(1)
    if (unanswered.length > 0) this.#readFrames(unanswered)
  }

  #receive(bytes: Uint8Array): void {
    this.#liveness.heard(this.#nowMs)
    if (this.#phase !== 'handshake') return this.#readFrames(bytes)
    const missing = HANDSHAKE_BYTES - this.#greeting.lengthBytes
    if (missing > 0) {
      this.#greeting.bytes(bytes.subarray(0, missing))
      this.#readGreeting(this.#greeting.done())
    }
    const rest = bytes.subarray(missing)
    if (this.#phase === 'handshake') this.#keepUnanswered(rest)
    else if (this.#isOpen()) this.#readFrames(rest)
  }

  #keepUnanswered(bytes: Uint8Array): void {
    if (this.#unanswered.lengthBytes + bytes.length <= UNANSWERED_BYTES_LIMIT) {
      this.#unanswered.bytes(bytes)
      return
    }
    const detail = `more than ${UNANSWERED_BYTES_LIMIT} bytes before we answered the handshake`
    this.#close({ code: 'out-of-turn', detail })
  }

  #readGreeting(greeting: Uint8Array): void {
    if (this.#remote === null) {
      const head = decodeHandshakeHead(greeting)
      if (head.kind === 'fault') return this.#close(head.fault)
      if (head.kind === 'need') return
      if (!this.#meet({ ...head.handshake, peerId: null })) return
    }
    if (greeting.length < HANDSHAKE_BYTES || this.#remote === null) return
    const peerId = greeting.slice(HANDSHAKE_HEAD_BYTES, HANDSHAKE_BYTES)
    this.#remote = { ...this.#remote, peerId }
    this.#effects.push({ kind: 'peer-id', peerId })
    this.#openWhenGreeted()
  }

  /** `false` when it is not the torrent that we dialled for. */
  #meet(remote: RemoteHandshake): boolean {
    const { direction, infoHashes, offers } = this.#options
    if (direction === 'outgoing' && !infoHashes.some((name) => equalBytes(name, remote.infoHash))) {
      this.#close({ code: 'other-info-hash', detail: 'the handshake names another torrent' })
      return false
    }
    const theirs = readOffers(remote.reserved)
    this.#remote = remote
    this.#hasFast = offers.fast && theirs.fast
    this.#hasExtensions = offers.extensions && theirs.extensions
    this.#effects.push({ kind: 'handshake', remote })
    if (this.#isGreeted && this.#hasExtensions) this.#sendExtensionHandshake()
    return true
  }

  #openWhenGreeted(): void {
    if (!this.#isGreeted || this.#greeting.lengthBytes < HANDSHAKE_BYTES) return
    this.#phase = 'first'
    this.#liveness.open()
  }

  #hasGreeted(): boolean {
    return this.#isGreeted && this.#remote !== null
  }

  #isOpen(): boolean {
    return this.#phase === 'first' || this.#phase === 'open'
  }

  #tick(): void {
    const due = this.#liveness.judge(this.#nowMs)
    if (due === null) return
    if (due === 'keep-alive') return this.#write(encodeKeepAlive())
    this.#flush()
    this.#effects.push({ kind: 'timed-out', what: due })
    this.#phase = 'closed'
  }

  // --- incoming frames -----------------------------------------------------------------------------------------------

  #readFrames(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let event = this.#reader.next(); event !== null; event = this.#reader.next()) {
      this.#onFrame(event)
      if (this.#phase === 'closed') return
    }
  }

  #onFrame(event: FrameEvent): void {
    switch (event.kind) {
      case 'keep-alive':
        return
      case 'fault':
        return this.#fault(event.fault.code, event.fault.detail)
      case 'head':
        return this.#judgeHead(event.id, event.bodyBytes)
      case 'body':
        return this.#onBody(event.id, event.body)
      case 'block':
        return this.#onBlock(event)
      case 'run':
        return this.#onRun(event)
    }
  }

  /** Decides on a frame's id and length alone what becomes of its body. */
  #judgeHead(id: number, bodyBytes: number): void {
    const kind = peerMessageKind(id)
    if (kind === undefined) {
      this.#reader.skip()
      const fault = unknownMessage(id)
      return this.#fault(fault.code, fault.detail)
    }
    const { needs } = PEER_MESSAGES[kind]
    if (needs === 'fast' && !this.#hasFast) return this.#fault('fast-not-negotiated', kind)
    if (needs === 'extensions' && !this.#hasExtensions) {
      return this.#fault('extension-not-negotiated', kind)
    }
    const legal = LEGAL_MESSAGES[this.#phase][kind]
    if (legal === undefined) return this.#fault('out-of-turn', `${kind} in phase ${this.#phase}`)
    const wrongSize = judgeBodyBytes(kind, bodyBytes)
    if (wrongSize !== null) return this.#fault(wrongSize.code, wrongSize.detail)
    if (kind === 'bitfield' && !this.#isBitfieldSize(bodyBytes)) return
    if (legal.isLate) this.#fault('out-of-turn', `${kind} after other messages`)
    if (!this.#isOpen()) return
    if (kind === 'piece') this.#reader.stream()
    else this.#reader.collect()
    this.#phase = legal.next
  }

  #isBitfieldSize(bodyBytes: number): boolean {
    if (this.#pieces === null || bodyBytes === bitfieldBytes(this.#pieces.count)) return true
    const detail = `a bitfield of ${bodyBytes} bytes for ${this.#pieces.count} pieces`
    this.#fault('bad-bitfield', detail)
    return false
  }

  #onBody(id: number, body: Uint8Array): void {
    const kind = peerMessageKind(id)
    if (kind !== undefined) this.#onMessage(PEER_MESSAGES[kind].read(new ByteReader(body)))
  }

  #onMessage(message: PeerMessage): void {
    switch (message.kind) {
      case 'choke':
        return this.#onChoke()
      case 'unchoke':
        if (this.#isChokedByRemote) this.#effects.push({ kind: 'unchoked' })
        this.#isChokedByRemote = false
        return
      case 'interested':
        if (!this.#isRemoteInterested) this.#effects.push({ kind: 'interested' })
        this.#isRemoteInterested = true
        return
      case 'not-interested':
        if (this.#isRemoteInterested) this.#effects.push({ kind: 'not-interested' })
        this.#isRemoteInterested = false
        return
      case 'have':
        return this.#onHave(message.pieceIndex)
      case 'bitfield':
      case 'have-all':
      case 'have-none':
        return this.#onPieces(message)
      case 'request':
        return this.#onRequest(message)
      case 'piece':
        return invariant(false, 'blocks are streamed')
      case 'cancel':
        return this.#onCancel(message)
      case 'port':
        if (message.dhtPort !== 0) this.#effects.push(message)
        return
      case 'suggest-piece':
        return this.#onSuggestion(message.pieceIndex)
      case 'reject-request':
        return this.#onReject(message)
      case 'allowed-fast':
        return this.#onAllowedFast(message.pieceIndex)
      case 'extended':
        return this.#onExtended(message.extendedId, message.payload)
    }
  }

  #onChoke(): void {
    if (this.#isChokedByRemote) return
    this.#isChokedByRemote = true
    const dropped = this.#hasFast ? [] : this.#asked.forgoAll()
    this.#effects.push({ kind: 'choked', dropped })
  }

  // --- the remote's pieces -------------------------------------------------------------------------------------------

  #onHave(pieceIndex: number): void {
    if (this.#early !== null) return this.#early.have(pieceIndex)
    if (this.#isPiece(pieceIndex, 'have')) this.#effects.push({ kind: 'has-piece', pieceIndex })
  }

  #onPieces(
    message: Extract<PeerMessage, { readonly kind: 'bitfield' | 'have-all' | 'have-none' }>,
  ): void {
    if (this.#pieces === null) {
      if (message.kind === 'bitfield') this.#early?.bitfield(message.bits)
      else if (message.kind === 'have-all') this.#early?.all()
      else this.#early?.none()
      return
    }
    const { count } = this.#pieces
    const bits = wholeSet(message, count)
    this.#effects.push({ kind: 'has-pieces', bits, haveCount: countBits(bits) })
  }

  #learnPieces(pieces: PieceGeometry): void {
    const early = this.#early
    this.#pieces = pieces
    this.#early = null
    const judged = early?.judge(pieces.count) ?? null
    if (judged !== null && 'code' in judged) return this.#fault(judged.code, judged.detail)
    if (judged !== null) this.#effects.push({ kind: 'has-pieces', ...judged })
    if (early === null) return
    for (const pieceIndex of this.#remoteAllowedFast) {
      if (!this.#isPiece(pieceIndex, 'allowed-fast')) return
      this.#effects.push({ kind: 'allowed-fast', pieceIndex })
    }
  }

  #onSuggestion(pieceIndex: number): void {
    if (this.#pieces === null || !this.#isPiece(pieceIndex, 'suggest-piece')) return
    this.#effects.push({ kind: 'suggested', pieceIndex })
  }

  #onAllowedFast(pieceIndex: number): void {
    if (this.#pieces !== null && !this.#isPiece(pieceIndex, 'allowed-fast')) return
    const allowed = this.#remoteAllowedFast
    if (allowed.has(pieceIndex) || allowed.size >= REMOTE_ALLOWED_FAST_LIMIT) return
    allowed.add(pieceIndex)
    if (this.#pieces !== null) this.#effects.push({ kind: 'allowed-fast', pieceIndex })
  }

  #onDontHave(payload: Uint8Array): void {
    const pieceIndex = decodeDontHave(payload)
    if (pieceIndex === null) {
      return this.#fault('bad-extension-message', `${DONT_HAVE} of ${payload.length} bytes`)
    }
    if (this.#early !== null) return this.#early.lost(pieceIndex)
    if (!this.#isPiece(pieceIndex, DONT_HAVE)) return
    this.#effects.push({ kind: 'lost-piece', pieceIndex })
    if (this.#hasFast) return
    for (const block of this.#asked.forgoAll(pieceIndex)) this.#tellRejected(block)
  }

  /** Call only when the pieces are known. */
  #isPiece(pieceIndex: number, what: string): boolean {
    const count = this.#pieces?.count ?? 0
    if (pieceIndex < count) return true
    this.#fault('piece-out-of-range', `${what}: piece ${pieceIndex} of ${count}`)
    return false
  }

  // --- our requests --------------------------------------------------------------------------------------------------

  #sendRequests(blocks: readonly BlockRef[]): void {
    this.#checkMaySpeak()
    const sent: BlockRef[] = []
    for (const block of blocks) {
      const { pieceIndex, begin, lengthBytes } = block
      if (this.#asked.has(pieceIndex, begin)) continue
      if (!this.#mayAsk(pieceIndex)) {
        this.#tellRejected(block)
        continue
      }
      const ref = { pieceIndex, begin, lengthBytes }
      this.#asked.add(ref)
      sent.push(ref)
    }
    if (sent.length > 0) this.#write(encodeBlockMessages('request', sent))
  }

  #mayAsk(pieceIndex: number): boolean {
    if (this.#asked.count >= OUTSTANDING_REQUESTS_LIMIT) return false
    return !this.#isChokedByRemote || this.#remoteAllowedFast.has(pieceIndex)
  }

  #sendCancel(block: BlockRef): void {
    this.#checkMaySpeak()
    const receiving = this.#receiving
    if (receiving?.pieceIndex === block.pieceIndex && receiving.begin === block.begin) {
      this.#effects.push({ kind: 'wasted', lengthBytes: this.#reader.blockBytesLeft })
      this.#reader.skip()
      this.#receiving = null
    } else if (this.#asked.forgo(block)) {
      this.#write(encodeBlockMessages('cancel', [block]))
    }
  }

  #onBlock(block: BlockRef): void {
    const { pieceIndex, begin, lengthBytes } = block
    const outcome = this.#asked.settle(block)
    if (outcome === 'wanted') {
      this.#receiving = block
      return
    }
    this.#reader.skip()
    if (outcome === 'forgone') {
      this.#effects.push({ kind: 'wasted', lengthBytes })
      return
    }
    const isMisfit = outcome !== 'never-asked'
    if (isMisfit) this.#tellRejected(outcome)
    const why = isMisfit ? `we asked for ${outcome.lengthBytes}` : 'never asked for'
    const detail = `piece ${pieceIndex}, begin ${begin}, ${lengthBytes} bytes: ${why}`
    this.#fault('unsolicited-block', detail)
  }

  #onRun(run: Extract<FrameEvent, { readonly kind: 'run' }>): void {
    const block = this.#receiving
    invariant(block !== null, 'runs come only of wanted blocks')
    if (run.isLast) this.#receiving = null
    this.#effects.push({
      kind: 'block-part',
      pieceIndex: block.pieceIndex,
      begin: block.begin,
      lengthBytes: block.lengthBytes,
      offset: run.offset,
      bytes: run.bytes,
      isLast: run.isLast,
    })
  }

  #onReject(block: BlockRef): void {
    const outcome = this.#asked.reject(block)
    if (outcome === 'rejected') return this.#tellRejected(block)
    if (outcome === 'forgone') return
    this.#fault('unsolicited-reject', `piece ${block.pieceIndex}, begin ${block.begin}`)
  }

  #tellRejected({ pieceIndex, begin, lengthBytes }: BlockRef): void {
    this.#effects.push({ kind: 'rejected', pieceIndex, begin, lengthBytes })
  }

  // --- the remote's requests -----------------------------------------------------------------------------------------

  #onRequest({ pieceIndex, begin, lengthBytes }: BlockRef): void {
    const block = { pieceIndex, begin, lengthBytes }
    if (!this.#isInside(block)) {
      return this.#refuse(block, 'bad-request', 'outside the piece, empty or too long')
    }
    if (this.#isChokingRemote && !(this.#hasFast && this.#sentAllowedFast.has(pieceIndex))) {
      return this.#refuseChoked(block)
    }
    if (this.#held.has(pieceIndex, begin)) {
      return this.#refuse(block, 'bad-request', 'asked before and not answered yet')
    }
    if (this.#held.count >= this.#options.requestQueueLimit) {
      return this.#refuse(block, 'too-many-requests', 'our queue is full')
    }
    this.#held.add(block)
    this.#effects.push({ kind: 'request', ...block })
  }

  #isInside({ pieceIndex, begin, lengthBytes }: BlockRef): boolean {
    if (this.#pieces === null || pieceIndex >= this.#pieces.count) return false
    if (lengthBytes === 0 || lengthBytes > BLOCK_BYTES_LIMIT) return false
    return begin + lengthBytes <= pieceBytes(this.#pieces, pieceIndex)
  }

  #refuseChoked(block: BlockRef): void {
    if (this.#nowMs - this.#chokedRemoteMs >= CHOKE_GRACE_MS) {
      return this.#refuse(block, 'request-while-choked', 'we choke it')
    }
    if (this.#hasFast) this.#rejects.push(block)
  }

  #refuse(block: BlockRef, code: PeerFaultCode, why: string): void {
    if (this.#hasFast) this.#rejects.push(block)
    const { pieceIndex, begin, lengthBytes } = block
    this.#fault(code, `piece ${pieceIndex}, begin ${begin}, ${lengthBytes} bytes: ${why}`)
  }

  #onCancel({ pieceIndex, begin, lengthBytes }: BlockRef): void {
    const block = { pieceIndex, begin, lengthBytes }
    if (!this.#held.take(block)) return
    this.#effects.push({ kind: 'request-cancelled', ...block })
    if (this.#hasFast) this.#rejects.push(block)
  }

  #sendChoke(): void {
    if (this.#isChokingRemote) return
    this.#isChokingRemote = true
    this.#chokedRemoteMs = this.#nowMs
    // BEP 6: "A peer SHOULD choke first and then reject requests".
    this.#send({ kind: 'choke' })
    const dropped = this.#held.takeAllBut(this.#hasFast ? this.#sentAllowedFast : NO_PIECES)
    for (const block of dropped) this.#effects.push({ kind: 'request-cancelled', ...block })
    if (this.#hasFast) this.#rejects.push(...dropped)
  }

  #sendBlocks(blocks: Extract<PeerWireInput, { readonly kind: 'send-blocks' }>['blocks']): void {
    this.#checkMaySpeak()
    const wanted = blocks.filter(({ pieceIndex, begin, bytes }) =>
      this.#held.take({ pieceIndex, begin, lengthBytes: bytes.length }),
    )
    if (wanted.length > 0) this.#write(...encodeBlocks(wanted))
  }

  // --- what we say ---------------------------------------------------------------------------------------------------

  #sendPieces(bits: Uint8Array, haveCount: number): void {
    invariant(!this.#hasSentPieces, 'our pieces are said once')
    this.#hasSentPieces = true
    const count = this.#pieces?.count ?? 0
    if (haveCount === 0) {
      if (this.#hasFast) this.#send({ kind: 'have-none' })
      return
    }
    invariant(bits.length === bitfieldBytes(count), 'our bitfield has the right size')
    if (this.#hasFast && haveCount === count) return this.#send({ kind: 'have-all' })
    this.#send({ kind: 'bitfield', bits: clearSpareBits(bits.slice(), count) })
  }

  #sendAllowedFast(pieceIndexes: readonly number[]): void {
    if (!this.#hasFast) return
    for (const pieceIndex of pieceIndexes) {
      if (this.#sentAllowedFast.has(pieceIndex)) continue
      this.#sentAllowedFast.add(pieceIndex)
      this.#send({ kind: 'allowed-fast', pieceIndex })
    }
  }

  #sendExtended(name: string, payload: Uint8Array): void {
    this.#checkMaySpeak()
    const id = this.#remoteExtensions.ids.get(name)
    if (id !== undefined) this.#write(encodeExtendedHeader(id, payload.length), payload)
  }

  #sendExtensionHandshake(): void {
    const payload = encodeExtensionHandshake(this.#local)
    this.#write(encodeExtendedHeader(EXTENSION_HANDSHAKE_ID, payload.length), payload)
  }

  #send(message: PeerMessage): void {
    this.#checkMaySpeak()
    this.#write(encodeMessage(message))
  }

  #checkMaySpeak(): void {
    invariant(this.#hasGreeted(), 'messages are sent after both handshakes')
  }

  // --- extensions ----------------------------------------------------------------------------------------------------

  #onExtended(extendedId: number, payload: Uint8Array): void {
    if (extendedId === EXTENSION_HANDSHAKE_ID) return this.#onExtensionHandshake(payload)
    const name = nameOfId(this.#local.ids, extendedId)
    if (name === null) return this.#fault('unknown-extension', `extended id ${extendedId}`)
    if (name === DONT_HAVE) return this.#onDontHave(payload)
    if (name === UPLOAD_ONLY) return this.#onUploadOnly(payload)
    this.#effects.push({ kind: 'extended', name, payload: payload.slice() })
  }

  #onExtensionHandshake(payload: Uint8Array): void {
    if (++this.#extensionHandshakeCount > EXTENSION_HANDSHAKES_LIMIT) {
      const detail = `more than ${EXTENSION_HANDSHAKES_LIMIT} extension handshakes`
      return this.#fault('bad-extension-handshake', detail)
    }
    const result = decodeExtensionHandshake(payload)
    if (!result.ok) return this.#fault(result.fault.code, result.fault.detail)
    this.#tellExtensions(mergeExtensions(this.#remoteExtensions, result.handshake))
  }

  #onUploadOnly(payload: Uint8Array): void {
    const uploadOnly = decodeUploadOnly(payload)
    if (uploadOnly !== null) {
      return this.#tellExtensions({ ...this.#remoteExtensions, uploadOnly })
    }
    this.#fault('bad-extension-message', `${UPLOAD_ONLY} of ${payload.length} bytes`)
  }

  #tellExtensions(remote: RemoteExtensions): void {
    this.#remoteExtensions = remote
    this.#effects.push({ kind: 'extensions', remote })
  }

  // --- faults and writes ---------------------------------------------------------------------------------------------

  #fault(code: PeerFaultCode, detail: string): void {
    const reaction = this.#faults.count(code)
    const fault = { code, detail }
    if (reaction === 'ignore') this.#effects.push({ kind: 'fault', fault, reaction })
    else this.#close(fault, reaction)
  }

  #close(fault: PeerFault, reaction: 'close' | 'ban' = 'close'): void {
    this.#flush()
    this.#effects.push({ kind: 'fault', fault, reaction })
    this.#phase = 'closed'
  }

  #write(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#writes.push(chunk)
  }

  /** All that one input made us say goes out in one write. */
  #flush(): void {
    if (this.#rejects.length > 0) {
      this.#writes.push(encodeBlockMessages('reject-request', this.#rejects))
      this.#rejects = []
    }
    if (this.#writes.length === 0) return
    this.#effects.push({ kind: 'write', chunks: this.#writes })
    this.#writes = []
    this.#liveness.spoke(this.#nowMs)
  }
}

const NO_EFFECTS: readonly PeerWireEffect[] = []
const NO_PIECES: ReadonlySet<number> = new Set()

/** How long a piece is; the last may be shorter. */
function pieceBytes(pieces: PieceGeometry, pieceIndex: number): number {
  if (pieceIndex < pieces.count - 1) return pieces.lengthBytes
  return pieces.totalBytes - pieces.lengthBytes * (pieces.count - 1)
}

function wholeSet(
  message: Extract<PeerMessage, { readonly kind: 'bitfield' | 'have-all' | 'have-none' }>,
  pieceCount: number,
): Uint8Array {
  if (message.kind === 'have-all') return fullBitfield(pieceCount)
  if (message.kind === 'have-none') return new Uint8Array(bitfieldBytes(pieceCount))
  return clearSpareBits(message.bits.slice(), pieceCount)
}

function nameOfId(ids: ReadonlyMap<string, number>, wanted: number): string | null {
  for (const [name, id] of ids) if (id === wanted) return name
  return null
}
