import { describe, expect, it } from 'vitest'
import { asDictionary, decodeBencode, decodeBencodePrefix, encodeBencode } from './bencode.ts'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')

describe('bencode', () => {
  it('writes the examples of BEP 3', () => {
    expect(encodeBencode('spam').toString()).toBe('4:spam')
    expect(encodeBencode(-3).toString()).toBe('i-3e')
    expect(encodeBencode(['spam', 'eggs']).toString()).toBe('l4:spam4:eggse')
    expect(encodeBencode({ spam: ['a', 'b'], cow: 'moo' }).toString()).toBe(
      'd3:cow3:moo4:spaml1:a1:bee',
    )
  })

  it('counts bytes of a string, not letters', () => {
    expect(encodeBencode('ü').toString('latin1')).toBe('2:\xc3\xbc')
  })

  it('reads back what it wrote', () => {
    const value = decodeBencode(encodeBencode({ a: 1, b: ['x', { c: 0 }] }))
    expect(asDictionary(value)?.get('a')).toBe(1)
  })

  it('reads a value and says where it ended, for metadata messages', () => {
    const found = decodeBencodePrefix(text('d8:msg_typei1eeBINARY'))
    expect(found?.usedBytes).toBe(15)
  })

  it.each(['', 'i', 'ie', 'i01e', 'i-0e', '5:abc', '-1:a', 'l', 'd1:a', 'di1ei2ee', 'x', 'i1ei2e'])(
    'refuses %j without throwing',
    (bad) => expect(decodeBencode(text(bad))).toBeUndefined(),
  )

  it('stops at 32 levels, and not before', () => {
    const nested = (depth: number): Buffer => text('l'.repeat(depth) + 'e'.repeat(depth))
    expect(decodeBencode(nested(33))).toBeDefined()
    expect(decodeBencode(nested(34))).toBeUndefined()
  })
})
