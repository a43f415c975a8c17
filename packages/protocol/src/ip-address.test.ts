import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressScope, formatIp, ipFamily, isCloudMetadataAddress, parseIp } from './ip-address.ts'

const scopeOf = (text: string): string => {
  const bytes = parseIp(text)
  return bytes === null ? 'no address' : addressScope(bytes)
}

test('what Node reads as an address is read, and nothing else', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/), fc.string())
  fc.assert(
    fc.property(text, (address) => {
      expect(parseIp(address) !== null).toBe(isIP(address) !== 0 && !address.includes('%'))
    }),
    { numRuns: 2000 },
  )
})

test('the canonical text is the one that a browser writes', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const shown = formatIp(parseIp(address) ?? new Uint8Array(0)) ?? ''
      if (shown.includes('.')) return
      expect(`[${shown}]`).toBe(new URL(`http://[${address}]/`).hostname)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  '01.2.3.4',
  '1.2.3',
  '1.2.3.256',
  '::1%eth0',
  '[::1]',
  '1::2::3',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  '',
  ' 1.2.3.4',
])('"%s" is no address', (text) => expect(parseIp(text)).toBe(null))

test.each([
  ['8.8.8.8', 'public'],
  ['2001:4860:4860::8888', 'public'],
  ['10.0.0.1', 'private'],
  ['172.15.0.1', 'public'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['100.63.0.1', 'public'],
  ['100.64.0.1', 'private'],
  ['100.128.0.1', 'public'],
  ['fc00::1', 'private'],
  ['fdff::1', 'private'],
  ['fec0::1', 'private'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['2002:a00:1::', 'private'],
  ['2002:808:808::', 'public'],
  ['0.0.0.0', 'never'],
  ['0.1.2.3', 'never'],
  ['::', 'never'],
  ['::ffff:0.0.0.0', 'never'],
  ['224.0.0.1', 'never'],
  ['240.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['ff02::1', 'never'],
])('%s is %s', (text, scope) => expect(scopeOf(text)).toBe(scope))

test('addresses that hand out credentials are known in any notation', () => {
  for (const text of [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fd00:ec2::254',
  ]) {
    expect(isCloudMetadataAddress(parseIp(text) ?? new Uint8Array(0))).toBe(true)
  }
  expect(isCloudMetadataAddress(Uint8Array.of(169, 254, 169, 253))).toBe(false)
})

test('IPv4 inside IPv6 is IPv4', () => {
  expect(ipFamily('::ffff:1.2.3.4')).toBe(4)
  expect(ipFamily('::1')).toBe(6)
  expect(ipFamily('t.example')).toBe(null)
})
