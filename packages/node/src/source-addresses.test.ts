import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { isIoProblem } from '@pigeon/engine/problem'
import { createDatagramPort } from './datagrams.ts'
import { createHttpPort, leavingFor } from './http.ts'
import { groupPlaces, MAX_INTERFACES } from './multicast.ts'
import { connectFrom } from './outward-ports.ts'
import { type Interfaces, placesFor, sourceAddresses } from './source-addresses.ts'
import { createNetworkPort } from './tcp.ts'

type Entry = NonNullable<ReturnType<Interfaces>[string]>[number]

function entry(address: string, internal = false): Entry {
  const common = { address, internal, netmask: '', mac: '', cidr: null }
  return address.includes(':')
    ? { ...common, family: 'IPv6', scopeid: 0 }
    : { ...common, family: 'IPv4' }
}

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

describe('what leaves', () => {
  test('leaves from anywhere where an address for all is listened on', () => {
    for (const host of ['::', '0.0.0.0']) {
      const sources = sourceAddresses(host, null)
      expect([sources.of(4), sources.of(6)]).toEqual([null, null])
    }
  })

  test('leaves from the one address that is listened on, and not over the other family', () => {
    const sources = sourceAddresses('192.0.2.7', null)
    expect(sources.of(4)).toBe('192.0.2.7')
    expect(sources.of(6)).toMatchObject({ kind: 'io-problem', code: 'address-unavailable' })
    expect(leavingFor('2001:db8::1', sources)).toMatchObject({ kind: 'io-problem' })
    expect(leavingFor('tracker.example', sources)).toEqual({
      localAddress: '192.0.2.7',
      family: 4,
    })
    expect(leavingFor('127.0.0.1', sources)).toEqual({})
  })

  test('leaves from the interface as it is now, and stays while that is gone', () => {
    let all: ReturnType<Interfaces> = {
      eth0: [entry('198.51.100.2')],
      wg0: [entry('10.8.0.2'), entry('fe80::1')],
    }
    const sources = sourceAddresses('::', 'wg0', () => all)
    expect(sources.of(4)).toBe('10.8.0.2')
    expect(sources.of(6)).toMatchObject({ message: expect.stringContaining('no IPv6 address') })
    all = { eth0: [entry('198.51.100.2')] }
    expect(sources.of(4)).toMatchObject({
      message: 'The interface wg0 is not there, so nothing leaves.',
    })
    all = { wg0: [entry('10.8.0.9'), entry('fd00::9')] }
    expect([sources.of(4), sources.of(6)]).toEqual(['10.8.0.9', 'fd00::9'])
    expect(placesFor({ host: '::', port: 5 }, sources)).toEqual([
      { host: 'fd00::9', port: 5 },
      { host: '10.8.0.9', port: 5 },
    ])
  })

  test('leaves from the one address only while the named interface has it', async () => {
    let all: ReturnType<Interfaces> = { wg0: [entry('10.8.0.2'), entry('fd00::9')] }
    expect(sourceAddresses('10.8.0.2', 'wg0', () => all).of(4)).toBe('10.8.0.2')
    expect(sourceAddresses('fd00:0::0009', 'wg0', () => all).of(6)).toBe('fd00:0::0009')
    const around = sourceAddresses('127.0.0.1', 'wg0', () => all)
    const refused = {
      kind: 'io-problem',
      message: '127.0.0.1 is no address of the interface wg0, so nothing leaves.',
    }
    expect(around.of(4)).toMatchObject(refused)
    const here = { host: '127.0.0.1', port: 0 }
    expect(await createNetworkPort({ sources: around }).listen(here, () => {})).toMatchObject(
      refused,
    )
    expect(await createDatagramPort(around).bind(here, () => {})).toMatchObject(refused)
    const own = sourceAddresses('10.8.0.2', 'wg0', () => all)
    all = {}
    expect(own.of(4)).toMatchObject({ code: 'address-unavailable' })
  })

  test('is nothing at all, through any port, while the interface is gone', async () => {
    const sources = sourceAddresses('::', 'no-such-interface')
    const refused = { kind: 'io-problem', code: 'address-unavailable' }
    const network = createNetworkPort({ sources })
    const dialled = await new Promise((decide) => {
      network.dial({ host: '192.0.2.1', port: 1 }, { opened: decide, failed: decide })
    })
    expect(dialled).toMatchObject(refused)
    const any = { host: '0.0.0.0', port: 0 }
    expect(await network.listen(any, () => {})).toMatchObject(refused)
    expect(await createDatagramPort(sources).bind(any, () => {})).toMatchObject(refused)
    const limits = { limitBytes: 10, timeoutMs: 1000, allowPrivate: true }
    expect(await createHttpPort({ sources }).get('http://192.0.2.1/', limits)).toMatchObject(
      refused,
    )
    expect(await connectFrom(sources)('tracker.example', 80)).toMatchObject(refused)
  })

  test('shows the chosen address to the other side', async () => {
    const seen: (string | undefined)[] = []
    const server = createServer((socket) => {
      seen.push(socket.remoteAddress)
      socket.on('error', () => {})
      socket.end('HTTP/1.0 200 OK\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const network = createNetworkPort({ sources: sourceAddresses('127.0.0.9', null) })
    await new Promise((decide) => {
      network.dial({ host: '127.0.0.1', port }, { opened: decide, failed: decide })
    })
    expect(seen).toEqual(['127.0.0.9'])
  })
})

describe('a group', () => {
  test('is heard on every interface, loopback only where there is nothing else', () => {
    const any = sourceAddresses('::', null)
    const all = {
      lo: [entry('127.0.0.1', true)],
      eth0: [entry('198.51.100.2'), entry('2001:db8::2')],
    }
    expect(groupPlaces(4, any, all)).toEqual(['198.51.100.2'])
    expect(groupPlaces(6, any, all)).toEqual(['::%eth0'])
    expect(groupPlaces(4, any, { lo: all.lo })).toEqual(['127.0.0.1'])
    const many = Array.from({ length: 40 }, (_, at): [string, Entry[]] => [
      `veth${at}`,
      [entry(`10.0.0.${at}`)],
    ])
    expect(groupPlaces(4, any, Object.fromEntries(many))).toHaveLength(MAX_INTERFACES)
  })

  test('is heard on the chosen interface alone', () => {
    const all = { eth0: [entry('198.51.100.2')], wg0: [entry('10.8.0.2')] }
    expect(
      groupPlaces(
        4,
        sourceAddresses('::', 'wg0', () => all),
        all,
      ),
    ).toEqual(['10.8.0.2'])
    expect(
      groupPlaces(
        4,
        sourceAddresses('::', 'gone', () => all),
        all,
      ),
    ).toEqual([])
  })

  test('carries what one member says to the others, which share its port', async () => {
    const port = createDatagramPort(sourceAddresses('127.0.0.1', null))
    const group = '239.192.152.143'
    const heard: string[] = []
    let wake = (): void => {}
    const join = async (name: string, at: number) => {
      const socket = await port.bind(
        { host: '0.0.0.0', port: at },
        (bytes) => {
          heard.push(`${name} ${Buffer.from(bytes).toString()}`)
          wake()
        },
        { group },
      )
      if (isIoProblem(socket)) throw new Error(socket.message)
      closing.push(() => socket.close())
      return socket
    }
    const first = await join('first', 0)
    const second = await join('second', first.address.port)
    const all = new Promise<void>((resolve) => {
      wake = () => (heard.length === 2 ? resolve() : undefined)
    })
    second.send(Buffer.from('hello'), { host: group, port: first.address.port })
    await all
    expect(heard.toSorted()).toEqual(['first hello', 'second hello'])
  })
})
