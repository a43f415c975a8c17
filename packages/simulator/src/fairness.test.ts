import type { BlockRef } from '@pigeon/protocol/wire/messages'
import { describe, expect, it } from 'vitest'
import { seedingPair } from './scenario/pair.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const PIECE = 65_536

describe('with few buffers', () => {
  it('a torrent whose peers left does not keep another from its buffers', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    const stuck = sampleTorrent(world.chance.fork('stuck'))
    leecher.kill()
    leecher.host.dirtyLimitBytes = 4 * PIECE
    await leecher.start()
    const silent = [0, 1, 2, 3].map(
      (at) =>
        new PuppetPeer(world, `silent ${at}`, stuck, {
          on: (effect, puppet) => {
            if (effect.kind === 'peer-id') puppet.sayAll()
          },
        }),
    )
    for (const puppet of silent) await puppet.listen()
    await leecher.add(stuck, { peers: silent.map((puppet) => puppet.peer) })
    await world.run(8000)
    expect(leecher.host.storage?.dirtyBytes).toBeGreaterThan(3 * PIECE)
    for (const puppet of silent) puppet.host.kill()
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.hasAll(torrent), 5 * MINUTE)).toBe(true)
  })

  it('a torrent whose peers never answer does not keep another from its buffers', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    const stuck = sampleTorrent(world.chance.fork('stuck'))
    leecher.kill()
    leecher.host.dirtyLimitBytes = 4 * PIECE
    await leecher.start()
    const silent = [0, 1, 2, 3].map(
      (at) =>
        new PuppetPeer(world, `silent ${at}`, stuck, {
          on: (effect, puppet) => {
            if (effect.kind === 'peer-id') puppet.sayAll()
          },
        }),
    )
    for (const puppet of silent) await puppet.listen()
    await leecher.add(stuck, { peers: silent.map((puppet) => puppet.peer) })
    await world.run(8000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.hasAll(torrent), 10 * MINUTE)).toBe(true)
  })

  it('slow peers do not make it fetch twice what it needs', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'), { fileSizes: [12 * PIECE] })
    const seeds = Array.from(
      { length: 8 },
      (_, at) => new SimClient(world, `seed ${at}`, { link: { upRate: 2500 } }),
    )
    for (const seed of seeds) {
      await seed.start()
      await seed.seed(torrent)
    }
    await world.run(2000)
    const leecher = new SimClient(world, 'leecher')
    leecher.host.dirtyLimitBytes = 4 * PIECE
    await leecher.start()
    await leecher.add(torrent, { peers: seeds.map((seed) => seed.peer) })
    expect(await world.runUntil(() => leecher.isDone, 20 * MINUTE)).toBe(true)
    // At the end each peer may have a few blocks under way that another sends first.
    const wastedBytes = leecher.summary.downloadedBytes - torrent.content.length
    expect(wastedBytes).toBeLessThanOrEqual(seeds.length * 3 * 16_384)
  })
})

