/** A remote of uTP that says exactly what it is told, against one machine. */
import {
  decodeUtpPacket,
  encodeUtpPacket,
  type UtpHeader,
  type UtpPacket,
} from '../bep/0029-packet.ts'
import { concatBytes } from '../bytes.ts'
import { UtpMux, type UtpAddress, type UtpEffect, type UtpOptions } from '../utp/utp-mux.ts'

export const REMOTE: UtpAddress = { host: '192.0.2.1', port: 6881 }
/** The id that the remote gives its own connections: it receives with it, and sends with the next one. */
export const ID = 1000
/** The remote's first data packet has the next one. */
export const SYN_SEQ = 50

export interface Line {
  readonly mux: UtpMux
  nowMs: number
  readonly effects: UtpEffect[]
  readonly sent: UtpPacket[]
}

/** `firstSeq` is the number of our first packet; what else is left to chance is 0. */
export function newLine(firstSeq = 100, options: Partial<UtpOptions> = {}): Line {
  const random = (below: number): number => firstSeq % below
  return { mux: new UtpMux(random, options), nowMs: 10_000, effects: [], sent: [] }
}

/** Feeds and notes; answers the packets that this made. */
export function feed(line: Line, input: Parameters<UtpMux['handle']>[0]): readonly UtpPacket[] {
  const made: UtpPacket[] = []
  for (const effect of line.mux.handle(input, line.nowMs)) {
    if (effect.kind !== 'send') {
      line.effects.push(
        effect.kind === 'bytes' ? { ...effect, bytes: effect.bytes.slice() } : effect,
      )
      continue
    }
    const packet = decodeUtpPacket(effect.bytes.slice())
    if (typeof packet === 'string') throw new Error(packet)
    made.push(packet)
  }
  line.sent.push(...made)
  return made
}

/** A packet of the remote; what is not said is that of an established connection that it began. */
export function say(
  line: Line,
  header: Partial<UtpHeader>,
  options: {
    readonly selectiveAck?: Uint8Array
    readonly payload?: Uint8Array
    readonly from?: UtpAddress
  } = {},
): readonly UtpPacket[] {
  const head = encodeUtpPacket(
    {
      type: 'state',
      connectionId: ID + 1,
      timestampMicros: 1,
      delayMicros: 0,
      windowBytes: 1_000_000,
      seqNr: SYN_SEQ + 1,
      ackNr: 0,
      ...header,
    },
    options.selectiveAck ?? null,
  )
  const bytes = concatBytes([head, options.payload ?? new Uint8Array(0)])
  return feed(line, { kind: 'datagram', bytes, from: options.from ?? REMOTE })
}

/** Lets time pass, and everything happen that is due in it; answers the packets that this made. */
export function wait(line: Line, lengthMs: number): readonly UtpPacket[] {
  const endMs = line.nowMs + lengthMs
  const made: UtpPacket[] = []
  for (;;) {
    const dueMs = line.mux.deadlineMs
    if (dueMs === null || dueMs > endMs) break
    line.nowMs = Math.max(line.nowMs, dueMs)
    made.push(...feed(line, { kind: 'tick' }))
  }
  line.nowMs = endMs
  return made
}

/** The remote connects and confirms with a byte of data; answers our number of the connection. */
export function acceptedLine(
  firstSeq = 100,
  options: Partial<UtpOptions> = {},
): { readonly line: Line; readonly connection: number } {
  const line = newLine(firstSeq, options)
  say(line, { type: 'syn', connectionId: ID, seqNr: SYN_SEQ })
  say(
    line,
    { type: 'data', seqNr: SYN_SEQ + 1, ackNr: firstSeq - 1 },
    { payload: Uint8Array.of(0xaa) },
  )
  wait(line, 0)
  const accepted = line.effects.find((effect) => effect.kind === 'accepted')
  if (accepted === undefined) throw new Error('not accepted')
  line.effects.length = 0
  line.sent.length = 0
  return { line, connection: accepted.connection }
}

export function write(line: Line, connection: number, lengthBytes: number): readonly UtpPacket[] {
  return feed(line, { kind: 'write', connection, chunks: [new Uint8Array(lengthBytes)] })
}

/** All that was handed on, joined. */
export function received(line: Line): Uint8Array {
  return concatBytes(
    line.effects.flatMap((effect) => (effect.kind === 'bytes' ? [effect.bytes] : [])),
  )
}
