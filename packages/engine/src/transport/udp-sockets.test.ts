import { describe, expect, test } from 'vitest'
import type { Address } from '../ports.ts'
import { ioProblem } from '../problem.ts'
import { kindOf, UdpSockets } from './udp-sockets.ts'

interface Bound {
  readonly address: Address
  readonly receive: (bytes: Uint8Array, from: Address) => void
  readonly sent: Address[]
  isOpen: boolean
}

function setUp(taken: readonly string[] = [], blocked: readonly string[] = []) {
  const bound: Bound[] = []
  const hub = new UdpSockets(
    {
      bind: (address, receive) => {
        const port = address.port === 0 ? 40_000 : address.port
        if (taken.includes(`${address.host} ${port}`))
          return Promise.resolve(ioProblem('address-in-use', 'in use', ''))
        const one: Bound = {
          address: { host: address.host, port },
          receive,
          sent: [],
          isOpen: true,
        }
        bound.push(one)
        return Promise.resolve({
          address: one.address,
          send: (_: Uint8Array, to: Address) => void one.sent.push(to),
          close: () => {
            one.isOpen = false
          },
        })
      },
    },
    (host) => blocked.includes(host),
  )
  return { bound, hub }
}

const UTP = Uint8Array.of(0x41, ...new Uint8Array(19))

describe('the hub', () => {
  test('has one socket a family at one port for ::, and one for any other address', async () => {
    const { hub } = setUp()
    expect(await hub.open({ host: '::', port: 0 })).toBeNull()
    expect(hub.local).toEqual([
      { host: '0.0.0.0', port: 40_000 },
      { host: '::', port: 40_000 },
    ])
    await hub.open({ host: '10.0.0.1', port: 7 })
    expect(hub.local).toEqual([{ host: '10.0.0.1', port: 7 }])
  })

  test('has none where one family of the two is taken', async () => {
    const { bound, hub } = setUp([':: 6881'])
    expect(await hub.open({ host: '::', port: 6881 })).toMatchObject({ code: 'address-in-use' })
    expect(hub.local).toEqual([])
    expect(bound.every(({ isOpen }) => !isOpen)).toBe(true)
  })

  test('sends from the socket of the family, and nothing where there is none', async () => {
    const { bound, hub } = setUp()
    await hub.open({ host: '0.0.0.0', port: 6881 })
    hub.send(UTP, { host: '2001:db8::1', port: 1 })
    hub.send(UTP, { host: '203.0.113.1', port: 1 })
    hub.close()
    hub.send(UTP, { host: '203.0.113.2', port: 1 })
    expect(bound[0]?.sent).toEqual([{ host: '203.0.113.1', port: 1 }])
  })

  test('exchanges nothing with who is blocked', async () => {
    const { bound, hub } = setUp([], ['203.0.113.1'])
    await hub.open({ host: '0.0.0.0', port: 6881 })
    let heard = 0
    hub.handle('utp', () => heard++)
    hub.send(UTP, { host: '203.0.113.1', port: 1 })
    bound[0]?.receive(UTP, { host: '203.0.113.1', port: 1 })
    bound[0]?.receive(UTP, { host: '203.0.113.2', port: 1 })
    expect([bound[0]?.sent, heard]).toEqual([[], 1])
  })
})

describe('a datagram', () => {
  test.each([
    ['of the DHT', 'dht', 'd1:ad2:id'],
    ['of uTP', 'utp', '\u0021'.padEnd(20, '\0')],
    ['of uTP that is cut', null, '\u0021'.padEnd(19, '\0')],
    ['of another version of uTP', null, '\u0022'.padEnd(20, '\0')],
    ['of uTP with no such type', null, '\u0051'.padEnd(20, '\0')],
    ['of a tracker', 'tracker', '\0\0\0\u0001'.padEnd(8, '\0')],
    ['of a tracker that is cut', null, '\0\0\0\u0001'.padEnd(7, '\0')],
    ['without a byte', null, ''],
    ['of anything else', null, 'hello, you there'],
  ])('%s goes to %s', (_, kind, text) => {
    expect(kindOf(Buffer.from(text, 'latin1'))).toBe(kind)
  })
})
