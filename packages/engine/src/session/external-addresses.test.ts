import { describe, expect, it } from 'vitest'
import { ExternalAddresses, VOTERS_LIMIT } from './external-addresses.ts'

describe('the address that others see', () => {
  it('is what most of them say, in each family', () => {
    const external = new ExternalAddresses()
    external.hear('198.51.100.7', 'peers', '203.0.113.1')
    external.hear('198.51.100.9', 'peers', '203.0.112.1')
    external.hear('198.51.100.9', 'tracker', '203.0.111.1')
    external.hear('2001:0db8:0:0::1', 'dht', '2001:db8:1::1')
    expect(external.list()).toEqual([
      { address: '198.51.100.9', saidBy: 'tracker' },
      { address: '2001:db8::1', saidBy: 'dht' },
    ])
  })

  it('is not for one neighbourhood to decide, however many voices it has', () => {
    const external = new ExternalAddresses()
    for (let host = 1; host < 200; host++) external.hear('1.2.3.4', 'peers', `203.0.113.${host}`)
    external.hear('198.51.100.9', 'peers', '203.0.112.1')
    external.hear('198.51.100.9', 'peers', '203.0.111.1')
    expect(external.of(4)).toBe('198.51.100.9')
  })

  it('is what the router says as long as there is one', () => {
    const external = new ExternalAddresses()
    for (let block = 0; block < VOTERS_LIMIT; block++)
      external.hear('1.2.3.4', 'peers', `203.0.${block}.1`)
    external.hear('198.51.100.9', 'router', '192.168.0.1')
    expect(external.list()).toEqual([{ address: '198.51.100.9', saidBy: 'router' }])
    external.forgetRouter()
    expect(external.of(4)).toBe('1.2.3.4')
  })

  it('is never one that nobody outside could see', () => {
    const external = new ExternalAddresses()
    for (const address of ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', '::1', 'name'])
      external.hear(address, 'peers', '203.0.113.1')
    expect(external.list()).toEqual([])
  })

  it('keeps no more votes than its bound', () => {
    const external = new ExternalAddresses()
    external.hear('198.51.100.9', 'peers', '10.0.0.1')
    for (let at = 0; at < VOTERS_LIMIT - 1; at++)
      external.hear('2001:db8::1', 'peers', `203.1.${at}.1`)
    expect(external.of(4)).toBe('198.51.100.9')
    external.hear('2001:db8::1', 'peers', '203.2.0.1')
    expect(external.of(4)).toBeNull()
  })
})
