import { encodeMessage } from '@pigeon/protocol/wire/frame'
import { describe, expect, it } from 'vitest'
import { seedingPair } from './scenario/pair.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'

const MINUTE = 60_000
const BLOCK = 16_384
const MIB = 1024 * 1024

describe('a request', () => {
  it.each([BLOCK, 2])(
    'for %i bytes that lie over a boundary of what is read at once is served',
    async (lengthBytes) => {
      const { world, torrent, seeder } = await seedingPair({
        pieceLength: 524_288,
        fileSizes: [700_000],
      })
      const begin = 262_144 - lengthBytes / 2
      const puppet = new PuppetPeer(world, 'puppet', torrent, {
        on: (effect) => {
          if (effect.kind === 'peer-id') puppet.sayNothing()
          if (effect.kind === 'unchoked') puppet.ask({ pieceIndex: 0, begin, lengthBytes })
        },
      })
      puppet.dial(seeder.host.address)
      await world.run(5000)
      expect([puppet.goodBytes, puppet.badBytes]).toEqual([lengthBytes, 0])
      // The seeder still serves others.
      puppet.ask({ pieceIndex: 0, begin: 0, lengthBytes: BLOCK })
      await world.run(5000)
      expect([puppet.goodBytes, puppet.badBytes]).toEqual([lengthBytes + BLOCK, 0])
    },
  )

  it.each([
    { does: 'is rejected', hasFast: true, rejects: 1 },
    { does: 'is ignored without the fast extension', hasFast: false, rejects: 0 },
  ])('for a piece that we lack $does and stops nothing', async ({ hasFast, rejects }) => {
    const { world, torrent, seeder, leecher } = await seedingPair({ fileSizes: [1_500_000] })
    await leecher.add(torrent)
    const wanted = { pieceIndex: 3, begin: 0, lengthBytes: BLOCK }
    const puppet = new PuppetPeer(world, 'puppet', torrent, {
      hasFast,
      on: (effect) => {
        if (effect.kind === 'peer-id') puppet.sayNothing()
        if (effect.kind === 'unchoked') puppet.ask(wanted)
      },
    })
    await world.run(2000)
    puppet.dial(leecher.host.address)
    await world.run(12_000)
    const { state, problem } = leecher.summary
    expect([state, problem, puppet.goodBytes, puppet.badBytes]).toEqual(['downloading', null, 0, 0])
    expect(puppet.rejects).toBe(rejects)
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('never gets the bytes of a piece that is not verified, and the right ones once it is', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({ fileSizes: [1_500_000] })
    const last = torrent.layout.pieceCount - 1
    // The file has its whole length already, so reading from it would succeed.
    await leecher.seedPart(torrent, (piece) => piece === last)
    const wanted = { pieceIndex: 3, begin: 0, lengthBytes: BLOCK }
    const puppet = new PuppetPeer(world, 'puppet', torrent, {
      on: (effect) => {
        if (effect.kind === 'peer-id') puppet.sayNothing()
        if (effect.kind === 'unchoked') puppet.ask(wanted)
      },
    })
    await world.run(2000)
    puppet.dial(leecher.host.address)
    await world.run(12_000)
    expect([puppet.goodBytes, puppet.badBytes]).toEqual([0, 0])
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    await world.run(3000)
    puppet.ask(wanted)
    await world.run(5000)
    expect([puppet.goodBytes, puppet.badBytes]).toEqual([BLOCK, 0])
  })
})

it('closes on a peer that never reads what we owe it, at a bound', async () => {
  const { world, torrent, seeder } = await seedingPair()
  let isFlooding = false
  const asking = encodeMessage({ kind: 'request', pieceIndex: 1, begin: 0, lengthBytes: BLOCK })
  const cancelling = encodeMessage({ kind: 'cancel', pieceIndex: 1, begin: 0, lengthBytes: BLOCK })
  // Each cancelled request is owed a reject (BEP 6), which costs us more than it costs the peer to ask.
  const burst = Array.from({ length: 1000 }, () => [asking, cancelling]).flat()
  const puppet = new PuppetPeer(world, 'puppet', torrent, {
    on: (effect) => {
      if (effect.kind === 'peer-id') puppet.sayNothing()
      if (effect.kind !== 'unchoked' || isFlooding) return
      isFlooding = true
      puppet.socket.pause()
      const flood = (): void => {
        if (!puppet.isConnected) return
        puppet.socket.write(burst)
        puppet.ports.clock.after(100, flood)
      }
      flood()
    },
  })
  puppet.dial(seeder.host.address)
  expect(await world.runUntil(() => isFlooding, 15_000)).toBe(true)
  let mostBytes = 0
  const isClosed = await world.runUntil(() => {
    mostBytes = Math.max(mostBytes, seeder.host.mostQueuedBytes)
    return !puppet.isConnected || mostBytes > 4 * MIB
  }, 30_000)
  expect(mostBytes).toBeLessThan(2 * MIB)
  expect(isClosed).toBe(true)
  expect(seeder.summary.problem).toBeNull()
})

describe('allowed-fast pieces', () => {
  const SET_SIZE = 10

  it('help a choked peer to begin, and are no upload slot: little more than the set is ever served', async () => {
    const { world, torrent, seeder } = await seedingPair({ settings: { uploadSlots: 0 } })
    const allowed: number[] = []
    let isUnchoked = false
    let asks = 0
    const askAgain = (): void => {
      const pieceIndex = allowed[asks % allowed.length]
      asks += 1
      if (pieceIndex !== undefined) puppet.ask({ pieceIndex, begin: 0, lengthBytes: BLOCK })
    }
    const puppet = new PuppetPeer(world, 'puppet', torrent, {
      on: (effect) => {
        if (effect.kind === 'peer-id') puppet.sayNothing()
        if (effect.kind === 'unchoked') isUnchoked = true
        if (effect.kind === 'allowed-fast') {
          allowed.push(effect.pieceIndex)
          if (allowed.length === 1) puppet.ports.clock.after(100, askAgain)
        }
        if (effect.kind === 'block-part' && effect.isLast) askAgain()
        if (effect.kind === 'rejected') puppet.ports.clock.after(50, askAgain)
      },
    })
    puppet.dial(seeder.host.address)
    await world.run(MINUTE)
    expect(isUnchoked).toBe(false)
    expect(puppet.badBytes).toBe(0)
    expect(puppet.goodBytes).toBeGreaterThanOrEqual(BLOCK)
    expect(puppet.goodBytes).toBeLessThanOrEqual(2 * SET_SIZE * torrent.layout.pieceLength)
  })
})
