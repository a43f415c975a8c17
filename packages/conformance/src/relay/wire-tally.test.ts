import { describe, expect, it } from 'vitest'
import { encodeBencode } from '../codec/bencode.ts'
import type { Frame } from '../codec/peer-wire.ts'
import { WireTally } from './wire-tally.ts'

function extended(id: number, payload: Buffer): Frame {
  return { id: 20, name: 'extended', body: Buffer.concat([Buffer.from([id]), payload]) }
}

describe('a tally of one direction', () => {
  it('reads extension ids as the receiver chose them (BEP 10)', () => {
    const [sender, receiver] = [new WireTally(), new WireTally()]
    receiver.frame(extended(0, encodeBencode({ m: { ut_metadata: 77 } })), sender)
    sender.frame(extended(0, encodeBencode({ m: { ut_metadata: 3 } })), receiver)
    const block = Buffer.concat([
      encodeBencode({ msg_type: 1, piece: 0, total_size: 4 }),
      Buffer.from('data'),
    ])
    expect(sender.frame(extended(77, block), receiver)).toBe('ut_metadata')
    expect(sender.frame(extended(3, block), receiver)).toBe('extended-3')
    expect(sender.metadataBlocks).toBe(1)
  })

  it('does not take a metadata request or reject for data', () => {
    const [sender, receiver] = [new WireTally(), new WireTally()]
    receiver.frame(extended(0, encodeBencode({ m: { ut_metadata: 1 } })), sender)
    for (const type of [0, 2])
      sender.frame(extended(1, encodeBencode({ msg_type: type, piece: 0 })), receiver)
    expect(sender.metadataBlocks).toBe(0)
  })

  it('survives extended messages that are not bencode', () => {
    const tally = new WireTally()
    expect(tally.frame(extended(0, Buffer.from('garbage')), new WireTally())).toBe(
      'extended-handshake',
    )
    expect(tally.frame({ id: 20, name: 'extended', body: Buffer.alloc(0) }, tally)).toBe(
      'extended-handshake',
    )
  })
})
