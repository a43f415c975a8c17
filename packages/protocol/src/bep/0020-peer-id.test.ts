import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { latin1Decode } from '../bytes.ts'
import { clientName, makePeerId, PEER_ID_BYTES } from './0020-peer-id.ts'

test('our peer ids are 20 bytes with our prefix, and the rest is chance', () => {
  let next = 0
  const id = makePeerId((below) => next++ % below)
  expect(latin1Decode(id)).toBe('-PG0100-0123456789AB')
  expect(id).toHaveLength(PEER_ID_BYTES)
  expect(clientName(id)).toBe('Pigeon 0.1.0')
})

test('the name behind any id is short printable ASCII', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (id) => {
      expect(clientName(id)).toMatch(/^[\x20-\x7e]{1,40}$/)
    }),
  )
  const styled = fc.stringMatching(
    /^(-[A-Za-z]{2}[0-9A-Za-z.]{4}-|[AOQRSTU][0-9A-Za-z.-]{5}--|M\d-\d-\d--)[ -~]{12}$/,
  )
  fc.assert(
    fc.property(styled, (id) => {
      expect(clientName(Uint8Array.from(Buffer.from(id)))).toMatch(/^[\x20-\x7e]{1,40}$/)
    }),
  )
})
