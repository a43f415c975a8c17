import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIp } from '../ip-address.ts'
import { decodeHolepunch, encodeHolepunch, HOLEPUNCH_ERRORS } from './0055-holepunch.ts'

const host = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => formatIp(bytes) ?? '')
const address = fc.record({ host, port: fc.integer({ min: 0, max: 65_535 }) })

test('what is written is read, in 12 bytes for IPv4 and 24 for IPv6', () => {
  const message = fc.oneof(
    fc.record({ kind: fc.constantFrom('rendezvous' as const, 'connect' as const), address }),
    fc.record({ kind: fc.constant('error' as const), address, code: fc.nat(0xffff_ffff) }),
  )
  fc.assert(
    fc.property(message, (said) => {
      const bytes = encodeHolepunch(said)
      expect(bytes.length).toBe(said.address.host.includes(':') ? 24 : 12)
      expect(decodeHolepunch(bytes)).toEqual(said)
    }),
  )
})

test('noise is no message, or one of the three, and never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (noise) => {
      const read = decodeHolepunch(noise)
      if (![8, 12, 20, 24].includes(noise.length)) expect(read).toBeNull()
    }),
  )
})

test('the errors have the codes of the standard', () => {
  expect(Object.values(HOLEPUNCH_ERRORS)).toEqual([1, 2, 3, 4])
})
