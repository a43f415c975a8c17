/**
 * One connection to one peer, as a machine: bytes and wishes go in, effects come out, time is an argument. It knows
 * the rules of the peer protocol and keeps count; it decides nothing that a client is free to decide.
 *
 * Phases. A connection begins in `handshake`. Outgoing, `start` says our handshake and the remote answers; incoming, the
 * remote speaks first, and the caller answers with `accept` once the effect `handshake` has named the torrent. When both
 * handshakes are whole the phase is `first`: a bitfield, have-all or have-none may still come. Any message but an
 * extended one leads to `open`, where the connection stays until a fault or silence makes it `closed`. Which message is
 * legal in which phase is a table: `wire/legal-messages.ts`.
 *
 * Inputs. `bytes` from the socket, in chunks of any size; `tick` when `deadlineMs` has come; all others are wishes of the
 * caller, such as `send-requests`. A wish that is pointless is dropped (a second choke, a block that was cancelled); one
 * that breaks the protocol (a message before the handshakes) is a bug of the caller and throws.
 *
 * Effects. A list in the order in which things happened; the last is one `write` with all that the input made us say,
 * but for what follows it when the connection ends. Requests of ours end in `block-part`s, `rejected` or `choked`;
 * requests of the remote begin with `request` and end by `send-blocks`, `send-reject` or `request-cancelled`.
 *
 * From bytes to effects. `FrameReader` cuts the stream and asks at each frame's head what its body is worth. `PeerWire`
 * judges the head alone (known id, negotiated, legal now, right size), so nothing is kept that was not judged. Blocks
 * are handed on piecemeal as views; other bodies are collected and read by the table in `wire/messages.ts`. Then the
 * message goes to the room that it concerns:
 *
 * | room | what it holds |
 * |---|---|
 * | `wire/greeting.ts` | both handshakes, what both sides offer |
 * | `wire/piece-announcements.ts` | who has which pieces, what is allowed while choked |
 * | `wire/download-side.ts` | our interest and requests, the remote's choke, blocks |
 * | `wire/upload-side.ts` | the remote's interest and requests, our choke |
 * | `wire/extension-side.ts` | extension handshakes, ids, extended messages |
 * | `wire/liveness.ts` | time-outs and keep-alives |
 * | `wire/wire-output.ts` | effects and writes of the present input, faults |
 *
 * Who decides what. The machine: what is legal, what is counted, when silence is too long. `fault-reactions.ts`: how
 * often each fault is forgiven. The caller: whom to dial and accept, what to request and when to give up on it, whom to
 * choke, which requests to serve, what each extension means.
 *
 * Spec: BEP 3, "peer protocol" <https://www.bittorrent.org/beps/bep_0003.html>; BEP 6; BEP 10; BEP 21; BEP 54
 *
 * Divergences: blocks and rejects that we did not ask for are counted, not fatal at once (BEP 6 says MUST close; large
 * clients send late ones); bitfield, have-all and have-none are taken late and repeated. See `fault-reactions.ts`.
 */
import { DEFAULT_REQUEST_QUEUE_LIMIT, type RemoteExtensions } from './bep/0010-extension.ts'
import { ByteReader } from './bytes.ts'
import { invariant, type Machine, type Millis } from './machine.ts'
import { DownloadSide } from './wire/download-side.ts'
import { ExtensionSide } from './wire/extension-side.ts'
import { encodeKeepAlive } from './wire/frame.ts'
import { type FrameEvent, FrameReader } from './wire/frame-reader.ts'
import { Greeting } from './wire/greeting.ts'
import { judgeHead, type PeerPhase } from './wire/legal-messages.ts'
import { Liveness } from './wire/liveness.ts'
import { type BlockRef, PEER_MESSAGES, type PeerMessage, peerMessageKind } from './wire/messages.ts'
import type {
  PeerWireEffect,
  PeerWireInput,
  PeerWireOptions,
  RemoteHandshake,
} from './wire/peer-wire-contract.ts'
import { PieceAnnouncements } from './wire/piece-announcements.ts'
import { UploadSide } from './wire/upload-side.ts'
import { WireOutput } from './wire/wire-output.ts'
import {
  FRAME_HEAD_BYTES,
  seenBlock,
  seenBody,
  seenExtensionHandshake,
  seenHandshake,
  type WireTap,
  WriteWatcher,
} from './wire/wire-tap.ts'

