import { ioProblem } from '@pigeon/engine/problem'
import { Session, type SessionChange } from '@pigeon/engine/session'
import { DEFAULT_SETTINGS, type EngineSettings } from '@pigeon/engine/settings'
import { describe, expect, it } from 'vitest'
import { seedingPair } from './scenario/pair.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Every world begins on a Sunday at 17:46:40. */
async function alone(
  settings: Partial<EngineSettings> = {},
): Promise<{ readonly world: World; readonly client: SimClient }> {
  const world = new World(1)
  const client = new SimClient(world, 'client', { settings })
  await client.start()
  return { world, client }
}

function isAlternativeOn(client: SimClient): boolean {
  return client.session.summary().alternative.isOn
}

describe('alternative limits', () => {
  const NIGHT: NonNullable<SessionChange['altSchedule']> = {
    days: ['sun'],
    fromMinute: 22 * 60,
    toMinute: 6 * 60,
  }

  it('come on and go off with their schedule, over midnight', async () => {
    const { world, client } = await alone({ altSchedule: NIGHT, altDownLimit: 5_000 })
    expect(isAlternativeOn(client)).toBe(false)
    await world.run(4 * HOUR)
    expect(isAlternativeOn(client)).toBe(false)
    await world.run(HOUR)
    expect(isAlternativeOn(client)).toBe(true)
    await world.run(7 * HOUR)
    expect(isAlternativeOn(client)).toBe(true)
    await world.run(HOUR)
    expect(isAlternativeOn(client)).toBe(false)
    await world.run(16 * HOUR)
    expect(isAlternativeOn(client)).toBe(false)
  })

  it('leave the user the last word between two edges, also over a restart', async () => {
    const { world, client } = await alone({ altSchedule: NIGHT })
    await world.run(5 * HOUR)
    await world.finish(client.session.setSession({ isAlternativeOn: false }))
    await world.run(HOUR)
    expect(isAlternativeOn(client)).toBe(false)
    await world.finish(client.session.stop())
    client.kill()
    await client.start()
    await world.run(HOUR)
    expect(isAlternativeOn(client)).toBe(false)
    await world.finish(client.session.setSession({ isAlternativeOn: true }))
    await world.run(7 * HOUR)
    expect(isAlternativeOn(client)).toBe(false)
  })

  it('follow an edge that passed while nothing ran', async () => {
    const { world, client } = await alone({ altSchedule: NIGHT })
    await world.finish(client.session.stop())
    client.kill()
    await world.run(6 * HOUR)
    await client.start()
    expect(isAlternativeOn(client)).toBe(true)
  })

  it('follow a new schedule at once', async () => {
    const { world, client } = await alone()
    const altSchedule = { ...NIGHT, fromMinute: 17 * 60 }
    await world.finish(client.session.setSession({ altSchedule }))
    expect(isAlternativeOn(client)).toBe(true)
    await world.finish(client.session.setSession({ altSchedule: null }))
    expect(isAlternativeOn(client)).toBe(true)
  })

  it('take the place of the others while they are on', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({
      leecherSettings: { downLimit: 300_000, altDownLimit: 30_000, isAlternativeOn: true },
      fileSizes: [6_000_000],
    })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(5_000)
    const before = leecher.session.summary().downloadedBytes
    await world.run(10_000)
    const slowBytes = leecher.session.summary().downloadedBytes - before
    expect(slowBytes).toBeLessThan(30_000 * 10 * 1.3)
    await world.finish(leecher.session.setSession({ isAlternativeOn: false }))
    await world.run(10_000)
    const fastBytes = leecher.session.summary().downloadedBytes - before - slowBytes
    expect(fastBytes).toBeGreaterThan(200_000 * 10)
  })
})

