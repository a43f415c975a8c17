import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIp } from '../ip-address.ts'
import { decodePex, encodePex, PEX_FLAGS, type PexPeer } from './0011-pex.ts'

const host = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => formatIp(bytes) ?? '')
const address = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })
const flags = fc.integer({ min: 0, max: 255 })

function keysOf(peers: readonly { readonly host: string; readonly port: number }[]): string[] {
  return peers.map((peer) => `${peer.host} ${peer.port}`).toSorted()
}

test('whatever is told arrives, with its flags, whichever family it is of', () => {
  const peer: fc.Arbitrary<PexPeer> = fc.record({
    host,
    port: fc.integer({ min: 1, max: 65_535 }),
    flags,
  })
  const unique = { selector: (one: { host: string; port: number }) => `${one.host} ${one.port}` }
  const lists = [
    fc.uniqueArray(peer, { ...unique, maxLength: 50 }),
    fc.uniqueArray(address, { ...unique, maxLength: 50 }),
  ] as const
  fc.assert(
    fc.property(...lists, (added, dropped) => {
      const read = decodePex(encodePex({ added, dropped }))
      if (!read.ok) throw new Error(read.fault.detail)
      expect(keysOf(read.message.added)).toEqual(keysOf(added))
      expect(keysOf(read.message.dropped)).toEqual(keysOf(dropped))
      const told = new Map(added.map((one) => [`${one.host} ${one.port}`, one.flags]))
      for (const one of read.message.added)
        expect(one.flags).toBe(told.get(`${one.host} ${one.port}`))
    }),
  )
})

test('noise is a fault or a message, never a throw, and no port is ever 0', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
      const read = decodePex(noise)
      if (read.ok) for (const { port } of read.message.added) expect(port).toBeGreaterThan(0)
    }),
  )
})

test('each flag has the bit that the standard gives it', () => {
  expect(Object.values(PEX_FLAGS)).toEqual([1, 2, 4, 8, 16])
})
