import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Encode } from '../bytes.ts'
import { crc32c, peerPriority } from './0040-peer-priority.ts'

const port = fc.integer({ min: 1, max: 65_535 })
const v4 = fc.record({ host: fc.ipV4(), port })
const v6 = fc.record({ host: fc.ipV6().filter((host) => !host.includes('.')), port })

test('the checksum is the one that the standard means', () => {
  expect(crc32c(utf8Encode('123456789'))).toBe(0xe306_9283)
})

test('both ends find the same number', () => {
  for (const address of [v4, v6])
    fc.assert(
      fc.property(address, address, (one, other) => {
        const priority = peerPriority(one, other)
        expect(priority).toBe(peerPriority(other, one))
        expect(priority).toBeGreaterThanOrEqual(0)
      }),
    )
})

test('bits outside of the mask change nothing, so that no one gains by another address of the same network', () => {
  const us = { host: '98.76.54.32', port: 1 }
  const one = peerPriority(us, { host: '123.213.0.0', port: 1 })
  expect(peerPriority(us, { host: '123.213.170.170', port: 9 })).toBe(one)
  expect(peerPriority(us, { host: '123.213.1.0', port: 1 })).not.toBe(one)
})

test('IPv4 within IPv6 counts as IPv4, and two families or a name have no priority', () => {
  const us = { host: '123.213.32.10', port: 1 }
  expect(peerPriority(us, { host: '::ffff:98.76.54.32', port: 1 })).toBe(0xec2d_7224)
  expect(peerPriority(us, { host: '2001:db8::1', port: 1 })).toBeNull()
  expect(peerPriority(us, { host: 'example.org', port: 1 })).toBeNull()
})
