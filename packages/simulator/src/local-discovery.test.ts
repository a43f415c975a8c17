import { decodeLsd, encodeLsd, LSD_PORT } from '@pigeon/protocol/bep/0014-lsd'
import { describe, expect, it, vi } from 'vitest'
import { pair, type Pair } from './scenario/pair.ts'

const MINUTE = 60_000
const GROUP = '239.192.152.143'

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** Both on one network, with nothing but multicast to find each other by. */
function neighbours(isLsdOn: boolean, isPrivate = false): Promise<Pair> {
  const settings = { isLsdOn }
  return pair({ settings, leecherSettings: settings, isPrivate })
}

/** When each message to the group went out, by who sent it. */
function announcesOf({ world }: Pair): { atMs: number; from: string; hashes: readonly string[] }[] {
  const sent: { atMs: number; from: string; hashes: readonly string[] }[] = []
  world.network.onDatagram = (bytes, from, to) => {
    if (to.host !== GROUP) return
    const hashes = decodeLsd(bytes)?.infoHashes ?? []
    const names = hashes.map((hash) => Buffer.from(hash).toString('hex'))
    sent.push({ atMs: world.nowMs, from: from.host, hashes: names })
  }
  return sent
}

describe('local discovery', () => {
  it('brings neighbours together that know of nobody', async () => {
    const { world, torrent, leecher } = await neighbours(true)
    await leecher.add(torrent)
    expect(await world.runUntil(() => leecher.isDone, 7 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(leecher.session.network().lsd.lastHeardAtMs).not.toBeNull()
  })

  it('says nothing while it is off, and begins when it is switched on', async () => {
    const made = await neighbours(false)
    const { world, torrent, seeder, leecher } = made
    const sent = announcesOf(made)
    await leecher.add(torrent)
    await world.run(7 * MINUTE)
    expect(sent).toEqual([])
    for (const client of [seeder, leecher]) client.session.applySettings({ isLsdOn: true })
    expect(await world.runUntil(() => leecher.isDone, 7 * MINUTE)).toBe(true)
    for (const client of [seeder, leecher]) client.session.applySettings({ isLsdOn: false })
    const count = sent.length
    await world.run(7 * MINUTE)
    expect(sent).toHaveLength(count)
  })

  it('announces every five minutes, and never more than once a minute', async () => {
    const made = await neighbours(true)
    const sent = announcesOf(made)
    await made.world.run(21 * MINUTE)
    const own = sent.filter(({ from }) => from === made.seeder.host.address)
    expect(own.length).toBeGreaterThanOrEqual(4)
    expect(own.length).toBeLessThanOrEqual(5)
    const gaps = own.slice(1).map(({ atMs }, index) => atMs - (own[index]?.atMs ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5 * MINUTE)
  })

  it('tells whoever comes later and only listens within a minute, and does not answer for ever', async () => {
    const made = await neighbours(true)
    const { world, torrent, seeder, leecher } = made
    const sent = announcesOf(made)
    await world.run(2 * MINUTE)
    const before = sent.length
    // It takes nobody in, and dials nobody whom it has not heard of.
    const late = world.host('late').start()
    const address = { host: '0.0.0.0', port: LSD_PORT }
    const heard: string[] = []
    const receive = (_: Uint8Array, from: { readonly host: string }) => heard.push(from.host)
    const socket = await late.datagrams.bind(address, receive, { group: GROUP })
    if (!('send' in socket)) throw new Error(socket.message)
    const infoHashes = [Buffer.from(torrent.layout.id, 'hex')]
    const bytes = encodeLsd({ host: `${GROUP}:${LSD_PORT}`, port: 7_000, infoHashes, cookie: 'x' })
    socket.send(bytes, { host: GROUP, port: LSD_PORT })
    await world.run(MINUTE)
    expect(heard).toContain(seeder.host.address)
    // Two that both answer come to rest.
    await leecher.add(torrent)
    await world.run(10 * MINUTE)
    const own = sent.slice(before).filter(({ from }) => from === seeder.host.address)
    expect(own.length).toBeLessThanOrEqual(5)
  })

  it('never tells of a private torrent', async () => {
    const made = await neighbours(true, true)
    const sent = announcesOf(made)
    await made.leecher.add(made.torrent)
    await made.world.run(12 * MINUTE)
    expect(sent).toEqual([])
    expect(made.leecher.isDone).toBe(false)
  })

  it('hears neighbours only, and not in any number', async () => {
    const made = await neighbours(true)
    const { world, torrent, leecher } = made
    await leecher.add(torrent)
    const infoHashes = [Buffer.from(torrent.layout.id, 'hex')]
    const stranger = world.host('stranger', {}, '203.0.113.9')
    const neighbour = world.host('neighbour')
    let dials = 0
    for (const { host, count } of [
      { host: stranger, count: 10 },
      { host: neighbour, count: 5_000 },
    ]) {
      const ports = host.start()
      await ports.network.listen({ host: '0.0.0.0', port: 7_000 }, (socket) => {
        if (host === stranger) dials += 1
        socket.close()
      })
      const address = { host: '0.0.0.0', port: LSD_PORT }
      const socket = await ports.datagrams.bind(address, () => {}, { group: GROUP })
      if (!('send' in socket)) throw new Error(socket.message)
      for (let index = 0; index < count; index += 1) {
        const port = host === stranger ? 7_000 : 2_000 + index
        const bytes = encodeLsd({ host: `${GROUP}:${LSD_PORT}`, port, infoHashes, cookie: 'x' })
        socket.send(bytes, { host: GROUP, port: LSD_PORT })
      }
    }
    await world.run(5_000)
    expect(dials).toBe(0)
    expect(await world.runUntil(() => leecher.isDone, 12 * MINUTE)).toBe(true)
  })
})
