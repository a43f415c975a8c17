import { describe, expect, it } from 'vitest'
import { readRequest } from './socks-proxy.ts'

describe('a request to the proxy', () => {
  it('names an address of either family or a host, and what follows is left', () => {
    const rest = Buffer.from('rest')
    const v4 = Buffer.concat([Buffer.from([5, 1, 0, 1, 10, 77, 0, 9, 0x1a, 0xe1]), rest])
    expect(readRequest(v4)).toEqual({
      request: { command: 1, host: '10.77.0.9', port: 6881 },
      usedBytes: 10,
    })
    const named = Buffer.concat([
      Buffer.from([5, 1, 0, 3, 4]),
      Buffer.from('a.bc'),
      Buffer.from([0, 80]),
    ])
    expect(readRequest(named)?.request).toEqual({ command: 1, host: 'a.bc', port: 80 })
    const v6 = Buffer.concat([Buffer.from([5, 1, 0, 4]), Buffer.alloc(15), Buffer.from([1, 0, 80])])
    expect(readRequest(v6)?.request.host).toBe('0:0:0:0:0:0:0:1')
  })

  it('is waited for while parts of it are missing', () => {
    const whole = Buffer.from([5, 1, 0, 3, 2, 97, 98, 0, 80])
    for (let length = 0; length < whole.length; length += 1)
      expect(readRequest(whole.subarray(0, length))).toBeUndefined()
    expect(readRequest(whole)).toBeDefined()
  })
})
