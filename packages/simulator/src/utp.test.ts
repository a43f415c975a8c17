import { describe, expect, it, vi } from 'vitest'
import type { DatagramPort, Ports } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { Chance } from './chance.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

// A line that loses a third takes many simulated minutes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const UTP_ONLY = { isUtpOn: true, isTcpOn: false }

/** Repeats a tenth of what is sent, and holds a fifth back for up to 40 ms. */
function disorderly(ports: Ports, chance: Chance): Ports {
  const datagrams: DatagramPort = {
    resolve: (host) => ports.datagrams.resolve(host),
    bind: async (...input) => {
      const socket = await ports.datagrams.bind(...input)
      if (isIoProblem(socket)) return socket
      return {
        address: socket.address,
        close: () => socket.close(),
        send: (bytes, to) => {
          const copy = bytes.slice()
          if (chance.happens(0.1)) socket.send(copy, to)
          if (chance.happens(0.2)) ports.clock.after(chance.int(40), () => socket.send(copy, to))
          else socket.send(copy, to)
        },
      }
    },
  }
  return { ...ports, datagrams }
}

describe('a torrent over uTP alone', () => {
  it.each([
    ['2 % loss', 0.02],
    ['30 % loss', 0.3],
  ])('arrives through %s, repetition and disorder, every byte right', async (_, datagramLoss) => {
    const world = new World(29)
    const torrent = sampleTorrent(new Chance(1), { fileSizes: [1_500_000] })
    const link = { delayMs: 10, datagramLoss }
    const chance = new Chance(29)
    const wrapPorts = (ports: Ports): Ports => disorderly(ports, chance)
    const seeder = new SimClient(world, 'seeder', { settings: UTP_ONLY, link, wrapPorts })
    const leecher = new SimClient(world, 'leecher', { settings: UTP_ONLY, link, wrapPorts })
    await seeder.start()
    await leecher.start()
    await seeder.seed(torrent)
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 60 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})