describe('a block', () => {
  /** Sends the head and the first bytes of a block, and the rest later; `null` for never. */
  function dribble(
    puppet: PuppetPeer,
    block: BlockRef,
    { beginMs, endMs }: { readonly beginMs: number; readonly endMs: number | null },
  ): void {
    const { clock } = puppet.ports
    clock.after(beginMs, () => {
      const answer = puppet.encodeBlock(block)
      puppet.socket.write([answer.slice(0, 113)])
      if (endMs === null) return
      clock.after(endMs - beginMs, () => puppet.socket.write([answer.slice(113)]))
    })
  }

  it('that two peers were asked for still comes when one leaves midway', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'), {
      pieceLength: 16_384,
      fileSizes: [16_384],
    })
    const leecher = new SimClient(world, 'leecher')
    await leecher.start()
    const slow = new PuppetPeer(world, 'slow', torrent, {
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind === 'request') dribble(puppet, effect, { beginMs: 2000, endMs: 6000 })
      },
    })
    const leaver = new PuppetPeer(world, 'leaver', torrent, {
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind !== 'request') return
        dribble(puppet, effect, { beginMs: 2500, endMs: null })
        puppet.ports.clock.after(10_000, () => puppet.host.kill())
      },
    })
    await slow.listen()
    await leaver.listen()
    await leecher.add(torrent, { peers: [slow.peer] })
    await world.run(1500)
    await leecher.addPeer(torrent, leaver.peer)
    expect(await world.runUntil(() => leaver.asked.length > 0, MINUTE)).toBe(true)
    // Sooner than silence would end the connection to the one that stayed.
    expect(await world.runUntil(() => leecher.isDone, 1.5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('that two peers were asked for is taken back from the one as soon as the other has sent it', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'), {
      pieceLength: 32_768,
      fileSizes: [32_768],
    })
    const leecher = new SimClient(world, 'leecher')
    await leecher.start()
    const cancelled: BlockRef[] = []
    const silent = new PuppetPeer(world, 'silent', torrent, {
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind === 'request-cancelled') cancelled.push(effect)
      },
    })
    const quick = new PuppetPeer(world, 'quick', torrent, {
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind === 'request') puppet.socket.write([puppet.encodeBlock(effect)])
      },
    })
    await silent.listen()
    await quick.listen()
    await leecher.add(torrent, { peers: [silent.peer] })
    await world.run(3000)
    expect(silent.asked).toHaveLength(2)
    await leecher.addPeer(torrent, quick.peer)
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    await world.run(100)
    expect(cancelled.map(({ begin }) => begin).toSorted((a, b) => a - b)).toEqual([0, 16_384])
  })

  it('that two peers began still comes when first the one and then the other leaves', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'), {
      pieceLength: 16_384,
      fileSizes: [16_384],
    })
    const leecher = new SimClient(world, 'leecher')
    await leecher.start()
    const leavers = [10_000, 15_000].map(
      (leavesMs, at) =>
        new PuppetPeer(world, `leaver ${at}`, torrent, {
          on: (effect, puppet) => {
            if (effect.kind === 'peer-id') puppet.sayAll()
            if (effect.kind !== 'request') return
            dribble(puppet, effect, { beginMs: 2000, endMs: null })
            puppet.ports.clock.after(leavesMs, () => puppet.host.kill())
          },
        }),
    )
    for (const leaver of leavers) await leaver.listen()
    await leecher.add(torrent, { peers: leavers.map((leaver) => leaver.peer) })
    await world.run(MINUTE)
    const good = new SimClient(world, 'good')
    await good.start()
    await good.seed(torrent)
    await world.run(1000)
    await leecher.addPeer(torrent, good.peer)
    expect(await world.runUntil(() => leecher.isDone, 3 * MINUTE)).toBe(true)
  })
})

it.each([10, 0.5])(
  'does not ask a peer that rejects everything again and again (%d ms away), nor needs it',
  async (delayMs) => {
    const { world, torrent, seeder, leecher } = await seedingPair({ leecherLink: { delayMs } })
    const refuser = new PuppetPeer(world, 'refuser', torrent, {
      link: { delayMs },
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind !== 'request') return
        const { pieceIndex, begin, lengthBytes } = effect
        puppet.say({ kind: 'send-reject', pieceIndex, begin, lengthBytes })
      },
    })
    await refuser.listen()
    await leecher.add(torrent, { peers: [refuser.peer] })
    await world.run(MINUTE)
    expect(refuser.asked.length).toBeGreaterThan(0)
    expect(refuser.asked.length).toBeLessThan(500)
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  },
)

describe('an idle seed', () => {
  it('writes its record at most about once a minute', async () => {
    const { world, torrent, seeder } = await seedingPair()
    await world.run(5000)
    const before = seeder.host.records.writes
    await world.run(10 * MINUTE)
    expect(seeder.host.records.writes - before).toBeLessThanOrEqual(12)
    // How long it seeded is not forgotten for that.
    const { id } = torrent.layout
    expect(seeder.host.records.torrents.get(id)?.progress.seededMs).toBeGreaterThan(8 * MINUTE)
  })
})

describe('a download limit of nothing', () => {
  it('fetches nothing, and once lifted all', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({
      leecherSettings: { downLimit: 0 },
    })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(10 * MINUTE)
    expect(leecher.summary.downloadedBytes).toBe(0)
    await world.finish(leecher.session.setSession({ downLimit: null }))
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('that is set midway ends the download until it is lifted', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({ link: { upRate: 200_000 } })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(4000)
    await world.finish(leecher.session.setLimits(torrent.layout.id, { down: 0 }))
    await world.run(5000)
    const { downloadedBytes } = leecher.summary
    await world.run(5 * MINUTE)
    expect(leecher.summary.downloadedBytes).toBe(downloadedBytes)
    await world.finish(leecher.session.setLimits(torrent.layout.id, { down: null }))
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})
