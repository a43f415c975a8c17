import { expect, test } from 'vitest'
import { MAX_CANDIDATES, sanitizeSdp } from './sdp.ts'

const candidate = (host: string, port = 5000, transport = 'UDP') =>
  `a=candidate:1 1 ${transport} 2114977791 ${host} ${port} typ host`

function kept(...candidates: readonly string[]): readonly string[] {
  const sdp = ['v=0', 'a=ice-ufrag:x', ...candidates, 'a=end-of-candidates', ''].join('\r\n')
  const lines = sanitizeSdp(sdp).split('\r\n')
  expect(lines).toEqual(expect.arrayContaining(['v=0', 'a=ice-ufrag:x', 'a=end-of-candidates']))
  return lines.filter((line) => line.startsWith('a=candidate:'))
}

test('numeric UDP addresses stay', () => {
  const usable = [
    candidate('192.0.2.1'),
    candidate('10.1.2.3'),
    candidate('2001:db8::1', 5000, 'udp'),
  ]
  expect(kept(...usable)).toEqual(usable)
})

test.each([
  ['a name, which would have to be looked up', candidate('0f2b.local')],
  ['TCP', candidate('192.0.2.1', 9, 'TCP')],
  ['an address where nobody is', candidate('0.0.0.0')],
  ['a group', candidate('224.0.0.251')],
  ['where clouds keep their secrets', candidate('169.254.169.254')],
  ['port 0', candidate('192.0.2.1', 0)],
  ['a port past the last', candidate('192.0.2.1', 65_536)],
  ['a line cut short', 'a=candidate:1 1'],
])('%s is left out', (_, line) => {
  expect(kept(line)).toEqual([])
})

test('twenty addresses are kept, and not one more', () => {
  const many = Array.from({ length: 21 }, (_, i) => candidate(`192.0.2.${i}`))
  expect(kept(...many)).toEqual(many.slice(0, MAX_CANDIDATES))
})

test('lines end as the standard demands, however they came', () => {
  expect(sanitizeSdp('v=0\na=x\r\nb\rc')).toBe('v=0\r\na=x\r\nb\r\nc')
})
