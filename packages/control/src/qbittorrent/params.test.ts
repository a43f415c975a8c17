import { describe, expect, it } from 'vitest'
import { PARAMETERS, readParams } from './params.ts'

const FORM = 'application/x-www-form-urlencoded'

function read(query: string, type?: string, body = ''): ReturnType<typeof readParams> {
  return readParams(new URLSearchParams(query), type, new TextEncoder().encode(body))
}

describe('parameters', () => {
  it('come from the address and from both kinds of forms', async () => {
    expect((await read('a=1'))?.text('a')).toBe('1')
    expect((await read('a=1', FORM, 'a=2&b=x+y%26'))?.text('b')).toBe('x y&')
    expect((await read('a=1', FORM, 'a=2'))?.text('a')).toBe('2')
    const type = 'multipart/form-data; boundary=x'
    const body =
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n2\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nbytes\r\n--x--\r\n'
    const params = await read('', type, body)
    expect(params?.text('a')).toBe('2')
    expect(params?.files.map((file) => Buffer.from(file).toString())).toEqual(['bytes'])
  })

  it('are nothing when a form is none', async () => {
    expect(await read('', 'multipart/form-data; boundary=x', 'no form')).toBeNull()
    expect(await read('', 'multipart/form-data', 'no boundary')).toBeNull()
    expect(await read('', 'multipart/form-data; boundary=x', '--x\r\n')).toBeNull()
  })

  it('are at most 256', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')
    expect(await read('', FORM, many(PARAMETERS))).not.toBeNull()
    expect(await read('', FORM, many(PARAMETERS + 1))).toBeNull()
  })

  it('are read as numbers, truths and parts only where they are that', async () => {
    const params = await read('n=-1.5&e=1e999&h=0x10&t=true&f=0&x=maybe&l=a| b||c')
    expect(params?.number('n')).toBe(-1.5)
    for (const name of ['e', 'h', 't', 'none']) expect(params?.number(name)).toBeNull()
    expect([params?.flag('t'), params?.flag('f'), params?.flag('x')]).toEqual([
      true,
      false,
      undefined,
    ])
    expect(params?.parts('l', '|')).toEqual(['a', 'b', 'c'])
  })
})
