/** Reads one direction between two clients into its tally and the transcript, whatever carries the bytes. */
import { WireStream } from '../codec/peer-wire.ts'
import type { Transcript } from './transcript.ts'
import type { WireTally } from './wire-tally.ts'

export type Direction = 'forward' | 'backward'

export interface StreamReaderInit {
  readonly direction: Direction
  /** Of all connections of this direction. */
  readonly tally: WireTally
  /** Of the other direction: extension ids are the receiver's to choose. */
  readonly receiver: WireTally
  readonly transcript: Transcript
  /** Number of the connection. */
  readonly number: number
}

export class StreamReader {
  readonly #init: StreamReaderInit
  readonly #stream = new WireStream()

  constructor(init: StreamReaderInit) {
    this.#init = init
  }

  get hasGreeted(): boolean {
    return this.#stream.hasGreeted
  }

  /** Answers whether the bytes are those of the plain protocol so far. */
  read(chunk: Buffer): boolean {
    const { direction, tally, receiver, transcript, number } = this.#init
    let isPlain = true
    tally.rawBytes += chunk.length
    for (const event of this.#stream.push(chunk)) {
      if (event.kind === 'handshake') {
        tally.handshake = event.handshake
        tally.handshakeCount += 1
        transcript.handshake(number, direction, event.handshake)
      } else if (event.kind === 'garbage') {
        tally.garbage ??= event.why
        transcript.note(number, `${direction}: ${event.why}`)
        isPlain = false
      } else {
        const name = tally.frame(event.frame, receiver)
        transcript.frame(number, direction, name, event.frame)
      }
    }
    return isPlain
  }
}