export type { LocalExtensions, RemoteExtensions } from './bep/0010-extension.ts'
export { OUTSTANDING_REQUESTS_LIMIT } from './wire/block-requests.ts'
export { EXTENSION_HANDSHAKES_LIMIT } from './wire/extension-side.ts'
export { UNANSWERED_BYTES_LIMIT } from './wire/greeting.ts'
export type { PeerPhase } from './wire/legal-messages.ts'
export type {
  PeerWireEffect,
  PeerWireInput,
  PeerWireOptions,
  PieceGeometry,
  RemoteHandshake,
} from './wire/peer-wire-contract.ts'
export { REMOTE_ALLOWED_FAST_LIMIT } from './wire/piece-announcements.ts'
export { CHOKE_GRACE_MS } from './wire/upload-side.ts'

/**
 * Feed it what the socket and the client say; perform what it returns. A closed machine takes any input and returns
 * nothing. Blocks are handed out as views of the fed chunks; all other byte fields of effects are copies.
 */
export class PeerWire implements Machine<PeerWireInput, PeerWireEffect> {
  readonly #options: PeerWireOptions
  readonly #reader = new FrameReader()
  readonly #liveness = new Liveness()
  readonly #out = new WireOutput()
  readonly #greeting: Greeting
  readonly #pieces: PieceAnnouncements
  readonly #download: DownloadSide
  readonly #upload: UploadSide
  readonly #extensions: ExtensionSide
  #phase: Exclude<PeerPhase, 'closed'> = 'handshake'
  #nowMs: Millis = 0
  #tap: WireTap | null = null

  constructor(options: PeerWireOptions) {
    const out = this.#out
    this.#options = options
    this.#greeting = new Greeting(options, out)
    this.#pieces = new PieceAnnouncements(options.pieces, this.#greeting, out)
    this.#download = new DownloadSide(this.#greeting, this.#pieces, this.#reader, out)
    this.#upload = new UploadSide(options.requestQueueLimit, this.#greeting, this.#pieces, out)
    this.#extensions = new ExtensionSide(options.extensions, this.#pieces, this.#download, out)
  }

  get phase(): PeerPhase {
    return this.#out.isClosed ? 'closed' : this.#phase
  }

  get deadlineMs(): Millis | null {
    return this.#out.isClosed ? null : this.#liveness.deadlineMs
  }

  /** `null` until 48 bytes of it are here; its `peerId` is `null` until it is whole. */
  get remote(): RemoteHandshake | null {
    return this.#greeting.remote
  }

  get remoteExtensions(): RemoteExtensions {
    return this.#extensions.remote
  }

  /** Whether both sides offered BEP 6. */
  get hasFast(): boolean {
    return this.#greeting.hasFast
  }

  /** Whether both sides offered BEP 10. */
  get hasExtensions(): boolean {
    return this.#greeting.hasExtensions
  }

  /** Whether both sides offered to tell their DHT port (BEP 5). */
  get hasDht(): boolean {
    return this.#greeting.hasDht
  }

  get isChokingRemote(): boolean {
    return this.#upload.isChoking
  }

  get isInterested(): boolean {
    return this.#download.isInterested
  }

  get isChokedByRemote(): boolean {
    return this.#download.isChoked
  }

  get isRemoteInterested(): boolean {
    return this.#upload.isRemoteInterested
  }

  /** Requests of ours that wait for an answer, with the block that is coming in now. */
  get outstandingCount(): number {
    return this.#download.outstandingCount
  }

  /** Requests of ours that wait for an answer, oldest first. */
  get outstanding(): readonly BlockRef[] {
    return this.#download.outstanding
  }

  /** Requests of the remote that wait for our answer. */
  get heldRequestCount(): number {
    return this.#upload.heldCount
  }

  /** Pieces that the remote serves us while it chokes us. */
  get remoteAllowedFast(): ReadonlySet<number> {
    return this.#pieces.remoteAllowedFast
  }

  /** Requests that the remote queues for us, as it said or as is usual. */
  get remoteRequestQueueLimit(): number {
    return this.remoteExtensions.requestQueueLimit ?? DEFAULT_REQUEST_QUEUE_LIMIT
  }

