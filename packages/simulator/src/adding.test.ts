import { formatMagnet } from '@pigeon/protocol/magnet'
import { describe, expect, it } from 'vitest'
import { pair, seedingPair } from './scenario/pair.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'

const MINUTE = 60_000

describe('a magnet that is to stop at its metadata', () => {
  it('is paused before anything is fetched, says so, and fetches what is chosen then', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    const { infoHashes } = torrent.metainfo
    const { id } = torrent.layout
    await leecher.addMagnet(formatMagnet({ infoHashes }), {
      peers: [seeder.peer],
      stopAt: 'metadata',
    })
    const isKnown = (): boolean => leecher.summary.hasMetadata
    expect(await world.runUntil(isKnown, MINUTE)).toBe(true)
    await world.run(MINUTE)
    expect(leecher.summary).toMatchObject({ state: 'paused', downloadedBytes: 0, doneBytes: 0 })
    expect(leecher.summary.wantedBytes).toBe(torrent.content.length)
    expect(leecher.host.disk.paths()).toEqual([])
    const log = leecher.session.detail(id)?.log.map(({ text }) => text) ?? []
    expect(log.at(-1)).toContain('before anything is fetched')
    const skipped = [0, 1, 2, 4].map((index) => ({ index, priority: 'skip' }) as const)
    await world.finish(leecher.session.setFiles(id, skipped))
    await world.finish(leecher.session.resume(id))
    expect(await world.runUntil(() => leecher.summary.state === 'seeding', MINUTE)).toBe(true)
    expect(leecher.host.disk.paths()).toContain(`/downloads/${torrent.layout.files[3]?.path}`)
    expect(leecher.host.disk.paths()).not.toContain(`/downloads/${torrent.layout.files[0]?.path}`)
  })

  it('stops also when it was restarted in between, and only once', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    const { infoHashes } = torrent.metainfo
    await leecher.addMagnet(formatMagnet({ infoHashes }), { stopAt: 'metadata' })
    leecher.kill()
    await leecher.start()
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.summary.state === 'paused', MINUTE)).toBe(true)
    await world.run(100)
    leecher.kill()
    await leecher.start()
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.summary.state === 'seeding', MINUTE)).toBe(true)
  })

  it('is no different from a paused one when the metadata comes with it', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await leecher.add(torrent, { peers: [seeder.peer], stopAt: 'metadata' })
    await world.run(MINUTE)
    expect(leecher.summary).toMatchObject({ state: 'paused', downloadedBytes: 0 })
    const log = leecher.session.detail(torrent.layout.id)?.log.map(({ text }) => text) ?? []
    expect(log.join()).toContain('before anything is fetched')
  })
})

it('takes a torrent’s limits with it', async () => {
  const { torrent, leecher } = await pair()
  await leecher.add(torrent, { limits: { down: 1_000, priority: 'high', maxPeers: 3 } })
  leecher.kill()
  await leecher.start()
  expect(leecher.summary.limits).toEqual({
    down: 1_000,
    up: null,
    ratio: null,
    seedMs: null,
    idleMs: null,
    maxPeers: 3,
    ignoresSession: false,
    priority: 'high',
  })
})

describe('the queue', () => {
  async function three(): Promise<
    Awaited<ReturnType<typeof pair>> & { readonly ids: readonly string[] }
  > {
    const made = await pair({ leecherSettings: { maxActive: 1 } })
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      const torrent = sampleTorrent(made.world.chance.fork(name))
      await made.leecher.add(torrent, name === 'c' ? { isFirst: true } : {})
      ids.push(torrent.layout.id)
    }
    await made.world.run(1_000)
    return { ...made, ids }
  }

  it('takes one that is to be first before all others', async () => {
    const { leecher } = await three()
    expect(leecher.session.list().map(({ queuePosition }) => queuePosition)).toEqual([1, 2, 0])
    expect(leecher.session.list().map(({ state }) => state)).toEqual([
      'queued',
      'queued',
      'downloading',
    ])
  })

  it('is passed by one that is forced, which takes nobody’s place', async () => {
    const { world, leecher, ids } = await three()
    await world.finish(leecher.session.resume(ids[1] ?? '', { isForced: true }))
    await world.run(1_000)
    const states = (): readonly string[] => leecher.session.list().map(({ state }) => state)
    expect(states()).toEqual(['queued', 'downloading', 'downloading'])
    expect(leecher.session.list()[1]?.isForced).toBe(true)
    leecher.kill()
    await leecher.start()
    await world.run(1_000)
    expect(states()).toEqual(['queued', 'downloading', 'downloading'])
    await world.finish(leecher.session.resume(ids[1] ?? '', { isForced: false }))
    await world.run(1_000)
    expect(states()).toEqual(['queued', 'queued', 'downloading'])
  })

  it('keeps its order over a restart', async () => {
    const { world, leecher, ids } = await three()
    const order = (): readonly (number | null)[] =>
      leecher.session.list().map(({ queuePosition }) => queuePosition)
    await world.finish(leecher.session.queue([ids[0] ?? ''], 'bottom'))
    expect(order()).toEqual([2, 1, 0])
    await world.finish(leecher.session.queue([ids[0] ?? ''], 'up'))
    expect(order()).toEqual([1, 2, 0])
    await world.finish(leecher.session.queue([ids[1] ?? '', ids[0] ?? ''], 'top'))
    expect(order()).toEqual([0, 1, 2])
    await world.finish(leecher.session.queue([ids[0] ?? ''], 'down'))
    expect(order()).toEqual([1, 0, 2])
    leecher.kill()
    await leecher.start()
    expect(order()).toEqual([1, 0, 2])
  })
})

