import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, TorrentSummary } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { type LineAnswer, type LineContext, runCommandLine } from './command-line.ts'
import { splitWords } from './words.ts'

let control = new FakeControl()
const folder = makeFolder()

beforeEach(() => {
  control = new FakeControl({ torrentCount: 6 })
})

afterEach(() => control.close())

function run(line: string, context: Partial<LineContext> = {}): Promise<LineAnswer> {
  return runCommandLine(control, splitWords(line).words, { selected: [], ...context })
}

function first(): TorrentSummary {
  const [torrent] = control.torrents
  if (torrent === undefined) throw new Error('There is no torrent.')
  return torrent
}

/** What the line made of itself; fails when it said that something is wrong. */
async function commandOf(line: string, context: Partial<LineContext> = {}): Promise<Command> {
  const { problem } = await run(line, context)
  expect(problem).toBeNull()
  const command = control.commands.at(-1)
  if (command === undefined) throw new Error('No command was run.')
  return command
}

const MAGNET = 'magnet:?xt=urn:btih:0123456789012345678901234567890123456789'

describe('every change that a node can make has its command', () => {
  const ids = [new FakeControl({ torrentCount: 6 }).torrents[0]?.id ?? '']
  const [id] = ids
  it.each<[string, object]>([
    ['pause #1', { do: 'pause', ids }],
    ['resume #1', { do: 'resume', ids }],
    ['resume #1 --force', { do: 'resume', ids, isForced: true }],
    ['resume #1 --no-force', { do: 'resume', ids, isForced: false }],
    ['remove #1 --yes', { do: 'remove', ids, deleteData: false }],
    ['rm #1 --yes --data', { do: 'remove', ids, deleteData: true }],
    ['recheck #1', { do: 'recheck', ids }],
    ['reannounce #1', { do: 'reannounce', ids }],
    ['queue bottom #1', { do: 'queue', ids, to: 'bottom' }],
    ['move /srv/films #1', { do: 'move', ids, folder: '/srv/films' }],
    ['rename "New name" #1', { do: 'rename', id, name: 'New name' }],
    ['rename b.txt #1 --path a/x.txt', { do: 'rename', id, path: 'a/x.txt', name: 'b.txt' }],
    ['sequential on #1', { do: 'set-sequential', ids, isSequential: true }],
    ['peer 192.0.2.7:6881 #1', { do: 'add-peer', id, peer: '192.0.2.7:6881' }],
    [
      'priority high 0,2-3 #1',
      { do: 'set-files', id, files: [0, 2, 3].map((index) => ({ index, priority: 'high' })) },
    ],
    ['tag add iso,big #1', { do: 'tag', ids, add: ['iso', 'big'] }],
    ['tag remove iso #1', { do: 'tag', ids, remove: ['iso'] }],
    ['category set films #1', { do: 'set-category', ids, category: 'films' }],
    ['category set none #1', { do: 'set-category', ids, category: null }],
    ['category remove films', { do: 'remove-category', name: 'films' }],
    [
      'category save x --folder /x --up 2MiB --ratio never',
      {
        do: 'save-category',
        name: 'x',
        folder: '/x',
        limits: { up: 2 * 1024 * 1024, ratio: 'never' },
      },
    ],
    [
      'limits #1 --down 500k --up unlimited --ratio 1.5 --seed-time 2d --idle-time default',
      {
        do: 'set-limits',
        ids,
        limits: { down: 512_000, up: null, ratio: 1.5, seedMs: 172_800_000, idleMs: null },
      },
    ],
    [
      'limits #1 --max-peers 20 --own-limits on --bandwidth high',
      { do: 'set-limits', ids, limits: { maxPeers: 20, ignoresSession: true, priority: 'high' } },
    ],
    [
      'session --down-limit 5MiB --alternative on --schedule "mon-fri 08:00-17:30" --ratio-goal none',
      {
        do: 'set-session',
        downLimit: 5 * 1024 * 1024,
        isAlternativeOn: true,
        altSchedule: {
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          fromMinute: 480,
          toMinute: 1_050,
        },
        ratioGoal: null,
      },
    ],
    [
      'session --schedule none --alt-down 1k --alt-up 2k --seed-time-goal 1h --idle-time-goal 1h',
      {
        do: 'set-session',
        altSchedule: null,
        altDownLimit: 1024,
        altUpLimit: 2048,
        seedMsGoal: 3_600_000,
        idleMsGoal: 3_600_000,
      },
    ],
    [
      'session --folder /srv --max-active 3 --max-peers 9 --max-peers-per-torrent 8 --upload-slots 7',
      {
        do: 'set-session',
        defaultFolder: '/srv',
        maxActive: 3,
        maxPeers: 9,
        maxPeersPerTorrent: 8,
        uploadSlots: 7,
      },
    ],
    [
      `add ${MAGNET} --folder /srv --category films --tag a,b --tag c --paused --sequential --stop-at metadata --forced --first --files 0,2-3 --peer 192.0.2.7:1 --up 1k`,
      {
        do: 'add',
        source: { kind: 'magnet', uri: MAGNET },
        folder: '/srv',
        category: 'films',
        tags: ['a', 'b', 'c'],
        isPaused: true,
        isSequential: true,
        stopAt: 'metadata',
        isForced: true,
        isFirst: true,
        wantedFiles: [0, 2, 3],
        peers: ['192.0.2.7:1'],
        limits: { up: 1024 },
      },
    ],
    [
      'share /srv/x --tracker http://t.example/a --piece-length 64KiB --private --comment "for you" --category films --tag a',
      {
        do: 'share',
        path: '/srv/x',
        trackers: ['http://t.example/a'],
        pieceLength: 65_536,
        isPrivate: true,
        comment: 'for you',
        category: 'films',
        tags: ['a'],
      },
    ],
    ['cancel 7', { do: 'cancel-job', job: '7' }],
    ['shut-down --yes', { do: 'shut-down' }],
  ])('%s', async (line, command) => {
    expect(await commandOf(line)).toEqual(command)
  })

  it('tracker add and tracker remove keep the others as they are', async () => {
    const before = (await control.detail(first().id))?.trackers.map(({ url }) => url) ?? []
    const added = await commandOf('tracker add http://new.example/a #1')
    expect(added).toMatchObject({ do: 'set-trackers', tiers: { length: before.length + 1 } })
    expect(JSON.stringify(added)).toContain('["http://new.example/a"]')
    const removed = await commandOf('tracker remove http://new.example/a #1')
    expect(removed).toMatchObject({ tiers: before.map((url) => [url]) })
    expect((await run('tracker remove http://no.example/ #1')).problem?.code).toBe('not-found')
  })
})

