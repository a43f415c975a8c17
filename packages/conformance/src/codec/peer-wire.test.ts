import { describe, expect, it } from 'vitest'
import {
  MAX_FRAME_BYTES,
  RESERVED_PLAIN,
  type StreamEvent,
  WireStream,
  encodeHandshake,
  encodeMessage,
} from './peer-wire.ts'

const handshake = encodeHandshake({
  reserved: RESERVED_PLAIN,
  infoHash: Buffer.alloc(20, 1),
  peerId: Buffer.alloc(20, 2),
})

/** Kinds and names only: what the order of events is about. */
function names(events: readonly StreamEvent[]): string[] {
  return events.map((event) => (event.kind === 'frame' ? event.frame.name : event.kind))
}

describe('the peer wire', () => {
  const stream = Buffer.concat([
    handshake,
    encodeMessage('bitfield', [], Buffer.from([0x80])),
    Buffer.alloc(4),
    encodeMessage('request', [1, 2, 3]),
    encodeMessage('piece', [0, 0], Buffer.alloc(16_384)),
  ])
  const wanted = ['handshake', 'bitfield', 'keep-alive', 'request', 'piece']

  it('encodes a request as BEP 3 lays it out', () => {
    expect(encodeMessage('request', [1, 2, 3]).toString('hex')).toBe(
      '0000000d06000000010000000200000003',
    )
  })

  it.each([1, 3, 67, 68, 69, 1000, stream.length])(
    'reads the same from segments of %i bytes',
    (size) => {
      const wire = new WireStream()
      const events: StreamEvent[] = []
      for (let at = 0; at < stream.length; at += size)
        events.push(...wire.push(stream.subarray(at, at + size)))
      expect(names(events)).toEqual(wanted)
    },
  )

  it('takes what does not begin with the protocol name for garbage, and reads no more of it', () => {
    const wire = new WireStream()
    expect(names(wire.push(Buffer.alloc(200, 7)))).toEqual(['garbage'])
    expect(wire.hasGreeted).toBe(false)
    expect(wire.push(stream)).toEqual([])
  })

  it('waits for a frame at the limit, and gives up on one byte more before it comes', () => {
    const prefix = (lengthBytes: number): Buffer => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(lengthBytes)
      return bytes
    }
    expect(
      names(new WireStream().push(Buffer.concat([handshake, prefix(MAX_FRAME_BYTES)]))),
    ).toEqual(['handshake'])
    expect(
      names(new WireStream().push(Buffer.concat([handshake, prefix(MAX_FRAME_BYTES + 1)]))),
    ).toEqual(['handshake', 'garbage'])
  })

  it('names messages that it does not know by their number', () => {
    const wire = new WireStream()
    expect(names(wire.push(Buffer.concat([handshake, Buffer.from([0, 0, 0, 1, 99])])))).toEqual([
      'handshake',
      'unknown-99',
    ])
  })
})