describe('what a user sets while it runs', () => {
  const CHANGE: SessionChange = {
    downLimit: 1_000_000,
    upLimit: 500_000,
    maxActive: 7,
    defaultFolder: '/elsewhere',
    maxPeers: 99,
    maxPeersPerTorrent: 9,
    uploadSlots: 3,
    ratioGoal: 1.5,
    seedMsGoal: HOUR,
    idleMsGoal: 2 * HOUR,
    altDownLimit: 10_000,
    altUpLimit: 20_000,
  }

  it('is shown, and still counts after a restart', async () => {
    const { world, client } = await alone()
    expect(await world.finish(client.session.setSession(CHANGE))).toBeNull()
    const { altDownLimit, altUpLimit, ...plain } = CHANGE
    const expected = { ...plain, alternative: { down: altDownLimit, up: altUpLimit } }
    expect(client.session.summary()).toMatchObject(expected)
    client.kill()
    await client.start()
    expect(client.session.summary()).toMatchObject(expected)
  })

  it('gives way to the configuration with the next start, where that says something', async () => {
    const configured = ['downLimit', 'defaultFolder']
    const { world, client } = await alone({ downLimit: 77, configured })
    await world.finish(client.session.setSession(CHANGE))
    expect(client.session.summary()).toMatchObject({ downLimit: 1_000_000, configured })
    client.kill()
    await client.start()
    expect(client.session.summary()).toMatchObject({
      downLimit: 77,
      defaultFolder: '/downloads',
      upLimit: 500_000,
      maxActive: 7,
    })
  })

  it('is not written over by a session that could not read it', async () => {
    const { world, client } = await alone()
    await world.finish(client.session.saveCategory({ name: 'films' }))
    client.kill()
    const saved = client.host.records.settings
    const ports = client.host.start()
    const records = {
      ...ports.records,
      loadAll: () => Promise.resolve(ioProblem('disk-error', 'The disk does not work', '')),
    }
    const session = new Session({ ...ports, records }, DEFAULT_SETTINGS)
    expect(await world.finish(session.start())).toMatchObject({ code: 'disk-error' })
    await world.finish(session.stop())
    expect(client.host.records.settings).toBe(saved)
  })

  it('is refused where it is no folder', async () => {
    const { world, client } = await alone()
    const refused = await world.finish(client.session.setSession({ defaultFolder: 'here' }))
    expect(refused).toMatchObject({ kind: 'refusal', code: 'bad-path' })
    expect(client.session.summary().defaultFolder).toBe('/downloads')
  })

  it('bounds connections that stand already', async () => {
    const { world, torrent, seeder } = await seedingPair({ link: { upRate: 50_000 } })
    const leechers = ['a', 'b', 'c'].map((name) => new SimClient(world, name))
    for (const leecher of leechers) {
      await leecher.start()
      await leecher.add(torrent, { peers: [seeder.peer] })
    }
    await world.run(2_000)
    expect(seeder.summary.peersConnected).toBe(3)
    await world.finish(seeder.session.setLimits(torrent.layout.id, { maxPeers: 2 }))
    await world.run(2_000)
    expect(seeder.summary.peersConnected).toBe(2)
    await world.finish(seeder.session.setSession({ maxPeers: 1 }))
    expect(seeder.session.summary().peersConnected).toBe(1)
    await world.run(10_000)
    expect(seeder.session.summary().peersConnected).toBe(1)
  })
})

describe('a configuration that is read again', () => {
  it('counts at once, drops no peer, and leaves what the user set where it is silent', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({
      link: { upRate: 200_000 },
      fileSizes: [6_000_000],
    })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(5_000)
    await world.finish(leecher.session.setSession({ maxActive: 3, upLimit: 1_000 }))
    const connections = leecher.host.connectionCount
    const late = leecher.session.applySettings({
      downLimit: 20_000,
      maxActive: 20,
      upLimit: null,
      uploadSlots: 2,
      configured: ['downLimit', 'upLimit'],
    })
    expect(late).toEqual([])
    await world.run(5_000)
    expect(leecher.host.connectionCount).toBe(connections)
    expect(leecher.session.summary()).toMatchObject({
      downLimit: 20_000,
      upLimit: null,
      maxActive: 3,
      uploadSlots: 2,
      configured: ['downLimit', 'upLimit'],
    })
    const before = leecher.summary.downloadedBytes
    await world.run(10_000)
    expect(leecher.summary.downloadedBytes - before).toBeLessThan(20_000 * 10 * 1.3)
  })

  it('says what only a restart changes', async () => {
    const { client } = await alone()
    expect(client.session.applySettings({ listen: { host: '0.0.0.0', port: 1 } })).toEqual([
      'listen',
    ])
    expect(client.session.applySettings({ listen: { host: '0.0.0.0', port: 6881 } })).toEqual([])
  })
})

it('counts what went over the line in this run and in all', async () => {
  const { world, torrent, seeder, leecher } = await seedingPair()
  await leecher.add(torrent, { peers: [seeder.peer] })
  await world.runUntil(() => leecher.isDone, MINUTE)
  const first = leecher.session.summary()
  expect(first.downloadedBytes).toBe(torrent.content.length)
  expect(first).toMatchObject({ allDownloadedBytes: torrent.content.length, uploadedBytes: 0 })
  expect(seeder.session.summary().uploadedBytes).toBe(torrent.content.length)
  expect(first.startedAtMs).toBeGreaterThan(1_900_000_000_000 - 1)
  await world.finish(leecher.session.stop())
  leecher.kill()
  await leecher.start()
  await world.finish(leecher.session.remove(torrent.layout.id, { deleteData: false }))
  expect(leecher.session.summary()).toMatchObject({
    downloadedBytes: 0,
    allDownloadedBytes: torrent.content.length,
  })
})
