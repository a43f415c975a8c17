import { expect, test } from 'vitest'
import { parsePeer } from './address-text.ts'

test.each([
  ['192.0.2.1:6881', { host: '192.0.2.1', port: 6881 }],
  // Under another name it would escape bans, blocklist and bounds on one host.
  ['[::ffff:192.0.2.1]:6881', { host: '192.0.2.1', port: 6881 }],
  ['[2001:DB8:0:0::1]:6881', { host: '2001:db8::1', port: 6881 }],
  ['tracker.example:6881', null],
  ['192.0.2.1:0', null],
  ['192.0.2.1:65536', null],
])('%s has one text', (text, address) => {
  expect(parsePeer(text)).toEqual(address)
})
