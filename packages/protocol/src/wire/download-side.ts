/**
 * What we want of the remote: our interest, its choke, our requests and the blocks and rejects that answer them.
 *
 * Each request ends in exactly one way: its block comes, it comes back as `rejected` or in `choked`, or we cancel it.
 * Blocks of requests that ended otherwise may still be on the way; they are counted as waste, never as a fault.
 *
 * Spec: BEP 3, "peer messages" (request, piece, cancel); BEP 6; BEP 54
 */
import { invariant } from '../machine.ts'
import { OUTSTANDING_REQUESTS_LIMIT, OutstandingRequests } from './block-requests.ts'
import { encodeBlockMessages } from './frame.ts'
import type { FrameEvent, FrameReader } from './frame-reader.ts'
import type { Greeting } from './greeting.ts'
import type { BlockRef } from './messages.ts'
import type { PieceAnnouncements } from './piece-announcements.ts'
import type { WireOutput } from './wire-output.ts'

export class DownloadSide {
  readonly #out: WireOutput
  readonly #greeting: Greeting
  readonly #pieces: PieceAnnouncements
  readonly #reader: FrameReader
  readonly #asked = new OutstandingRequests()
  /** The block whose bytes come now. */
  #receiving: BlockRef | null = null
  #isChoked = true
  #isInterested = false

  constructor(
    greeting: Greeting,
    pieces: PieceAnnouncements,
    reader: FrameReader,
    out: WireOutput,
  ) {
    this.#out = out
    this.#greeting = greeting
    this.#pieces = pieces
    this.#reader = reader
  }

  /** Whether the remote chokes us. */
  get isChoked(): boolean {
    return this.#isChoked
  }

  /** Whether we are interested in the remote. */
  get isInterested(): boolean {
    return this.#isInterested
  }

  /** Requests that wait for an answer, with the block that is coming in now. */
  get outstandingCount(): number {
    return this.#asked.count + (this.#receiving === null ? 0 : 1)
  }

  /** Requests that wait for an answer, oldest first. */
  get outstanding(): readonly BlockRef[] {
    return this.#asked.blocks
  }

  // --- what we say ---------------------------------------------------------------------------------------------------

  setInterested(isInterested: boolean): void {
    if (this.#isInterested === isInterested) return
    this.#out.send({ kind: isInterested ? 'interested' : 'not-interested' })
    this.#isInterested = isInterested
  }

  request(blocks: readonly BlockRef[]): void {
    this.#out.checkMaySpeak()
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
    if (sent.length > 0) this.#out.write(encodeBlockMessages('request', sent))
  }

  /** Of a block that is coming in, the rest is dropped without a word: the remote has sent it already. */
  cancel(block: BlockRef): void {
    this.#out.checkMaySpeak()
    const receiving = this.#receiving
    if (receiving?.pieceIndex === block.pieceIndex && receiving.begin === block.begin) {
      this.#out.tell({ kind: 'wasted', lengthBytes: this.#reader.blockBytesLeft })
      this.#reader.skip()
      this.#receiving = null
    } else if (this.#asked.forgo(block)) {
      this.#out.write(encodeBlockMessages('cancel', [block]))
    }
  }

  #mayAsk(pieceIndex: number): boolean {
    if (this.#asked.count >= OUTSTANDING_REQUESTS_LIMIT) return false
    return !this.#isChoked || this.#pieces.remoteAllowedFast.has(pieceIndex)
  }

  // --- what the remote says ------------------------------------------------------------------------------------------

  /** Without fast our requests are gone; with fast the remote answers each. */
  onChoke(): void {
    if (this.#isChoked) return
    this.#isChoked = true
    const dropped = this.#greeting.hasFast ? [] : this.#asked.forgoAll()
    this.#out.tell({ kind: 'choked', dropped })
  }

  onUnchoke(): void {
    if (!this.#isChoked) return
    this.#isChoked = false
    this.#out.tell({ kind: 'unchoked' })
  }

  /** Without fast the remote will not answer for a piece that it lost; with fast it rejects each request itself. */
  onLostPiece(pieceIndex: number): void {
    if (this.#greeting.hasFast) return
    for (const block of this.#asked.forgoAll(pieceIndex)) this.#tellRejected(block)
  }

  /** A block begins: its bytes are taken when it was asked for, else skipped. */
  onBlock(block: BlockRef): void {
    const { pieceIndex, begin, lengthBytes } = block
    const outcome = this.#asked.settle(block)
    if (outcome === 'wanted') {
      this.#receiving = block
      return
    }
    this.#reader.skip()
    if (outcome === 'forgone') {
      this.#out.tell({ kind: 'wasted', lengthBytes })
      return
    }
    const isMisfit = outcome !== 'never-asked'
    if (isMisfit) this.#tellRejected(outcome)
    const why = isMisfit ? `we asked for ${outcome.lengthBytes}` : 'never asked for'
    const detail = `piece ${pieceIndex}, begin ${begin}, ${lengthBytes} bytes: ${why}`
    this.#out.fault('unsolicited-block', detail)
  }

  onRun(run: Extract<FrameEvent, { readonly kind: 'run' }>): void {
    const block = this.#receiving
    invariant(block !== null, 'runs come only of wanted blocks')
    if (run.isLast) this.#receiving = null
    this.#out.tell({
      kind: 'block-part',
      pieceIndex: block.pieceIndex,
      begin: block.begin,
      lengthBytes: block.lengthBytes,
      offset: run.offset,
      bytes: run.bytes,
      isLast: run.isLast,
    })
  }

  onReject(block: BlockRef): void {
    const outcome = this.#asked.reject(block)
    if (outcome === 'rejected') return this.#tellRejected(block)
    if (outcome === 'forgone') return
    this.#out.fault('unsolicited-reject', `piece ${block.pieceIndex}, begin ${block.begin}`)
  }

  #tellRejected({ pieceIndex, begin, lengthBytes }: BlockRef): void {
    this.#out.tell({ kind: 'rejected', pieceIndex, begin, lengthBytes })
  }
}