  /**
   * Shows every frame from now on, both ways, to `tap`; `null` ends that. Begins with both handshakes where they are
   * done, as far as they are remembered.
   */
  watch(tap: WireTap | null): void {
    this.#tap = tap
    this.#out.watcher =
      tap === null ? null : new WriteWatcher(tap, (id) => this.#extensions.remoteNameOf(id))
    if (tap !== null) this.#showPast(tap)
  }

  /** The effects belong to the caller; only `block-part` bytes die with the chunk that they came in. */
  handle(input: PeerWireInput, nowMs: Millis): readonly PeerWireEffect[] {
    if (this.#out.isClosed) return NO_EFFECTS
    this.#nowMs = nowMs
    this.#liveness.start(nowMs)
    if (input.kind === 'bytes') this.#receive(input.bytes)
    else this.#obey(input)
    if (this.#out.flush()) this.#liveness.spoke(nowMs)
    return this.#out.take()
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
        return this.#pieces.learn(input.pieces)
      case 'send-pieces':
        return this.#pieces.sendOurs(input.bits, input.haveCount)
      case 'send-have':
        return this.#out.send({ kind: 'have', pieceIndex: input.pieceIndex })
      case 'send-choke':
        return this.#upload.choke(this.#nowMs)
      case 'send-unchoke':
        return this.#upload.unchoke()
      case 'send-interested':
        return this.#download.setInterested(true)
      case 'send-not-interested':
        return this.#download.setInterested(false)
      case 'send-requests':
        return this.#download.request(input.blocks)
      case 'send-cancel':
        return this.#download.cancel(input)
      case 'send-blocks':
        return this.#upload.sendBlocks(input.blocks)
      case 'send-reject':
        return this.#upload.reject(input)
      case 'send-allowed-fast':
        return this.#upload.allowFast(input.pieceIndexes)
      case 'send-port':
        if (this.hasDht) this.#out.send({ kind: 'port', dhtPort: input.dhtPort })
        return
      case 'send-extended':
        return this.#extensions.send(input.name, input.payload)
      case 'update-extensions':
        this.#extensions.setLocal(input.extensions)
        if (this.#out.maySpeak && this.hasExtensions) this.#extensions.sendHandshake()
        return
      default:
        input satisfies never
    }
  }

  #tick(): void {
    const due = this.#liveness.judge(this.#nowMs)
    if (due === 'keep-alive') this.#out.write(encodeKeepAlive())
    else if (due !== null) this.#out.close({ kind: 'timed-out', what: due })
  }

  // --- handshakes ----------------------------------------------------------------------------------------------------

  #start(): void {
    if (this.#options.direction === 'outgoing') this.#greet(this.#options.infoHashes[0])
  }

  #accept(input: Extract<PeerWireInput, { readonly kind: 'accept' }>): void {
    invariant(this.#options.direction === 'incoming', 'only incoming connections are accepted')
    invariant(this.remote !== null, 'a connection is accepted after its handshake effect')
    this.#extensions.setLocal(input.extensions)
    if (input.pieces !== null) this.#pieces.learn(input.pieces)
    if (input.dht !== undefined) this.#greeting.offerDht(input.dht)
    this.#greet(input.infoHashes[0], input.peerId)
  }

  #greet(infoHash: Uint8Array | undefined, peerId?: Uint8Array): void {
    this.#greeting.say(infoHash, peerId)
    this.#goOn(this.#greeting.takeUnanswered())
  }

  #receive(bytes: Uint8Array): void {
    this.#liveness.heard(this.#nowMs)
    if (this.#phase === 'handshake') this.#goOn(this.#greeting.receive(bytes))
    else this.#readFrames(bytes)
  }

  /** After either side said more of its handshake; `rest` is what the remote said behind its own. */
  #goOn(rest: Uint8Array): void {
    if (this.#out.isClosed || !this.#greeting.isMutual) return
    if (!this.#out.maySpeak) {
      this.#out.allowMessages()
      if (this.hasExtensions) this.#extensions.sendHandshake()
    }
    if (!this.#greeting.isOver) return
    this.#phase = 'first'
    this.#liveness.open()
    if (this.#tap !== null) this.#showGreeting(this.#tap)
    this.#readFrames(rest)
  }

  #showGreeting(tap: WireTap): void {
    const { remote } = this.#greeting
    if (remote !== null && remote.peerId !== null)
      tap('in', seenHandshake({ ...remote, peerId: remote.peerId }))
  }

  // --- incoming frames -----------------------------------------------------------------------------------------------

  #readFrames(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let event = this.#reader.next(); event !== null; event = this.#reader.next()) {
      this.#onFrame(event)
      if (this.#out.isClosed) return
    }
  }

  #onFrame(event: FrameEvent): void {
    if (this.#tap !== null) this.#show(this.#tap, event)
    switch (event.kind) {
      case 'keep-alive':
        return
      case 'fault':
        return this.#out.fault(event.fault.code, event.fault.detail)
      case 'head':
        return this.#onHead(event.id, event.bodyBytes)
      case 'body':
        return this.#onBody(event.id, event.body)
      case 'block':
        return this.#download.onBlock(event)
      case 'run':
        return this.#download.onRun(event)
      default:
        event satisfies never
    }
  }

  #show(tap: WireTap, event: FrameEvent): void {
    if (event.kind === 'keep-alive') tap('in', { kind: 'keep-alive', lengthBytes: 4 })
    else if (event.kind === 'block') tap('in', seenBlock(event))
    else if (event.kind === 'body')
      tap(
        'in',
        seenBody(event.id, event.body, (id) => this.#extensions.localNameOf(id)),
      )
  }

  #showPast(tap: WireTap): void {
    const { own } = this.#greeting
    if (own !== null) tap('out', seenHandshake(own))
    if (this.#phase !== 'handshake') this.#showGreeting(tap)
    if (!this.hasExtensions || !this.#out.maySpeak) return
    tap('out', seenExtensionHandshake(this.#extensions.ownHandshake()))
    const last = this.#extensions.lastHandshake
    if (last !== null) tap('in', seenExtensionHandshake(last))
  }

  /** Decides on a frame's id and length alone what becomes of its body. */
  #onHead(id: number, bodyBytes: number): void {
    // Unless the end is reached, whatever the table of reactions forgives.
    this.#reader.skip()
    const head = judgeHead(id, bodyBytes, this.#phase, this.#greeting)
    if ('code' in head) {
      this.#tap?.('in', { kind: 'unread', lengthBytes: FRAME_HEAD_BYTES + bodyBytes, id })
      return this.#out.fault(head.code, head.detail)
    }
    const { kind, legal } = head
    if (kind === 'bitfield' && !this.#pieces.isBitfieldSize(bodyBytes)) return
    if (legal.isLate) this.#out.fault('out-of-turn', `${kind} after other messages`)
    if (this.#out.isClosed) return
    if (kind === 'piece') this.#reader.stream()
    else this.#reader.collect()
    this.#phase = legal.next
  }

  #onBody(id: number, body: Uint8Array): void {
    const kind = peerMessageKind(id)
    if (kind !== undefined) this.#onMessage(PEER_MESSAGES[kind].read(new ByteReader(body)))
  }

  #onMessage(message: PeerMessage): void {
    switch (message.kind) {
      case 'choke':
        return this.#download.onChoke()
      case 'unchoke':
        return this.#download.onUnchoke()
      case 'interested':
        return this.#upload.onInterest(true)
      case 'not-interested':
        return this.#upload.onInterest(false)
      case 'have':
        return this.#pieces.onHave(message.pieceIndex)
      case 'bitfield':
      case 'have-all':
      case 'have-none':
        return this.#pieces.onSet(message)
      case 'request':
        return this.#upload.onRequest(message, this.#nowMs)
      case 'piece':
        return invariant(false, 'blocks are streamed')
      case 'cancel':
        return this.#upload.onCancel(message)
      case 'port':
        if (message.dhtPort !== 0) this.#out.tell(message)
        return
      case 'suggest-piece':
        return this.#pieces.onSuggestion(message.pieceIndex)
      case 'reject-request':
        return this.#download.onReject(message)
      case 'allowed-fast':
        return this.#pieces.onAllowedFast(message.pieceIndex)
      case 'extended':
        return this.#extensions.onExtended(message.extendedId, message.payload)
      default:
        message satisfies never
    }
  }
}

const NO_EFFECTS: readonly PeerWireEffect[] = []
