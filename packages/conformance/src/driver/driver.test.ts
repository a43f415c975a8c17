import { describe, expect, it } from 'vitest'
import { AddressPool, compactPeer } from '../net/address-pool.ts'
import { parseDriver } from './driver.ts'

const good = {
  contract: 1,
  name: 'mine',
  exec: './run',
  version: ['./run', '--version'],
  features: { tcp: true, mse: ['off'], dht: false },
}

describe('driver.json', () => {
  it("is read with the contract's defaults", () => {
    const reading = parseDriver(good, '/d')
    expect(reading).toMatchObject({
      kind: 'driver',
      driver: { exec: '/d/run', limits: { unchokeSeconds: 15 } },
    })
    expect(reading.kind === 'driver' && [...reading.driver.features]).toEqual([
      'tcp',
      'mse',
      'mse:off',
    ])
  })

  it.each([
    ['another contract', { ...good, contract: 2 }],
    ['a name that is no word', { ...good, name: '../x' }],
    ['no executable', { ...good, exec: undefined }],
    ['an empty version command', { ...good, version: [] }],
    ['a feature that nobody knows', { ...good, features: { telepathy: true } }],
    ['a list', [good]],
  ])('with %s is unusable', (_, json) => {
    expect(parseDriver(json, '/d').kind).toBe('unusable')
  })
})

describe('the address pool', () => {
  it('gives every client and every relay an address of its own', () => {
    const pool = new AddressPool()
    const hosts = Array.from({ length: 600 }, () => [pool.client().host, pool.relay(1).host]).flat()
    expect(new Set(hosts).size).toBe(1200)
    expect(hosts.every((host) => /^10\.77\.\d+\.\d+$/.test(host))).toBe(true)
  })

  it('writes peers as trackers do', () => {
    expect(compactPeer({ host: '10.77.1.2', port: 258 })).toEqual(Buffer.from([10, 77, 1, 2, 1, 2]))
  })
})