describe('a preview', () => {
  it('shows what adding would add, and adds nothing', async () => {
    const { world, torrent, seeder, leecher } = await pair()
    const source = { kind: 'metainfo', bytes: torrent.bytes } as const
    const shown = await world.finish(leecher.session.preview(source))
    expect(shown).toMatchObject({
      kind: 'preview',
      preview: {
        id: torrent.layout.id,
        name: torrent.metainfo.name,
        totalBytes: torrent.content.length,
        pieceCount: torrent.layout.pieceCount,
        pieceLengthBytes: torrent.layout.pieceLength,
        isPrivate: false,
        isKnown: false,
      },
    })
    expect('preview' in shown ? shown.preview.files[3] : null).toEqual({
      index: 3,
      path: `${torrent.metainfo.name}/file 3`,
      lengthBytes: 1_500_000,
    })
    expect(leecher.session.list()).toEqual([])
    expect(await world.finish(seeder.session.preview(source))).toMatchObject({
      preview: { isKnown: true },
    })
  })

  it('fetches a web address', async () => {
    const { world, torrent, leecher } = await pair()
    world.serve('http://files.example', ({ url }) =>
      url.endsWith('/a.torrent')
        ? { status: 200, body: torrent.bytes }
        : { status: 404, body: new Uint8Array(0) },
    )
    const preview = (url: string) => world.finish(leecher.session.preview({ kind: 'url', url }))
    expect(await preview('http://files.example/a.torrent')).toMatchObject({ kind: 'preview' })
    expect(await preview('http://files.example/b.torrent')).toMatchObject({ code: 'bad-url' })
    expect(await preview('ftp://files.example/a.torrent')).toMatchObject({ code: 'bad-url' })
  })

  it('of a magnet is refused in words', async () => {
    const { world, torrent, leecher } = await pair()
    const { infoHashes } = torrent.metainfo
    const uri = formatMagnet({ infoHashes })
    for (const source of [
      { kind: 'magnet', uri },
      { kind: 'url', url: uri },
    ] as const) {
      const refused = await world.finish(leecher.session.preview(source))
      expect(refused).toMatchObject({ kind: 'refusal', code: 'metadata-unknown' })
    }
  })
})

describe('a torrent’s trackers', () => {
  it('are those that the user sets, of a private torrent too, and stay so', async () => {
    const { world, torrent, leecher } = await pair({
      isPrivate: true,
      trackers: [['http://old.example/announce']],
    })
    const asked: string[] = []
    for (const origin of ['http://old.example', 'http://new.example']) {
      world.serve(origin, ({ url }) => {
        asked.push(url.includes('event=stopped') ? `stopped ${origin}` : origin)
        return { status: 200, body: new TextEncoder().encode('d8:intervali300e5:peers0:e') }
      })
    }
    await leecher.add(torrent)
    await world.run(5_000)
    expect(leecher.summary.tracker).toBe('old.example')
    const { id } = torrent.layout
    const tiers = [['http://new.example/announce'], ['udp://other.example:80']]
    expect(await world.finish(leecher.session.setTrackers(id, tiers))).toBeNull()
    await world.run(5_000)
    expect(asked).toEqual(
      expect.arrayContaining([
        'http://old.example',
        'stopped http://old.example',
        'http://new.example',
      ]),
    )
    expect(leecher.summary.tracker).toBe('new.example')
    const [first] = leecher.session.detail(id)?.trackers ?? []
    expect(first?.lastAnnounceAtMs).toBeGreaterThan(1_900_000_000_000)
    leecher.kill()
    await leecher.start()
    expect(leecher.session.detail(id)?.trackers.map(({ url }) => url)).toEqual(tiers.flat())
  })

  it('are refused where one of them is none, and all stay as they were', async () => {
    const { world, torrent, leecher } = await pair({ trackers: [['http://old.example/announce']] })
    await leecher.add(torrent)
    const { id } = torrent.layout
    const set = (tiers: readonly (readonly string[])[]) =>
      world.finish(leecher.session.setTrackers(id, tiers))
    expect(await set([['http://new.example/a', 'gopher://x/']])).toMatchObject({ code: 'bad-url' })
    const many = Array.from({ length: 101 }, (_, at) => [`http://t${at}.example/announce`])
    expect(await set(many)).toMatchObject({ code: 'too-many' })
    expect(leecher.session.detail(id)?.trackers).toHaveLength(1)
    expect(await set(many.slice(1))).toBeNull()
    expect(leecher.session.detail(id)?.trackers).toHaveLength(100)
    expect(await set([])).toBeNull()
    expect(leecher.summary.tracker).toBeNull()
  })
})
