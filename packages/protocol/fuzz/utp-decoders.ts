/** uTP machines, which keep state. */
import { decodeUtpPacket, encodeUtpPacket, UTP_HEADER_BYTES } from '../src/bep/0029-packet.ts'
import { concatBytes } from '../src/bytes.ts'
import { invariant } from '../src/machine.ts'
import { UtpMux, type UtpAddress, type UtpEffect } from '../src/utp/utp-mux.ts'
import type { DecoderRow } from './decoders.ts'

const REMOTE: UtpAddress = { host: '192.0.2.1', port: 6881 }
const ID = 1000
const HEADER = {
  timestampMicros: 1,
  delayMicros: 1,
  windowBytes: 100_000,
  seqNr: 1,
  ackNr: 0,
} as const
/** What chance says in the machines here: the number of our first packet, and the id of our SYN. */
const FIRST_SEQ = 7

export const UTP_DECODERS: readonly DecoderRow[] = [
  {
    name: 'utp-stranger',
    corpus: ['utp-packet'],
    decode(bytes) {
      const mux = new UtpMux(() => FIRST_SEQ)
      let answered = 0
      for (const effect of feed(mux, bytes)) {
        invariant(effect.kind === 'send', 'nothing is believed of a stranger at once')
        answered += effect.bytes.length
      }
      invariant(answered <= bytes.length, 'no answer is longer than what it answers')
      runOut(mux)
    },
  },
  {
    name: 'utp-connection',
    corpus: ['utp-packet'],
    decode(bytes) {
      const mux = new UtpMux(() => FIRST_SEQ)
      const connection = connected(mux)
      const before = mux.connectionCount
      mux.handle({ kind: 'write', connection, chunks: [new Uint8Array(50_000)] }, 1)
      const packet = decodeUtpPacket(bytes)
      // Twice: as it is, and as one that the right remote sends to this connection.
      for (const datagram of [bytes, typeof packet === 'string' ? bytes : addressed(bytes)]) {
        for (const effect of feed(mux, datagram)) {
          if (effect.kind !== 'bytes') continue
          invariant(effect.bytes.length <= datagram.length, 'what arrives was sent')
        }
      }
      invariant(mux.connectionCount <= before + 2, 'a datagram begins one connection at most')
      runOut(mux)
    },
  },
]

function feed(mux: UtpMux, bytes: Uint8Array): readonly UtpEffect[] {
  return mux.handle({ kind: 'datagram', bytes, from: REMOTE }, 2)
}

/** A connection that the remote began and confirmed. */
function connected(mux: UtpMux): number {
  feed(mux, encodeUtpPacket({ ...HEADER, type: 'syn', connectionId: ID }))
  const first = { ...HEADER, type: 'data', connectionId: ID + 1, seqNr: 2 } as const
  const confirmed = { ...first, ackNr: FIRST_SEQ - 1 }
  const effects = feed(mux, concatBytes([encodeUtpPacket(confirmed), REST]))
  const accepted = effects.find((effect) => effect.kind === 'accepted')
  invariant(accepted !== undefined, 'a right beginning is accepted')
  return accepted.connection
}

const REST = new Uint8Array(5)

function addressed(bytes: Uint8Array): Uint8Array {
  const own = encodeUtpPacket({ ...HEADER, type: 'data', connectionId: ID + 1 })
  const copy = bytes.slice()
  copy.set(own.subarray(2, 4), 2)
  return copy.length < UTP_HEADER_BYTES ? bytes : copy
}

/** Time passes until nothing is left to do: every connection comes to an end. */
function runOut(mux: UtpMux): void {
  let ticks = 0
  for (let nowMs = mux.deadlineMs; nowMs !== null; nowMs = mux.deadlineMs) {
    mux.handle({ kind: 'tick' }, nowMs)
    ticks += 1
    invariant(ticks < MAX_TICKS, 'a connection that hears nothing ends')
  }
  invariant(mux.connectionCount === 0, 'nothing is kept in the end')
}

const MAX_TICKS = 1000
