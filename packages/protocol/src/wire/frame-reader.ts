/**
 * Cuts a peer's byte stream into frames, whatever the chunks. What a frame's body is worth is asked right after its
 * id: collected, streamed (blocks), or skipped; so nothing is kept that was not judged first, and blocks are never copied.
 */
import type { PeerFault } from '../fault.ts'
import { invariant } from '../machine.ts'
import { judgeFrameBytes } from './frame.ts'

export type FrameEvent =
  | { readonly kind: 'keep-alive' }
  | { readonly kind: 'fault'; readonly fault: PeerFault }
  /** A frame began. Call `collect`, `stream` or `skip` before `next`. */
  | { readonly kind: 'head'; readonly id: number; readonly bodyBytes: number }
  /** The body that was collected; a view that lives until the next call. */
  | { readonly kind: 'body'; readonly id: number; readonly body: Uint8Array }
  /** Of a streamed frame: which block follows. Call `skip` to be spared its bytes. */
  | {
      readonly kind: 'block'
      readonly pieceIndex: number
      readonly begin: number
      readonly lengthBytes: number
    }
  /** A run of the block's bytes; a view of the chunk. */
  | {
      readonly kind: 'run'
      readonly offset: number
      readonly bytes: Uint8Array
      readonly isLast: boolean
    }

export class FrameReader {
  #mode: Mode = 'length'
  #chunk: Uint8Array = EMPTY
  #at = 0
  #id = 0
  /** Body bytes of the frame that are still to come. */
  #leftBytes = 0
  #blockBytes = 0
  /** Fixed-size fields, gathered across chunks. */
  readonly #field = new Uint8Array(8)
  #fieldUsed = 0
  /** The part of a body that earlier chunks brought; grows as bytes come, never by the declared length. */
  #kept: Uint8Array = EMPTY
  #keptUsed = 0

  /** Hands in the next chunk; drain `next` until `null` before the next one. */
  push(chunk: Uint8Array): void {
    invariant(this.#at === this.#chunk.length, 'a chunk is drained before the next')
    this.#chunk = chunk
    this.#at = 0
  }

  /** `null` when the chunk is used up. */
  next(): FrameEvent | null {
    for (;;) {
      switch (this.#mode) {
        case 'length': {
          if (!this.#gather(4)) return null
          const event = this.#beginFrame(this.#fieldU32(0))
          if (event !== null) return event
          break
        }
        case 'id':
          if (this.#at === this.#chunk.length) return this.#release()
          this.#id = this.#chunk[this.#at++] ?? 0
          this.#mode = 'judge'
          return { kind: 'head', id: this.#id, bodyBytes: this.#leftBytes }
        case 'judge':
          invariant(false, 'each frame is collected, streamed or skipped')
          break
        case 'collect':
          return this.#collectBody()
        case 'block':
          if (!this.#gather(8)) return null
          return this.#beginBlock()
        case 'run':
          return this.#takeRun()
        case 'skip':
          if (!this.#skipOver()) return null
          break
      }
    }
  }

  collect(): void {
    this.#mode = 'collect'
  }

  /** For a frame of at least 8 bytes that begins with piece index and offset. */
  stream(): void {
    this.#mode = 'block'
  }

  /** Drops what is left of the frame, also in the middle of a block. */
  skip(): void {
    this.#mode = this.#leftBytes === 0 ? 'length' : 'skip'
  }

  /** Bytes of the present block that have not been handed out. */
  get blockBytesLeft(): number {
    return this.#mode === 'run' ? this.#leftBytes : 0
  }

  #beginFrame(frameBytes: number): FrameEvent | null {
    if (frameBytes === 0) return { kind: 'keep-alive' }
    const fault = judgeFrameBytes(frameBytes)
    if (fault !== null) return { kind: 'fault', fault }
    this.#leftBytes = frameBytes - 1
    this.#mode = 'id'
    return null
  }

  #beginBlock(): FrameEvent {
    this.#leftBytes -= 8
    this.#blockBytes = this.#leftBytes
    this.#mode = this.#leftBytes === 0 ? 'length' : 'run'
    return {
      kind: 'block',
      pieceIndex: this.#fieldU32(0),
      begin: this.#fieldU32(4),
      lengthBytes: this.#blockBytes,
    }
  }

  #takeRun(): FrameEvent | null {
    const runBytes = Math.min(this.#leftBytes, this.#chunk.length - this.#at)
    if (runBytes === 0) return this.#release()
    const offset = this.#blockBytes - this.#leftBytes
    const bytes = this.#chunk.subarray(this.#at, this.#at + runBytes)
    this.#at += runBytes
    this.#leftBytes -= runBytes
    const isLast = this.#leftBytes === 0
    if (isLast) this.#mode = 'length'
    return { kind: 'run', offset, bytes, isLast }
  }

  #skipOver(): boolean {
    const skipped = Math.min(this.#leftBytes, this.#chunk.length - this.#at)
    this.#at += skipped
    this.#leftBytes -= skipped
    if (this.#leftBytes > 0) {
      this.#release()
      return false
    }
    this.#mode = 'length'
    return true
  }

  #collectBody(): FrameEvent | null {
    const available = this.#chunk.length - this.#at
    if (this.#keptUsed === 0 && available >= this.#leftBytes) {
      const body = this.#chunk.subarray(this.#at, this.#at + this.#leftBytes)
      this.#at += this.#leftBytes
      this.#mode = 'length'
      return { kind: 'body', id: this.#id, body }
    }
    const taken = Math.min(available, this.#leftBytes)
    this.#keep(this.#chunk.subarray(this.#at, this.#at + taken))
    this.#at += taken
    this.#leftBytes -= taken
    if (this.#leftBytes > 0) return this.#release()
    const body = this.#kept.subarray(0, this.#keptUsed)
    this.#kept = EMPTY
    this.#keptUsed = 0
    this.#mode = 'length'
    return { kind: 'body', id: this.#id, body }
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#keptUsed + bytes.length
    if (needed > this.#kept.length) {
      const whole = this.#keptUsed + this.#leftBytes
      const grown = new Uint8Array(Math.min(whole, Math.max(needed, this.#kept.length * 2)))
      grown.set(this.#kept.subarray(0, this.#keptUsed))
      this.#kept = grown
    }
    this.#kept.set(bytes, this.#keptUsed)
    this.#keptUsed = needed
  }

  /** Whether the field of `fieldBytes` is whole. */
  #gather(fieldBytes: number): boolean {
    while (this.#fieldUsed < fieldBytes && this.#at < this.#chunk.length) {
      this.#field[this.#fieldUsed++] = this.#chunk[this.#at++] ?? 0
    }
    if (this.#fieldUsed < fieldBytes) {
      this.#release()
      return false
    }
    this.#fieldUsed = 0
    return true
  }

  #fieldU32(at: number): number {
    const field = this.#field
    const high = ((field[at] ?? 0) << 24) | ((field[at + 1] ?? 0) << 16)
    return (high | ((field[at + 2] ?? 0) << 8) | (field[at + 3] ?? 0)) >>> 0
  }

  /** Lets go of a used-up chunk: the caller may reuse its memory. */
  #release(): null {
    this.#chunk = EMPTY
    this.#at = 0
    return null
  }
}

type Mode = 'length' | 'id' | 'judge' | 'collect' | 'block' | 'run' | 'skip'

const EMPTY = new Uint8Array(0)