describe('without a torrent', () => {
  it('those are meant that are selected', async () => {
    const selected = control.torrents.slice(0, 2).map(({ id }) => id)
    expect(await commandOf('pause', { selected })).toEqual({ do: 'pause', ids: selected })
  })

  it('nothing is done when none is selected', async () => {
    expect((await run('pause')).problem?.code).toBe('usage')
    expect(control.commands).toEqual([])
  })

  it('nothing is done for several by a command for one', async () => {
    const selected = control.torrents.slice(0, 2).map(({ id }) => id)
    expect((await run('rename x', { selected })).problem?.code).toBe('usage')
  })
})

describe('removing', () => {
  it('is not done where there is nobody to ask', async () => {
    expect((await run('remove #1')).problem?.code).toBe('usage')
    expect(control.commands).toEqual([])
  })

  it('is not done against a no', async () => {
    const asked: string[] = []
    const ask = (question: string): Promise<boolean> => {
      asked.push(question)
      return Promise.resolve(false)
    }
    expect((await run('remove #1 --data', { ask })).problem?.code).toBe('cancelled')
    expect(asked).toEqual([expect.stringMatching(/DELETE the data/)])
    expect(control.commands).toEqual([])
  })

  it('is done after a yes, and the data stays unless it was said', async () => {
    const ask = (): Promise<boolean> => Promise.resolve(true)
    expect(await commandOf('remove #1', { ask })).toMatchObject({ deleteData: false })
  })
})

describe('what is shown', () => {
  it.each(['show', 'files', 'peers', 'trackers', 'pieces', 'log', 'magnet', 'limits'])(
    '%s says something, as text and as JSON',
    async (command) => {
      const text = await run(`${command} #1`)
      expect(text.problem).toBeNull()
      expect(text.lines.length).toBeGreaterThan(0)
      const json = await run(`${command} #1 --json`)
      for (const line of json.lines) expect(JSON.parse(line)).toBeTypeOf('object')
    },
  )

  it.each(['list', 'session', 'category list', 'tag list', 'jobs', 'browse'])(
    '%s says something',
    async (command) => {
      expect((await run(command)).lines.length).toBeGreaterThan(0)
      for (const line of (await run(`${command} --json`)).lines)
        expect(JSON.parse(line)).toBeTypeOf('object')
    },
  )

  it('list filters, sorts, chooses columns and stops', async () => {
    const { lines } = await run('list progress<100 --sort -size --columns size,name --limit 2')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^ *size {2}name$/)
  })

  it.each([
    ['list size>', 'bad-filter'],
    ['list --sort nonsense', 'bad-sort'],
    ['list --columns nonsense', 'bad-value'],
    ['limits #1 --up fast', 'bad-value'],
    ['session --schedule whenever', 'bad-value'],
    ['session --schedule "mon-fri 25:00-26:00"', 'bad-value'],
    ['priority high 9999 #1', 'bad-value'],
    ['priority urgent 0 #1', 'usage'],
    ['queue sideways #1', 'usage'],
    ['sequential maybe #1', 'usage'],
    ['limits #1 --bandwidth huge', 'usage'],
    ['add /nonexistent.torrent', 'unreadable'],
    [`add ${MAGNET} ${MAGNET} --files 1`, 'usage'],
    ['add -', 'usage'],
    ['metainfo #1 -o -', 'usage'],
    ['nonsense', 'usage'],
    ['pause --nonsense', 'usage'],
    ['rename', 'usage'],
    ['category', 'usage'],
  ])('%s is refused as %s', async (line, code) => {
    const { problem } = await run(line)
    expect(problem).toMatchObject({ code, help: expect.stringMatching(/./) })
    expect(control.commands).toEqual([])
  })

  it('help lists the commands, and explains one', async () => {
    expect((await run('help')).lines.join('\n')).toMatch(/^ {2}pause {2,}pause torrents$/m)
    expect((await run('help pause')).lines[0]).toBe('Usage: pigeon pause [options] [torrent...]')
    expect((await run('pause --help')).lines[0]).toBe('Usage: pigeon pause [options] [torrent...]')
  })
})

describe('metainfo', () => {
  it('saves the file once, and replaces it only when it is told to', async () => {
    const path = join(folder.path, 'x.torrent')
    expect((await run(`metainfo #1 -o ${path}`)).lines).toEqual([`Saved as ${path}.`])
    expect(readFileSync(path, 'latin1')).toContain('4:info')
    const before = statSync(path).mtimeMs
    expect((await run(`metainfo #1 -o ${path}`)).problem?.code).toBe('bad-path')
    expect(statSync(path).mtimeMs).toBe(before)
    expect((await run(`metainfo #1 -o ${path} --force`)).problem).toBeNull()
    folder.remove()
  })
})
