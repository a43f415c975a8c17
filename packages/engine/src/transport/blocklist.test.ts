import { describe, expect, it } from 'vitest'
import { Blocklist, BLOCKLIST_RANGES_LIMIT } from './blocklist.ts'

describe('a blocklist', () => {
  it.each([
    ['P2P text', 'Some: name, Inc:1.2.3.4-1.2.3.9'],
    ["eMule's format", '001.002.003.004 - 001.002.003.009 , 100 , Some name'],
    ['a plain range', '1.2.3.4 - 1.2.3.9'],
  ])('is read from %s', (_, line) => {
    const list = Blocklist.parse(line)
    expect(list.badLineCount).toBe(0)
    expect(['1.2.3.3', '1.2.3.4', '1.2.3.9', '1.2.3.10'].map((host) => list.has(host))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('is read from CIDR blocks and plain addresses of both families', () => {
    const list = Blocklist.parse(
      '10.1.0.0/16 # ours\r\n2001:db8::/32\n\n# remark\n192.0.2.7\n::5\n',
    )
    expect(list).toMatchObject({ rangeCount: 4, badLineCount: 0 })
    for (const host of ['10.1.255.255', '2001:db8:ffff::1', '192.0.2.7', '::5', '::ffff:10.1.0.1'])
      expect([host, list.has(host)]).toEqual([host, true])
    for (const host of ['10.2.0.0', '2001:db9::', '192.0.2.8', '::6', 'not an address', ''])
      expect([host, list.has(host)]).toEqual([host, false])
  })

  it('lets pass what eMule lets pass', () => {
    const list = Blocklist.parse('1.2.3.4 - 1.2.3.9 , 128 , fine\n1.2.3.4 - 1.2.3.4 , 127 , not')
    expect(list.rangeCount).toBe(1)
    expect(list.has('1.2.3.5')).toBe(false)
  })

  it('counts lines that say nothing, and goes on', () => {
    const list = Blocklist.parse('nonsense\n1.2.3.9-1.2.3.4\n1.2.3.4-::1\n1.2.3.0/33\n9.9.9.9')
    expect(list).toMatchObject({ rangeCount: 1, badLineCount: 4 })
    expect(list.has('9.9.9.9')).toBe(true)
  })

  it('finds what overlapping ranges cover', () => {
    const list = Blocklist.of([
      { from: '1.0.0.0', to: '1.255.255.255' },
      { from: '1.2.0.0', to: '1.2.0.1' },
      { from: '0.0.0.0', to: '0.0.0.0' },
      { from: '255.255.255.255', to: '255.255.255.255' },
    ])
    for (const host of ['1.200.0.0', '0.0.0.0', '255.255.255.255'])
      expect(list.has(host)).toBe(true)
    for (const host of ['0.0.0.1', '2.0.0.0', '255.255.255.254']) expect(list.has(host)).toBe(false)
  })

  it('takes as many ranges as its bound, and counts one more as unread', () => {
    const range = (at: number) => `${at >>> 16}.${(at >>> 8) & 255}.${at & 255}.0`
    const lines = Array.from({ length: BLOCKLIST_RANGES_LIMIT }, (_, at) => range(at))
    const list = Blocklist.parse([...lines, '250.0.0.1'].join('\n'))
    expect(list).toMatchObject({ rangeCount: BLOCKLIST_RANGES_LIMIT, badLineCount: 1 })
    expect(list.has(range(BLOCKLIST_RANGES_LIMIT - 1))).toBe(true)
    expect(list.has('250.0.0.1')).toBe(false)
  })
})
