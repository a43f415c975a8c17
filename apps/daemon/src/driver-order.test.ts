import { describe, expect, it } from 'vitest'
import { type Environment, readOrder } from './driver-order.ts'

const LEECH: Environment = {
  BTC_CONTRACT: '1',
  BTC_CASE: 'b03.w16',
  BTC_ROLE: 'leech',
  BTC_TORRENT: '/case/in.torrent',
  BTC_DATA: '/case/data',
  BTC_STATE: '/case/state',
  BTC_LISTEN: '10.77.0.2:6881',
}

describe('an order', () => {
  it('is carried out as it says', () => {
    const env = {
      ...LEECH,
      BTC_SELECT: '0,2',
      BTC_DOWN: '102400',
      BTC_UP: '0',
      BTC_LOG: '/case/log',
    }
    expect(readOrder(env)).toEqual({
      source: { kind: 'file', path: '/case/in.torrent' },
      dataFolder: '/case/data',
      stateFolder: '/case/state',
      listen: { host: '10.77.0.2', port: 6881 },
      network: { encryption: 'prefer', bootstrapNodes: 'none' },
      wantedFiles: [0, 2],
      downLimit: '102400',
      upLimit: null,
      logFile: '/case/log',
    })
  })

  it('may name a magnet, the role of a seed and an IPv6 address', () => {
    const { BTC_TORRENT: _, BTC_LISTEN: __, ...rest } = LEECH
    const env = { ...rest, BTC_ROLE: 'seed', BTC_MAGNET: 'magnet:?', BTC_LISTEN6: '[fd77::2]:6881' }
    expect(readOrder(env)).toMatchObject({
      source: { kind: 'magnet', uri: 'magnet:?' },
      listen: { host: 'fd77::2', port: 6881 },
      wantedFiles: null,
    })
  })

  it('may switch off what is never on, on what always is, and the rest both ways', () => {
    const env = {
      ...LEECH,
      BTC_ENABLE: 'dht,http-tracker, udp-tracker',
      BTC_DISABLE: 'utp,tcp,pex,lsd,webseed',
      BTC_MSE: 'require',
      BTC_DHT_BOOTSTRAP: '10.77.0.9:6881',
    }
    expect(readOrder(env)).toMatchObject({
      network: {
        ...{ dht: 'true', utp: 'false', tcp: 'false', pex: 'false', lsd: 'false' },
        ...{ encryption: 'require', bootstrapNodes: '10.77.0.9:6881' },
      },
    })
  })

  it.each([
    [{ BTC_PROBE: 'zebra' }],
    [{ BTC_CONTRACT: '2' }],
    [{ BTC_CONTRACT: undefined }],
    [{ BTC_ROLE: 'tracker' }],
    [{ BTC_ENABLE: 'tcp,webseed' }],
    [{ BTC_ENABLE: 'zebra' }],
    [{ BTC_DISABLE: 'holepunch' }],
    [{ BTC_DISABLE: 'fast' }],
    [{ BTC_DISABLE: 'zebra' }],
    [{ BTC_MSE: 'sometimes' }],
    [{ BTC_TORRENT: undefined }],
    [{ BTC_MAGNET: 'magnet:?' }],
    [{ BTC_DATA: undefined }],
    [{ BTC_STATE: '' }],
    [{ BTC_LISTEN: undefined }],
    [{ BTC_LISTEN: 'example.org:6881' }],
    [{ BTC_LISTEN6: '[fd77::2]:6881' }],
    [{ BTC_SELECT: '0,x' }],
    [{ BTC_DOWN: 'fast' }],
    [{ BTC_UP: '-1' }],
  ])('that cannot be carried out is refused in words: %j', (change) => {
    expect(readOrder({ ...LEECH, ...change })).toBeTypeOf('string')
  })
})
