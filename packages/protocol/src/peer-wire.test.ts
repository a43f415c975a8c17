import { expect, test } from 'vitest'
import { connect } from './testing/wired-pair.ts'

test('two peers exchange a block', () => {
  const { a, b } = connect({ fast: true, extensions: true })
  b.feed({ kind: 'send-pieces', bits: Uint8Array.of(0xf0), haveCount: 4 })
  a.feed({ kind: 'send-interested' })
  b.feed({ kind: 'send-unchoke' })
  a.feed({ kind: 'send-requests', blocks: [{ pieceIndex: 1, begin: 0, lengthBytes: 16384 }] })
  b.feed({
    kind: 'send-blocks',
    blocks: [{ pieceIndex: 1, begin: 0, bytes: new Uint8Array(16384).fill(7) }],
  })
  expect(a.kinds()).toEqual([
    'handshake',
    'peer-id',
    'extensions',
    'has-pieces',
    'unchoked',
    'block-part',
  ])
  expect(b.kinds()).toEqual(['handshake', 'peer-id', 'extensions', 'interested', 'request'])
})
