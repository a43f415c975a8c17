/** One contract, four ways to reach a node: each must give the same answers. */
import { afterEach, describe, expect, it } from 'vitest'
import { connectControl } from './connect.ts'
import type { Control, TorrentSummary, Update } from './contract.ts'
import { isProblem } from './problems.ts'
import { SessionControl } from './session-control.ts'
import { FakeControl } from './testing/fake-control.ts'
import { FakeSession } from './testing/fake-session.ts'
import { serveControl, TOKEN } from './testing/served-control.ts'
import { UpdateLog } from './testing/update-log.ts'

interface Opened {
  readonly control: Control
  /** Makes the node itself change a torrent. */
  change(id: string, fields: Partial<TorrentSummary>): void
  close(): Promise<void>
}

function openFake(): Promise<Opened> {
  const control = new FakeControl({ torrentCount: 12 })
  return Promise.resolve({
    control,
    change: (id, fields) => control.change(id, fields),
    close: () => control.close(),
  })
}

function openSession(): Promise<Opened> {
  const session = new FakeSession(12)
  const control = new SessionControl(session, {
    node: 'test 0.1.0',
    updateMs: 5,
    createTorrent: () =>
      Promise.resolve({ kind: 'created', bytes: Uint8Array.of(1), folder: '/data' }),
  })
  return Promise.resolve({
    control,
    change: (id, fields) => session.change(id, fields),
    close: () => control.close(),
  })
}

/** The same node, seen through a server. */
async function openFar(openNear: () => Promise<Opened>): Promise<Opened> {
  const near = await openNear()
  const served = await serveControl(near.control)
  const control = await connectControl(served.url, { token: TOKEN })
  if (isProblem(control)) throw new Error(control.message)
  return {
    control,
    change: (id, fields) => near.change(id, fields),
    close: async () => {
      await control.close()
      await served.close()
      await near.close()
      expect(served.errors).toEqual([])
    },
  }
}

const WAYS: readonly (readonly [string, () => Promise<Opened>])[] = [
  ['the fake control', openFake],
  ['the fake control, served and connected to', () => openFar(openFake)],
  ['a session in this process', openSession],
  ['a session, served and connected to', () => openFar(openSession)],
]

