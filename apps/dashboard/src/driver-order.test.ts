import { describe, expect, it } from 'vitest'
import { readOrder } from './driver-order.ts'

const ORDER = {
  BTC_CONTRACT: '1',
  BTC_ROLE: 'leech',
  BTC_TORRENT: '/case/in.torrent',
  BTC_DATA: '/case/data',
  BTC_STATE: '/case/state',
  BTC_LISTEN: '10.77.0.2:6881',
}

describe('a driver’s order', () => {
  it('is read whole', () => {
    const env = { ...ORDER, BTC_SELECT: '0,2', BTC_DOWN: '1000', BTC_UP: '0', BTC_LOG: '/case/log' }
    expect(readOrder(env)).toEqual({
      source: { torrentFile: '/case/in.torrent' },
      dataFolder: '/case/data',
      stateFolder: '/case/state',
      listen: { host: '10.77.0.2', port: 6881 },
      network: { encryption: 'prefer', bootstrapNodes: 'none' },
      wantedFiles: [0, 2],
      downLimit: '1000',
      upLimit: null,
      logFile: '/case/log',
    })
  })

  it('takes a magnet, and an IPv6 address where there is no other', () => {
    const { BTC_TORRENT: _, BTC_LISTEN: __, ...rest } = ORDER
    const order = readOrder({ ...rest, BTC_MAGNET: 'magnet:?x', BTC_LISTEN6: '[fd77::2]:6881' })
    expect(order).toMatchObject({
      source: { magnet: 'magnet:?x' },
      listen: { host: 'fd77::2', port: 6881 },
    })
  })

  it('switches on and off, and names the only nodes of the DHT that may be asked', () => {
    const env = {
      ...{ BTC_ENABLE: 'tcp,fast,dht', BTC_DISABLE: 'utp, pex,lsd,webseed', BTC_MSE: 'off' },
      BTC_DHT_BOOTSTRAP: '10.77.0.9:6881',
    }
    expect(readOrder({ ...ORDER, ...env })).toMatchObject({
      network: {
        ...{ tcp: 'true', dht: 'true', utp: 'false', pex: 'false', lsd: 'false' },
        ...{ encryption: 'off', bootstrapNodes: '10.77.0.9:6881' },
      },
    })
  })

  it.each([
    ['a probe', { BTC_PROBE: 'qwxz' }],
    ['another contract', { BTC_CONTRACT: '2' }],
    ['no contract', { BTC_CONTRACT: undefined }],
    ['an unknown role', { BTC_ROLE: 'tracker' }],
    ['web seeds', { BTC_ENABLE: 'tcp,webseed' }],
    ['a word that nobody knows', { BTC_ENABLE: 'qwxz' }],
    ['no magnets', { BTC_DISABLE: 'magnet' }],
    ['encryption now and then', { BTC_MSE: 'sometimes' }],
    ['two sources', { BTC_MAGNET: 'magnet:?x' }],
    ['no source', { BTC_TORRENT: undefined }],
    ['two addresses', { BTC_LISTEN6: '[fd77::2]:6881' }],
    ['a name as address', { BTC_LISTEN: 'localhost.example:1' }],
    ['a selection that is none', { BTC_SELECT: '1-3' }],
    ['a limit that is none', { BTC_DOWN: 'fast' }],
  ])('refuses %s', (_, env) => {
    expect(typeof readOrder({ ...ORDER, ...env })).toBe('string')
  })
})
