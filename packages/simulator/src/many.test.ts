import { expect, it } from 'vitest'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const COUNT = 2_000

interface Many {
  readonly world: World
  readonly client: SimClient
  readonly ids: readonly string[]
}

/** A client with many torrents that nobody serves. */
async function many(): Promise<Many> {
  const world = new World(1)
  const client = new SimClient(world, 'client')
  await client.start()
  const added = await world.finish(
    Promise.all(
      Array.from({ length: COUNT }, (_, number) =>
        client.session.add({ kind: 'metainfo', bytes: torrentFile(number) }, {}),
      ),
    ),
  )
  const ids = added.flatMap((answer) => (answer.kind === 'added' ? [answer.id] : []))
  await world.run(1_000)
  return { world, client, ids }
}

function torrentFile(number: number): Uint8Array {
  const name = `torrent ${number}`
  const pieces = '12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa'
  return new TextEncoder().encode(`d4:infod6:lengthi16384e4:name${name.length}:${name}${pieces}ee`)
}

/** How many summaries are another object than before. */
function rebuilt(client: SimClient, before: readonly object[]): number {
  const known = new Set(before)
  return client.session.list().filter((summary) => !known.has(summary)).length
}

it('with many torrents a change of one costs one', async () => {
  const { world, client, ids } = await many()
  expect(ids).toHaveLength(COUNT)
  const before = client.session.list()
  expect(client.session.list()).toBe(before)
  expect(rebuilt(client, before)).toBe(0)
  const { writes } = client.host.records
  await world.finish(Promise.resolve(client.session.tag(ids[7] ?? '', { add: ['x'], remove: [] })))
  expect(rebuilt(client, before)).toBe(1)
  expect(client.host.records.writes - writes).toBe(1)
})

it('with many torrents moving one to the end of the queue records one', async () => {
  const { world, client, ids } = await many()
  const { writes } = client.host.records
  await world.finish(client.session.queue([ids[1_000] ?? ''], 'bottom'))
  expect(client.host.records.writes - writes).toBe(1)
  const before = client.session.list()
  await world.finish(client.session.queue([ids[1_500] ?? ''], 'up'))
  expect(client.host.records.writes - writes).toBe(3)
  expect(rebuilt(client, before)).toBe(2)
})

it('with many torrents, pausing all records each once, together', async () => {
  const { world, client, ids } = await many()
  const before = client.session.list()
  const { writes } = client.host.records
  const beganMs = world.nowMs
  await world.finish(Promise.all(ids.map((id) => client.session.pause(id))))
  expect(world.nowMs - beganMs).toBeLessThan(20)
  await world.run(1_000)
  // Those that had a turn also say how far they are.
  expect(client.host.records.writes - writes).toBeLessThan(COUNT + 50)
  expect(rebuilt(client, before)).toBe(COUNT)
  const paused = client.session.list()
  await world.run(60_000)
  expect(rebuilt(client, paused)).toBe(0)
})

it('with many torrents, those that have no turn cause no events', async () => {
  const { world, client, ids } = await many()
  await world.finish(Promise.all(ids.map((id) => client.session.pause(id))))
  await world.run(1_000)
  const { eventCount } = world
  await world.run(60_000)
  // The tick of the session, ten a second.
  expect(world.eventCount - eventCount).toBeLessThan(700)
})

it('starts with many recorded torrents without recording any again', async () => {
  const { client } = await many()
  const order = client.session.list().map(({ queuePosition }) => queuePosition)
  client.kill()
  const { writes } = client.host.records
  await client.start()
  expect(client.session.list().map(({ queuePosition }) => queuePosition)).toEqual(order)
  expect(client.host.records.writes).toBe(writes)
})
