import { describe, expect, test } from 'vitest'
import type { Address } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import { Listening } from './listening.ts'
import { UdpSockets } from './udp-sockets.ts'

interface World {
  /** Ports that others have. */
  readonly takenTcp?: readonly number[]
  readonly takenUdp?: readonly number[]
  readonly udpProblem?: IoProblem
  readonly listen?: Address | null
  readonly tries?: number
}

function setUp(world: World = {}) {
  const tcp = new Set<number>()
  const problems: string[] = []
  const settings = {
    listen: world.listen === undefined ? { host: '0.0.0.0', port: 6881 } : world.listen,
    listenPortTries: world.tries ?? 2,
    isProxied: false,
    isTcpOn: true,
  }
  let free = 40_000
  const take = (port: number): number => (port === 0 ? free++ : port)
  const hub = new UdpSockets({
    bind: ({ host, port: wanted }) => {
      const port = take(wanted)
      if (world.udpProblem !== undefined) return Promise.resolve(world.udpProblem)
      if (world.takenUdp?.includes(port) === true) return Promise.resolve(TAKEN)
      return Promise.resolve({ address: { host, port }, send: () => {}, close: () => {} })
    },
  })
  const listening = new Listening({
    network: {
      listen: ({ host, port: wanted }) => {
        const port = take(wanted)
        if (world.takenTcp?.includes(port) === true || tcp.has(port)) return Promise.resolve(TAKEN)
        tcp.add(port)
        return Promise.resolve({
          address: { host, port },
          close: () => {
            tcp.delete(port)
            return Promise.resolve()
          },
        })
      },
    },
    hub,
    settings,
    accept: () => {},
    onUdpProblem: ({ code }) => problems.push(code),
  })
  const udp = () => hub.local.map(({ port }) => port)
  return { listening, problems, settings, tcp, udp }
}

const TAKEN = ioProblem('address-in-use', 'The port is in use', '')
const BROKEN = ioProblem('address-unavailable', 'No such address', '')

describe('listening', () => {
  test('has one number for TCP and UDP: the first that is free for both', async () => {
    const { listening, tcp, udp } = setUp({ takenTcp: [6881], takenUdp: [6882] })
    expect(await listening.open()).toBeNull()
    expect([listening.address?.port, [...tcp], udp()]).toEqual([6883, [6883], [6883]])
  })

  test('has two where there is no such number, rather than no UDP', async () => {
    const { listening, tcp, udp } = setUp({ takenUdp: [6881, 6882, 6883] })
    expect(await listening.open()).toBeNull()
    expect([listening.address?.port, [...tcp], udp()]).toEqual([6881, [6881], [40_000]])
  })

  test('tries no more ports than it is told', async () => {
    const ports = [6881, 6882, 6883]
    expect(await setUp({ takenTcp: ports, tries: 2 }).listening.open()).toBe(TAKEN)
    const { listening } = setUp({ takenTcp: ports, tries: 3 })
    expect(await listening.open()).toBeNull()
    expect(listening.address?.port).toBe(6884)
  })

  test('never tries a port past the last', async () => {
    const listen = { host: '0.0.0.0', port: 65_535 }
    expect(await setUp({ listen, takenTcp: [65_535] }).listening.open()).toBe(TAKEN)
  })

  test('with port 0 takes what the system chooses for TCP for UDP too', async () => {
    const { listening, tcp, udp } = setUp({ listen: { host: '0.0.0.0', port: 0 } })
    await listening.open()
    expect([[...tcp], udp()]).toEqual([[40_000], [40_000]])
  })

  test('goes on without UDP where that cannot be had, and says so', async () => {
    const { listening, problems, tcp } = setUp({ udpProblem: BROKEN })
    expect(await listening.open()).toBeNull()
    expect([problems, [...tcp]]).toEqual([['address-unavailable'], [6881]])
  })

  test('nowhere still opens UDP, to ask trackers and the DHT', async () => {
    const { listening, tcp, udp } = setUp({ listen: null })
    expect(await listening.open()).toBeNull()
    expect([listening.address, [...tcp], udp()]).toEqual([null, [], [40_000, 40_000]])
  })

  test('follows TCP being switched off and on at the same port', async () => {
    const { listening, settings, tcp, udp } = setUp()
    await listening.open()
    settings.isTcpOn = false
    await listening.follow()
    expect([[...tcp], udp(), listening.address?.port]).toEqual([[], [6881], 6881])
    settings.isTcpOn = true
    await listening.follow()
    expect([[...tcp], udp()]).toEqual([[6881], [6881]])
  })

  test('has TCP once only, also where UDP cannot be had and settings change again and again', async () => {
    const { listening, settings, tcp } = setUp({ udpProblem: BROKEN })
    await listening.open()
    await listening.follow()
    await listening.follow()
    expect([[...tcp], listening.address?.port]).toEqual([[6881], 6881])
    settings.isTcpOn = false
    await listening.follow()
    expect([...tcp]).toEqual([])
  })

  test('is over when it is closed', async () => {
    const { listening, tcp, udp } = setUp()
    await listening.open()
    await listening.close()
    await listening.follow()
    expect([[...tcp], udp(), listening.address]).toEqual([[], [], null])
  })
})
