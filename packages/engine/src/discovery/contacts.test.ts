import { describe, expect, it } from 'vitest'
import { LEAST_PORT, mayTake, mayTell } from './contacts.ts'

const PUBLIC = '198.51.100.7'
const PRIVATE = '192.168.1.7'
const LOOPBACK = '127.0.0.1'

describe('an address that a peer names', () => {
  it.each([
    ['of the Internet, from anybody', '203.0.113.1', PUBLIC, true],
    ['of the Internet over IPv6', '2001:db8:1::1', PUBLIC, true],
    ['of our own network, from a stranger', '10.0.0.1', PUBLIC, false],
    ['of our own network, from a neighbour', '10.0.0.1', PRIVATE, true],
    ['of our own network, from this machine', '10.0.0.1', LOOPBACK, true],
    ['of this machine, from a neighbour', LOOPBACK, PRIVATE, false],
    ['of this machine, from this machine', '127.0.0.9', LOOPBACK, true],
    ['of this machine over IPv6, from a stranger', '::1', PUBLIC, false],
    ['of this machine, wrapped into IPv6', '::ffff:127.0.0.1', PUBLIC, false],
    ['of the link', '169.254.1.1', PRIVATE, false],
    ['of the link over IPv6', 'fe80::1', PRIVATE, false],
    ['of a group', '224.0.0.1', PUBLIC, false],
    ['that is none', '0.0.0.0', PUBLIC, false],
    ['that is a name', 'example.org', PUBLIC, false],
  ])('%s: %s from %s is taken: %s', (_, host, from, isTaken) => {
    expect(mayTake({ host, port: 6881 }, from)).toBe(isTaken)
  })

  it('is not taken with a port of a service', () => {
    const host = '203.0.113.1'
    expect(mayTake({ host, port: LEAST_PORT - 1 }, PUBLIC)).toBe(false)
    expect(mayTake({ host, port: LEAST_PORT }, PUBLIC)).toBe(true)
  })
})

describe('an address that we name', () => {
  it.each([
    ['of the Internet', '203.0.113.1', PUBLIC, true],
    ['of our network, to a stranger', PRIVATE, PUBLIC, false],
    ['of our network, to a neighbour', PRIVATE, '10.1.2.3', true],
    ['of this machine, to a stranger', LOOPBACK, PUBLIC, false],
    ['of this machine, to a neighbour', LOOPBACK, PRIVATE, false],
    ['of this machine, to this machine', LOOPBACK, '127.0.0.2', true],
    ['of the link', 'fe80::2', 'fe80::1', false],
  ])('%s: %s to %s is told: %s', (_, host, to, isTold) => {
    expect(mayTell({ host, port: 80 }, to)).toBe(isTold)
  })
})
