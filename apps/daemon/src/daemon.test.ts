/** The daemon as programs meet it: its API, its log, and what it keeps. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readTokenFile } from '@pigeon/control/bearer-token'
import { connectControl } from '@pigeon/control/connect'
import type { Control, TorrentSummary } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { createToken } from '@pigeon/control/token-book'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Daemon } from './daemon.ts'
import { ScratchHome } from './testing/scratch-home.ts'

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
})

afterEach(() => home.end())

async function tokenOf(daemon: Daemon): Promise<string> {
  const token = await readTokenFile(daemon.tokenFile)
  if (typeof token !== 'string') throw new Error(token.message)
  return token
}

async function controlOf(daemon: Daemon): Promise<Control> {
  const control = await connectControl(daemon.url, { token: await tokenOf(daemon) })
  if (isProblem(control)) throw new Error(control.message)
  home.onEnd(() => control.close())
  return control
}

function magnet(digit: string): string {
  return `magnet:?xt=urn:btih:${digit.repeat(40)}`
}

describe('the API', () => {
  it('turns away a wrong token with 401 and clear words', async () => {
    const { url } = await home.start()
    const token = 'wrong-token-0123456789'
    const answer = await fetch(`${url}/api/v1/session`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(401)
    const body = await answer.text()
    expect(body).toContain('The token is missing or wrong.')
    expect(body).toContain('pigeond token')
    expect(await connectControl(url, { token })).toMatchObject({ code: 'wrong-token' })
  })

  it('answers garbage without a 5xx and goes on', async () => {
    const daemon = await home.start()
    const token = await tokenOf(daemon)
    const statuses = new Set<number>()
    const random = numbers(7)
    for (let round = 0; round < 300; round += 1) {
      const path = ['commands', 'torrents', 'torrents?wanted=1', 'ticket/x'][round % 4]
      const type = ['application/json', 'application/x-bittorrent', 'text/plain'][random(3)] ?? ''
      const answer = await fetch(`${daemon.url}/api/v1/${path ?? ''}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
        body: garbage(random),
      })
      await answer.arrayBuffer()
      statuses.add(answer.status)
    }
    expect([...statuses].filter((status) => status < 400 || status >= 500)).toEqual([])
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200)
  })

  it('says in the words of the engine what is wrong with a torrent', async () => {
    const control = await controlOf(await home.start())
    const source = { kind: 'metainfo', base64: btoa('no torrent') } as const
    const result = await control.run({ do: 'add', source })
    expect(result).toMatchObject({ ok: false, problem: { code: 'bad-torrent' } })
    const uri = 'magnet:?xt=urn:btih:short'
    expect(await control.run({ do: 'add', source: { kind: 'magnet', uri } })).toMatchObject({
      problem: { code: 'bad-magnet' },
    })
  })
})

describe('folders that may be used', () => {
  it('are those below the roots, links followed, and no others', async () => {
    const root = join(home.path, 'allowed')
    await mkdir(root)
    await symlink('/', join(root, 'way-out'))
    const control = await controlOf(await home.start({ controlRoots: root }))
    const add = (folder: string) =>
      control.run({
        do: 'add',
        source: { kind: 'magnet', uri: magnet('d') },
        folder,
        isPaused: true,
      })
    for (const folder of ['/etc', `${root}/../elsewhere`, `${root}x`, `${root}/way-out/etc`]) {
      expect(await add(folder)).toMatchObject({ ok: false, problem: { code: 'not-allowed' } })
    }
    expect(await control.run({ do: 'share', path: '/etc/hostname' })).toMatchObject({
      problem: { code: 'not-allowed' },
    })
    expect(await add(`${root}/new/deeper`)).toMatchObject({ ok: true })
  })
})

describe('a token that may add', () => {
  async function adderOf(daemon: Daemon): Promise<Control> {
    const book = join(dirname(daemon.tokenFile), 'tokens.json')
    const made = await createToken(book, { name: 'adder', scope: 'add' })
    if (isProblem(made)) throw new Error(made.message)
    const control = await connectControl(daemon.url, { token: made.token })
    if (isProblem(control)) throw new Error(control.message)
    home.onEnd(() => control.close())
    return control
  }

  const refused = { ok: false, problem: { code: 'not-allowed' } }

  it('is kept to the folders of torrents, where no roots were named', async () => {
    const daemon = await home.start()
    const owner = await controlOf(daemon)
    const adder = await adderOf(daemon)
    const folder = join(home.path, 'films')
    await mkdir(folder)
    const add = (control: Control, digit: string) =>
      control.run({
        do: 'add',
        source: { kind: 'magnet', uri: magnet(digit) },
        folder,
        isPaused: true,
      })
    expect(await add(adder, 'a')).toMatchObject(refused)
    expect(await adder.browse(folder)).toMatchObject({ code: 'not-allowed' })
    expect(await adder.browse('/')).toMatchObject({ code: 'not-allowed' })
    expect(await add(owner, 'b')).toMatchObject({ ok: true })
    expect(await owner.browse('/')).toMatchObject({ path: '/' })
    await owner.run({ do: 'save-category', name: 'films', folder })
    expect(await add(adder, 'c')).toMatchObject({ ok: true })
    expect(await adder.browse(folder)).toMatchObject({ path: folder })
  })

  it('has nothing fetched from inside the house', async () => {
    const daemon = await home.start()
    const url = `${daemon.url}/healthz`
    const inside = { kind: 'url', url } as const
    const adder = await adderOf(daemon)
    expect(await adder.run({ do: 'add', source: inside })).toMatchObject(refused)
    expect(await adder.preview(inside)).toMatchObject({ code: 'not-allowed' })
    const owner = await controlOf(daemon)
    expect(await owner.preview(inside)).toMatchObject({ code: 'bad-torrent' })
  })
})

describe('folders that are shown', () => {
  it('are those below the roots', async () => {
    const root = join(home.path, 'allowed')
    await mkdir(join(root, 'inside'), { recursive: true })
    const control = await controlOf(await home.start({ controlRoots: root }))
    expect(await control.browse(null)).toMatchObject({ entries: [{ path: root }] })
    expect(await control.browse(root)).toMatchObject({ entries: [{ name: 'inside' }] })
    expect(await control.browse('/etc')).toMatchObject({ code: 'not-allowed' })
  })
})

describe('what it keeps and gives', () => {
  it('is there after a restart, with the same token', async () => {
    const first = await home.start()
    const token = await tokenOf(first)
    const source = { kind: 'magnet', uri: `${magnet('c')}&dn=kept` } as const
    const added = await (await controlOf(first)).run({ do: 'add', source, isPaused: true })
    expect(added).toEqual({ ok: true, ids: ['c'.repeat(40)] })
    expect(await first.stop('test')).toBe(true)

    const second = await home.start()
    expect(await tokenOf(second)).toBe(token)
    const detail = await (await controlOf(second)).detail('c'.repeat(40))
    expect(detail?.summary).toMatchObject({ name: 'kept', state: 'paused' })
  })

  it('reaches a second daemon byte for byte', async () => {
    const shared = join(home.path, 'shared')
    await mkdir(shared)
    await writeFile(join(shared, 'one.txt'), 'one'.repeat(50_000))
    await writeFile(join(shared, 'empty'), '')
    const seeder = await home.start()
    const control = await controlOf(seeder)
    const made = await control.run({ do: 'share', path: shared })
    expect(made).toMatchObject({ ok: true })
    const id = made.ids[0] ?? ''
    const metainfo = await control.metainfo(id)

    const downloads = join(home.path, 'got')
    const leecher = await home.start({ state: join(home.path, 'other'), downloads })
    const other = await controlOf(leecher)
    const base64 = Buffer.from(metainfo ?? []).toString('base64')
    const source = { kind: 'metainfo', base64 } as const
    const added = await other.run({ do: 'add', source, peers: [seeder.listening ?? ''] })
    expect(added).toEqual({ ok: true, ids: [id] })
    await until(other, (torrent) => torrent.state === 'seeding')
    expect(await readFile(join(downloads, 'shared/one.txt'), 'utf8')).toBe('one'.repeat(50_000))
    expect(await readFile(join(downloads, 'shared/empty'), 'utf8')).toBe('')
  }, 30_000)
})

describe('the log', () => {
  it('is one JSON object a line, without the token and without foreign controls', async () => {
    const daemon = await home.start({ logLevel: 'debug' })
    const token = await tokenOf(daemon)
    daemon.log.write('warn', 'peer\nsaid', { text: 'a\u001b[2Jb\r\nlevel: forged', token })
    daemon.log.bug('crashed', new Error('on\u0007purpose'))
    await daemon.stop('test')
    const text = await readFile(join(home.path, 'log.jsonl'), 'utf8')
    expect(text).not.toContain(token)
    const lines = text.trim().split('\n').map(parse)
    expect(lines.map((line) => line['event'])).toEqual(
      expect.arrayContaining(['started', 'peer␊said', 'crashed', 'stopping', 'stopped']),
    )
    const said = lines.find((line) => line['event'] === 'peer␊said')
    expect(said).toMatchObject({ level: 'warn', text: 'a␛[2Jb␍␊level: forged' })
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}]|\\u00/u)
  })
})

function parse(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line)
}

function until(control: Control, isReached: (torrent: TorrentSummary) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = control.watch((update) => {
      if (update.kind === 'offline') return
      const torrents = update.kind === 'snapshot' ? update.torrents : update.changed
      if (!torrents.some(isReached)) return
      stop()
      resolve()
    })
  })
}

/** Always the same numbers for a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const WORDS = [
  ...['{', '}', '[', ']', ':', ',', '"do"', '"add"', '"source"', '"kind"', '"magnet"', '"uri"'],
  ...['-1', '1e999', 'null', '"\\u0000"', '"__proto__"', 'd4:info', 'e', '\u0000'],
]

function garbage(random: (below: number) => number): string {
  return Array.from({ length: random(40) }, () => WORDS[random(WORDS.length)] ?? '').join('')
}
