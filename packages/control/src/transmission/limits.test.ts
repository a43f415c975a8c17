/** What bounds a call, at the bound and one past it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { LiveList } from '../compat/live-list.ts'
import type { FilePriority } from '../contract.ts'
import { FakeControl } from '../testing/fake-control.ts'
import type { World } from './outcome.ts'
import { Remembered, REMEMBERED_OWNERS, THE_SESSION } from './remembered.ts'
import { answerRpc } from './rpc.ts'
import { bitsOfDays, daysOfBits } from './session-get.ts'
import { choicesOf } from './torrent-files.ts'
import { FIELDS } from './torrent-get.ts'
import { QUEUE_STEPS } from './torrent-set.ts'

let control: FakeControl
let world: World

beforeEach(() => {
  control = new FakeControl()
  world = {
    list: new LiveList(control),
    remembered: new Remembered(),
    nowMs: () => 0,
    sessionId: 'x',
    node: 'fake 0.1.0',
    reachesPrivate: false,
    refuseUrl: () => Promise.resolve(null),
  }
})

async function rpc(method: string, args: object): Promise<Readonly<Record<string, unknown>>> {
  const text = await answerRpc(JSON.stringify({ method, arguments: args }), world, 'full')
  return JSON.parse(text ?? '')
}

describe('a call', () => {
  it('asks for 256 fields at most', async () => {
    const fields = Array.from({ length: FIELDS }, (_, index) => `field${index}`)
    expect(await rpc('torrent-get', { fields })).toMatchObject({ result: 'success' })
    expect((await rpc('torrent-get', { fields: [...fields, 'one more'] }))['result']).toMatch(
      /^invalid argument: fields/,
    )
  })

  it('names 100,000 torrents at most', async () => {
    const ids = Array.from({ length: 100_000 }, () => 1)
    expect(await rpc('torrent-get', { ids, fields: ['id'] })).toMatchObject({
      arguments: { torrents: [{ id: 1 }] },
    })
    expect((await rpc('torrent-get', { ids: [...ids, 1], fields: ['id'] }))['result']).toMatch(
      /^invalid argument: ids/,
    )
  })

  it('places a torrent up to 1,000 places from either end of the queue', async () => {
    const [first, last] = control.torrents
    control.change(last?.id ?? '', { queuePosition: 10 * QUEUE_STEPS })
    const place = (position: number) =>
      rpc('torrent-set', { ids: first?.id, 'queue-position': position })
    expect(await place(QUEUE_STEPS)).toMatchObject({ result: 'success' })
    const moves = control.commands.map((command) => (command.do === 'queue' ? command.to : null))
    expect(moves).toEqual(['top', ...Array.from({ length: QUEUE_STEPS }, () => 'down')])
    expect((await place(QUEUE_STEPS + 1))['result']).toContain('more than 1000')
    expect((await place(9 * QUEUE_STEPS - 1))['result']).toContain('more than 1000')
    expect(control.commands).toHaveLength(QUEUE_STEPS + 1)
  })

  it('sets 200,000 files at most, and names one that does not exist', () => {
    const files = Array.from({ length: 200_000 }, (): FilePriority => 'normal')
    expect(choicesOf({ files_unwanted: [] }, files)).toHaveLength(200_000)
    expect(choicesOf({ files_wanted: [199_999] }, files)).toEqual([])
    expect(choicesOf({ files_wanted: [200_000] }, files)).toBe(200_000)
  })
})

describe('files', () => {
  const now: readonly FilePriority[] = ['normal', 'skip', 'high', 'low']

  it('keep their priority when they are wanted, and are left unwanted when they only get one', () => {
    expect(choicesOf({ files_wanted: [] }, now)).toEqual([{ index: 1, priority: 'normal' }])
    expect(choicesOf({ priority_high: [] }, now)).toEqual([
      { index: 0, priority: 'high' },
      { index: 3, priority: 'high' },
    ])
    expect(choicesOf({ files_wanted: [1], priority_low: [1] }, now)).toEqual([
      { index: 1, priority: 'low' },
    ])
  })
})

describe('numbers behind switches that are off', () => {
  it('are kept, and count again when the switch goes on', () => {
    const { remembered } = world
    const settle = (now: number | null, asked: { value?: number; isOn?: boolean }) =>
      remembered.settle(THE_SESSION, 'down', now, asked)
    expect(settle(null, {})).toBeUndefined()
    expect(settle(null, { value: 70 })).toBeUndefined()
    expect(settle(null, { isOn: true })).toBe(70)
    expect(settle(70, { value: 80 })).toBe(80)
    expect(settle(80, { isOn: true })).toBeUndefined()
    expect(settle(80, { isOn: false })).toBeNull()
    expect(remembered.get(THE_SESSION, 'down')).toBe(80)
    expect(settle(null, { value: 90, isOn: true })).toBe(90)
  })

  it('are kept of 10,000 owners, and of more of the last ones', () => {
    const { remembered } = world
    for (let owner = 0; owner < REMEMBERED_OWNERS; owner += 1) remembered.set(`${owner}`, 'up', 7)
    expect(remembered.get('0', 'up')).toBe(7)
    remembered.set('one more', 'up', 7)
    expect(remembered.get('0', 'up')).toBe(100)
    expect(remembered.get('1', 'up')).toBe(7)
  })
})

it('counts days from Sunday on, one bit each, there and back', () => {
  expect(bitsOfDays(['sun'])).toBe(1)
  expect(bitsOfDays(['mon', 'tue', 'wed', 'thu', 'fri'])).toBe(62)
  expect(bitsOfDays(['sat', 'sun'])).toBe(65)
  for (let bits = 0; bits < 128; bits += 1) expect(bitsOfDays(daysOfBits(bits))).toBe(bits)
})

it('says that labels are wrong rather than the torrent, and that a torrent is none', async () => {
  const metainfo = Buffer.from('d4:infod4:name1:aee').toString('base64')
  expect((await rpc('torrent-add', { metainfo, labels: ['a,b'] }))['result']).toContain('tags')
  expect((await rpc('torrent-add', { metainfo: '!!' }))['result']).toMatch(
    /^invalid or corrupt torrent file/,
  )
  const broken = metainfo.replace(/=+$/, '').replace(/(.{8})/g, '$1\n')
  expect(await rpc('torrent-add', { metainfo: broken })).toMatchObject({ result: 'success' })
})

it('puts torrents into groups, and their limits where groups are categories', async () => {
  const [torrent] = control.torrents
  await rpc('torrent-set', { ids: torrent?.id, group: 'films' })
  await rpc('group-set', {
    name: 'films',
    'speed-limit-down': 50,
    'speed-limit-down-enabled': true,
    'speed-limit-up-enabled': false,
  })
  expect(control.torrents[0]?.category).toBe('films')
  expect(await rpc('group-get', { group: 'films' })).toMatchObject({
    arguments: {
      group: [
        {
          name: 'films',
          'speed-limit-down': 50,
          'speed-limit-down-enabled': true,
          'speed-limit-up': 2097,
          'speed-limit-up-enabled': false,
        },
      ],
    },
  })
  expect(
    (await rpc('group-set', { name: 'films', honorsSessionLimits: false }))['result'],
  ).toContain('was not changed')
})
