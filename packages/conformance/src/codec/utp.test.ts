import { describe, expect, it } from 'vitest'
import { UtpStream, decodeUtp } from './utp.ts'

function packet(
  type: number,
  sequence: number,
  payload: string,
  extension = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(20)
  header[0] = (type << 4) | 1
  header[1] = extension.length === 0 ? 0 : 1
  header.writeUInt16BE(4711, 2)
  header.writeUInt16BE(sequence, 16)
  header.writeUInt16BE(7, 18)
  return Buffer.concat([header, extension, Buffer.from(payload)])
}

function read(bytes: Buffer): NonNullable<ReturnType<typeof decodeUtp>> {
  const decoded = decodeUtp(bytes)
  if (decoded === undefined) throw new Error('not a uTP packet')
  return decoded
}

describe('uTP as the suite reads it', () => {
  it('has its numbers where BEP 29 puts them, and skips extensions', () => {
    const sack = Buffer.from([0, 4, 1, 0, 0, 0])
    expect(read(packet(0, 65_535, 'abc', sack))).toEqual({
      kind: 'data',
      connectionId: 4711,
      sequence: 65_535,
      acknowledged: 7,
      windowBytes: 0,
      selectiveBytes: 4,
      payload: Buffer.from('abc'),
    })
  })

  it('is nothing else: other versions, unknown types, short or cut packets', () => {
    expect(decodeUtp(Buffer.from('d1:ad2:id20:'))).toBeUndefined()
    expect(decodeUtp(packet(5, 1, ''))).toBeUndefined()
    expect(decodeUtp(packet(0, 1, '').subarray(0, 19))).toBeUndefined()
    expect(decodeUtp(packet(0, 1, '', Buffer.from([0, 200])))).toBeUndefined()
  })

  it('gives a stream in order, once, across the wrap of its numbers', () => {
    const stream = new UtpStream()
    stream.begin(65_534)
    const said = [
      packet(0, 65_535, 'b'),
      packet(0, 0, 'c'),
      packet(0, 65_534, 'a'),
      packet(0, 65_535, 'b'),
      packet(0, 1, 'd'),
    ].flatMap((bytes) => stream.push(read(bytes)).map(String))
    expect(said.join('')).toBe('abcd')
  })
})