describe.each(WAYS)('%s', (_, open) => {
  let opened: Opened
  let log: UpdateLog

  async function begin(): Promise<readonly TorrentSummary[]> {
    opened = await open()
    log = new UpdateLog(opened.control)
    const { torrents } = await log.next('snapshot')
    return torrents
  }

  afterEach(async () => {
    log.stop()
    await opened.close()
  })

  it('begins with a snapshot of everything', async () => {
    const torrents = await begin()
    expect(torrents).toHaveLength(12)
    expect(new Set(torrents.map((torrent) => torrent.id)).size).toBe(12)
  })

  it('tells changes as diffs without a gap in their numbers', async () => {
    const [first, second] = await begin()
    opened.change(first?.id ?? '', { downRate: 4321 })
    const one = await log.next('diff')
    expect(one.changed).toEqual([{ ...first, downRate: 4321 }])
    opened.change(second?.id ?? '', { downRate: 99 })
    const other = await log.next('diff')
    expect(other.changed.map((torrent) => torrent.id)).toEqual([second?.id])
    expect(other.number).toBe(one.number + 1)
    expect(log.numbers).toEqual([one.number - 1, one.number, other.number])
  })

  it('gives who watches later the state of now', async () => {
    const [first] = await begin()
    opened.change(first?.id ?? '', { downRate: 777 })
    await log.next('diff')
    const late = new UpdateLog(opened.control)
    const snapshot = await late.next('snapshot')
    late.stop()
    expect(snapshot.torrents.find((torrent) => torrent.id === first?.id)?.downRate).toBe(777)
  })

  it('tells nothing to who stopped watching', async () => {
    const [first] = await begin()
    const updates: Update[] = []
    const stop = opened.control.watch((update) => updates.push(update))
    stop()
    opened.change(first?.id ?? '', { downRate: 555 })
    await log.next('diff')
    expect(updates).toEqual([])
  })

  it('pauses and resumes, and says so in diffs', async () => {
    const [first] = await begin()
    const ids = [first?.id ?? '']
    expect(await opened.control.run({ do: 'pause', ids })).toEqual({ ok: true, ids })
    expect((await log.next('diff')).changed[0]).toMatchObject({ id: ids[0], state: 'paused' })
    expect(await opened.control.run({ do: 'resume', ids })).toEqual({ ok: true, ids })
    expect((await log.next('diff')).changed[0]).toMatchObject({ state: 'downloading' })
  })

  it('refuses unknown torrents and does the others all the same', async () => {
    const [first] = await begin()
    const known = first?.id ?? ''
    const unknown = 'f'.repeat(64)
    const result = await opened.control.run({ do: 'pause', ids: [unknown, known] })
    expect(result).toMatchObject({ ok: false, problem: { code: 'unknown-torrent' }, ids: [known] })
    const alone = await opened.control.run({ do: 'recheck', ids: [unknown] })
    expect(alone).toMatchObject({ ok: false, problem: { code: 'unknown-torrent' }, ids: [] })
  })

  it('tells what was removed', async () => {
    const [first] = await begin()
    const ids = [first?.id ?? '']
    await opened.control.run({ do: 'remove', ids, deleteData: false })
    expect((await log.next('diff')).removed).toEqual(ids)
  })

  it('adds a magnet, a file and a folder to share, each under its new id', async () => {
    await begin()
    const uri = `magnet:?xt=urn:btih:${'0'.repeat(40)}`
    const added = [
      await opened.control.run({ do: 'add', source: { kind: 'magnet', uri }, isPaused: true }),
      await opened.control.run({
        do: 'add',
        source: { kind: 'metainfo', base64: 'ZGU=' },
        folder: '/data/ü & more',
        wantedFiles: [0, 2, 3, 4],
      }),
      await opened.control.run({ do: 'share', path: '/data/folder' }),
    ]
    for (const result of added) {
      expect(result.ok).toBe(true)
      expect(result.ids).toHaveLength(1)
    }
    const snapshot = await log.until((torrents) => torrents.size === 15)
    expect(snapshot.get(added[0]?.ids[0] ?? '')?.state).toBe('paused')
    expect(snapshot.get(added[1]?.ids[0] ?? '')?.folder).toBe('/data/ü & more')
  })

  it('refuses what is no command', async () => {
    await begin()
    // A command as another program might send it.
    const wrong = JSON.parse('{"do":"format-disk","ids":[],"__proto__":{"ok":true}}')
    const result = await opened.control.run(wrong)
    expect(result).toMatchObject({ ok: false, problem: { code: 'bad-command' }, ids: [] })
  })

  it('changes what holds for the whole node', async () => {
    await begin()
    const result = await opened.control.run({ do: 'set-session', downLimit: 5000, maxActive: 2 })
    expect(result).toEqual({ ok: true, ids: [] })
    expect((await log.next('diff')).session).toMatchObject({ downLimit: 5000, maxActive: 2 })
  })

  it('details a torrent that exists, and only that', async () => {
    const [first] = await begin()
    const detail = await opened.control.detail(first?.id ?? '')
    expect(detail?.summary).toEqual(first)
    expect(detail?.files.length).toBeGreaterThan(2)
    expect(await opened.control.detail('e'.repeat(40))).toBeNull()
    expect(await opened.control.detail('../session')).toBeNull()
  })

  it('gives the .torrent file, where there is one', async () => {
    const torrents = await begin()
    const magnet = torrents.find((torrent) => torrent.state === 'metadata')
    const other = torrents.find((torrent) => torrent.state === 'downloading')
    expect(await opened.control.metainfo(magnet?.id ?? '')).toBeNull()
    expect(await opened.control.metainfo('e'.repeat(40))).toBeNull()
    const bytes = await opened.control.metainfo(other?.id ?? '')
    expect(new TextDecoder().decode(bytes ?? undefined)).toContain(other?.id)
  })

  it('shows no text that could harm a screen', async () => {
    const torrents = await begin()
    const details = await Promise.all(torrents.map(({ id }) => opened.control.detail(id)))
    const refused = await opened.control.run({
      do: 'add',
      source: { kind: 'magnet', uri: 'x\u001b' },
    })
    const unfit = /[\p{Cc}\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/u
    for (const text of textsIn([torrents, details, refused])) expect(text).not.toMatch(unfit)
  })

  it('answers after its end that it is closed', async () => {
    await begin()
    await opened.control.close()
    const result = await opened.control.run({ do: 'pause', ids: ['f'.repeat(40)] })
    expect(result).toMatchObject({ ok: false, problem: { code: 'closed' } })
  })
})

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
