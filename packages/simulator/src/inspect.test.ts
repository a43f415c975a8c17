import {
  BULK_PER_EVENT,
  MESSAGES_PER_EVENT,
  WATCHES_LIMIT,
  type WireEvent,
} from '@pigeon/engine/inspect'
import { describe, expect, it, vi } from 'vitest'
import { type Pair, seedingPair } from './scenario/pair.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

type Message = Extract<WireEvent, { readonly kind: 'messages' }>['messages'][number]

interface Watched extends Pair {
  readonly events: WireEvent[]
  readonly stop: () => void
}

/** A slow swarm of two whose leecher's wire is watched once it stands. */
async function watched(link = { upRate: 50_000 }): Promise<Watched> {
  const made = await seedingPair({
    link,
    settings: { isPexOn: true },
    leecherSettings: { isPexOn: true },
  })
  const { world, torrent, seeder, leecher } = made
  await leecher.add(torrent, { peers: [seeder.peer] })
  await world.runUntil(() => (leecher.summary.downloadedBytes ?? 0) > 0, MINUTE)
  const events: WireEvent[] = []
  const stop = watch(made, events)
  return { ...made, events, stop }
}

function watch({ torrent, leecher }: Pair, events: WireEvent[]): () => void {
  const { id } = torrent.layout
  const [peer] = leecher.session.detail(id)?.peers ?? []
  return leecher.session.inspect(id, peer?.number ?? 0, (event) => events.push(event))
}

function messagesOf(events: readonly WireEvent[]): readonly Message[] {
  return events.flatMap((event) => (event.kind === 'messages' ? event.messages : []))
}

describe('a wire that is watched', () => {
  it('begins with both handshakes of a connection that stood already, and goes on live', async () => {
    const { world, torrent, events, leecher } = await watched()
    await world.run(5_000)
    const messages = messagesOf(events)
    const first = messages.slice(0, 4).map(({ direction, name, bep }) => [direction, name, bep])
    expect(first).toEqual([
      ['out', 'handshake', 3],
      ['in', 'handshake', 3],
      ['out', 'extension handshake', 10],
      ['in', 'extension handshake', 10],
    ])
    expect(Object.fromEntries(messages[1]?.fields ?? [])).toMatchObject({
      'info-hash': torrent.layout.id,
      offers: 'fast, extensions',
    })
    expect(Object.fromEntries(messages[3]?.fields ?? [])['m']).toContain('ut_pex 4')
    const names = new Set(messages.map(({ direction, name }) => `${direction} ${name}`))
    expect(names).toContain('in piece')
    expect(names).toContain('out request')
    expect(messages.map(({ number }) => number)).toEqual(messages.map((_, index) => index + 1))
    expect(leecher.summary.progress).toBeLessThan(1)
  })

  it('ends when the peer goes, and says nothing after that', async () => {
    const { world, events, seeder } = await watched()
    seeder.kill()
    await world.run(5_000)
    expect(events.filter(({ kind }) => kind === 'ended')).toHaveLength(1)
    expect(events.at(-1)).toEqual({ kind: 'ended' })
  })

  it('says nothing more once it is not watched', async () => {
    const { world, events, stop } = await watched()
    await world.run(1_000)
    stop()
    const count = events.length
    expect(count).toBeGreaterThan(0)
    await world.run(5_000)
    expect(events).toHaveLength(count)
  })

  it('keeps to its rate however much passes, and says what it left out', async () => {
    const { world, events, leecher } = await watched({ upRate: 100_000_000 })
    const beganMs = world.nowMs
    await world.runUntil(() => leecher.isDone, MINUTE)
    await world.run(1_000)
    const told = events.filter((event) => event.kind === 'messages')
    expect(told.length).toBeLessThanOrEqual(Math.ceil((world.nowMs - beganMs) / 250))
    for (const { messages } of told) {
      expect(messages.length).toBeLessThanOrEqual(MESSAGES_PER_EVENT)
      const bulk = messages.filter(({ name }) => name === 'piece' || name === 'request')
      expect(bulk.length).toBeLessThanOrEqual(BULK_PER_EVENT)
    }
    const last = messagesOf(events).at(-1)?.number ?? 0
    const leftOut = told.reduce((sum, event) => sum + event.leftOut, 0)
    expect(leftOut).toBeGreaterThan(0)
    expect(messagesOf(events).length + leftOut).toBeGreaterThanOrEqual(last)
  })

  it(`serves ${WATCHES_LIMIT} at a time, each from the beginning, and no more`, async () => {
    const pair = await watched()
    const all: WireEvent[][] = [pair.events]
    for (let index = 1; index < WATCHES_LIMIT; index += 1) {
      const events: WireEvent[] = []
      watch(pair, events)
      all.push(events)
    }
    const refused: WireEvent[] = []
    watch(pair, refused)
    await pair.world.run(1_000)
    expect(refused).toEqual([{ kind: 'ended' }])
    for (const events of all) {
      const names = messagesOf(events).map(({ name }) => name)
      expect(names.filter((name) => name === 'handshake')).toHaveLength(2)
      expect(names).toContain('piece')
    }
    pair.stop()
    const again: WireEvent[] = []
    watch(pair, again)
    await pair.world.run(1_000)
    expect(messagesOf(again).length).toBeGreaterThan(4)
  })

  it('of a peer that is not there ends at once', async () => {
    const { torrent, leecher } = await watched()
    const events: WireEvent[] = []
    leecher.session.inspect(torrent.layout.id, 999, (event) => events.push(event))
    leecher.session.inspect('nothing', 1, (event) => events.push(event))
    expect(events).toEqual([{ kind: 'ended' }, { kind: 'ended' }])
  })
})
