import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { address, schedule, wholeNumber } from './setting-kinds.ts'
import {
  type OptionTable,
  describeOptions,
  resolveSettings,
  showSettingProblem,
} from './setting-sources.ts'
import { loadSettings, nodeOptions } from './settings.ts'
import { makeFolder } from './testing/sample-torrent.ts'

let folder: ReturnType<typeof makeFolder>

beforeEach(() => {
  folder = makeFolder()
})

afterEach(() => folder.remove())

function write(text: string): string {
  const path = join(folder.path, 'pigeond.toml')
  writeFileSync(path, text)
  return path
}

function load(text: string, flags: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  return loadSettings({ client: 'pigeond', flags, env, file: write(text) })
}

function settingsOf(result: ReturnType<typeof load>) {
  if (!result.ok) throw new Error(result.problems.map(showSettingProblem).join('\n'))
  return result.settings
}

function problemsOf(result: ReturnType<typeof load>): string[] {
  return result.ok ? [] : result.problems.map(showSettingProblem)
}

describe('where a setting comes from', () => {
  test('a flag wins over a variable, that over the file, that over the default', () => {
    const text = 'listen-port = 1\nmax-peers = 2\nmax-active = 3\n'
    const env = { PIGEON_LISTEN_PORT: '11', PIGEON_MAX_PEERS: '12' }
    const result = load(text, { listenPort: '21' }, env)
    expect(settingsOf(result)).toMatchObject({
      listenPort: 21,
      maxPeers: 12,
      maxActive: 3,
      listenHost: '::',
    })
    expect(result).toMatchObject({
      sources: {
        listenPort: 'flag',
        maxPeers: 'environment',
        maxActive: 'file',
        listenHost: 'default',
      },
    })
  })

  test('without any file all is default, and nothing is created', () => {
    const env = { XDG_CONFIG_HOME: folder.path, XDG_STATE_HOME: '/state' }
    const result = loadSettings({ client: 'pigeond', flags: {}, env })
    expect(result).toMatchObject({
      ok: true,
      file: null,
      settings: { state: '/state/pigeon/pigeond' },
    })
  })

  test('the file in the configuration folder is read without being named', () => {
    mkdirSync(join(folder.path, 'pigeon'))
    writeFileSync(join(folder.path, 'pigeon', 'pigeond.toml'), 'up-limit = "1 MiB"')
    const env = { XDG_CONFIG_HOME: folder.path }
    const result = loadSettings({ client: 'pigeond', flags: {}, env })
    expect(result).toMatchObject({ ok: true, settings: { upLimit: 1024 * 1024 } })
  })

  test('a file that was named and is not there is a problem', () => {
    const file = join(folder.path, 'no.toml')
    const result = loadSettings({ client: 'pigeond', flags: {}, env: {}, file })
    expect(problemsOf(result)).toEqual([
      `${file}: cannot read the configuration file: it is not there`,
    ])
  })

  test('a client adds options of its own', () => {
    const extra: OptionTable<{ controlPort: number; controlHost: string }> = {
      controlPort: { name: 'control-port', kind: wholeNumber(0, 9), fallback: 5, description: '' },
      controlHost: { name: 'control-host', kind: address, fallback: '::1', description: '' },
    }
    const file = write('control-port = 7')
    const result = loadSettings({ client: 'pigeond', flags: {}, env: {}, file, extra })
    expect(result).toMatchObject({ ok: true, settings: { controlPort: 7, controlHost: '::1' } })
  })
})

describe('what values may be', () => {
  test.each([
    ['down-limit = "2 MiB"', { downLimit: 2 * 1024 * 1024 }],
    ['down-limit = "1.5MB/s"', { downLimit: 1_500_000 }],
    ['down-limit = 500', { downLimit: 500 }],
    ['down-limit = "unlimited"', { downLimit: null }],
    ['min-announce = "5 min"', { minAnnounce: 300_000 }],
    ['min-announce = 30', { minAnnounce: 30_000 }],
    ['seed-time-goal = "2 h"', { seedTimeGoal: 7_200_000 }],
    ['ratio-goal = 1.5', { ratioGoal: 1.5 }],
    ['ratio-goal = "none"', { ratioGoal: null }],
    ['listen-host = "::1"', { listenHost: '::1' }],
    ['downloads = "/d/../e"', { downloads: '/e' }],
    ['downloads = "~/Filme"', { downloads: join(homedir(), 'Filme') }],
    ['log-level = "debug"', { logLevel: 'debug' }],
    ['dirty-bytes = "1 MiB"', { dirtyBytes: 1024 * 1024 }],
  ])('%s', (text, expected) => {
    expect(settingsOf(load(text))).toMatchObject(expected)
  })

  test.each([
    'listen-port = 65536',
    'listen-port = -1',
    'listen-port = "x"',
    'listen-port = 1.5',
    'listen-port = true',
    'listen-host = "localhost"',
    'down-limit = 0',
    'down-limit = "2 MiBi"',
    'min-announce = "0 s"',
    'max-peers = 0',
    'log-level = "loud"',
    'downloads = ""',
    'dirty-bytes = "1023 KiB"',
    'hash-workers = [1]',
  ])('%s is refused', (text) => {
    const [problem] = problemsOf(load(`\n${text}`))
    expect(problem).toContain(`${folder.path}/pigeond.toml:2:1: `)
    expect(problem).toContain('expected ')
  })
})

describe('problems in the file', () => {
  test('show the line with a mark, and all of them at once', () => {
    const text = '# mine\n\n  listen-prot = 5\nmax-peers = "many"\n'
    const path = join(folder.path, 'pigeond.toml')
    expect(problemsOf(load(text))).toEqual([
      `${path}:3:3: unknown option "listen-prot"; did you mean "listen-port"?\n3 |   listen-prot = 5\n      ^`,
      `${path}:4:1: max-peers: expected a whole number from 1 to 10000, not "many"\n4 | max-peers = "many"\n    ^`,
    ])
  })

  test('broken syntax is shown where it is', () => {
    const [problem] = problemsOf(load('max-peers = 5\nup-limit = = 3\n'))
    expect(problem).toMatch(/pigeond\.toml:2:12: .*\n2 \| up-limit = = 3\n {15}\^$/)
  })

  test('a table is no option', () => {
    expect(problemsOf(load('max-peers = 5\n[listen]\nport = 5\n'))[0]).toContain(
      'pigeond.toml:2:1: unknown option "listen"',
    )
  })

  test('names of the JavaScript object are unknown options like any other', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(load(`${name} = 5`).ok).toBe(false)
    }
  })
})

describe('problems elsewhere', () => {
  test('name the variable or the flag', () => {
    expect(problemsOf(load('', { listenPort: 'x' }, { PIGEON_MAX_PEERS: '-' }))).toEqual([
      '--listen-port: listen-port: expected a whole number from 0 to 65535, not "x"',
      'PIGEON_MAX_PEERS: max-peers: expected a whole number from 1 to 10000, not "-"',
    ])
  })

  test('a variable that sets nothing is a warning', () => {
    const result = load('', {}, { PIGEON_LISTEN_PROT: '5', PIGEON_CONFIG: '', PIGEON_TOKEN: 'x' })
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        'the variable PIGEON_LISTEN_PROT sets no option; did you mean PIGEON_LISTEN_PORT?',
      ],
    })
  })
})

test('an option of the file alone is not set by flags and variables, and says which part is wrong', () => {
  const schema = z.array(z.strictObject({ url: z.url() }))
  const kind = { placeholder: 'list', expected: 'a list', schema, show: JSON.stringify }
  const description = 'Addresses.'
  const table = {
    feeds: { name: 'feeds', kind, fallback: [], description, isFileOnly: true },
  } as const
  const flags = { feeds: [{ url: 'http://flag/' }] }
  const file = (text: string) => ({ path: '/f.toml', text })
  const resolved = resolveSettings<{ feeds: readonly { url: string }[] }>(table, {
    flags,
    env: { PIGEON_FEEDS: '[]' },
    file: file('[[feeds]]\nurl = "http://file/"\n'),
  })
  expect(resolved).toMatchObject({
    settings: { feeds: [{ url: 'http://file/' }] },
    warnings: [expect.stringMatching(/^the variable PIGEON_FEEDS sets no option/)],
  })
  const wrong = resolveSettings(table, { flags: {}, env: {}, file: file('\n[[feeds]]\nurl = "x"') })
  expect(wrong).toMatchObject({
    problems: [{ where: '/f.toml:2:1', message: expect.stringMatching(/^feeds\[0\]\.url: /) }],
  })
})

test('every option is described as flag, variable and key, with a default that reads back', () => {
  const table = nodeOptions({ state: '/s', downloads: '/d' })
  const options = describeOptions(table)
  expect(options.find(({ name }) => name === 'listen-port')).toEqual({
    key: 'listenPort',
    name: 'listen-port',
    flag: '--listen-port <port>',
    env: 'PIGEON_LISTEN_PORT',
    expected: 'a whole number from 0 to 65535',
    fallback: '0',
    description: 'The port on which peers reach us; 0 lets the system choose a free one.',
    isFileOnly: false,
  })
  const flags = Object.fromEntries(options.map(({ key, fallback }) => [key, fallback]))
  const result = loadSettings({ client: 'pigeond', flags, env: {}, file: write('') })
  const defaults = loadSettings({
    client: 'pigeond',
    flags: { state: '/s', downloads: '/d' },
    env: {},
    file: write(''),
  })
  expect(settingsOf(result)).toEqual(settingsOf(defaults))
})

describe('a schedule', () => {
  test.each([
    ['mon-fri 08:00-18:00', ['mon', 'tue', 'wed', 'thu', 'fri'], 480, 1080],
    ['sat,sun 22:30-06:00', ['sat', 'sun'], 1350, 360],
    ['daily 00:00-24:00', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 0, 0],
    ['FRI-mon 1', null, 0, 0],
    ['fri-mon 01:00-02:00', ['mon', 'fri', 'sat', 'sun'], 60, 120],
    ['sun,mon-tue 01:00-02:00', ['mon', 'tue', 'sun'], 60, 120],
    ['mon 25:00-26:00', null, 0, 0],
    ['mon 08:60-09:00', null, 0, 0],
    ['mon-tue-wed 08:00-09:00', null, 0, 0],
    ['someday 08:00-09:00', null, 0, 0],
    [', 08:00-09:00', null, 0, 0],
    ['', null, 0, 0],
  ])('written as "%s"', (text, days, fromMinute, toMinute) => {
    const found = schedule.schema.safeParse(text)
    const expected = days === null ? undefined : { days, fromMinute, toMinute }
    expect(found.data).toEqual(expected)
  })

  test.each([
    'mon-fri 08:00-18:00',
    'daily 00:30-07:00',
    'sat,sun 22:30-06:00',
    'mon,wed 01:00-02:00',
  ])('is shown as it can be written: %s', (text) => {
    expect(schedule.show(schedule.schema.parse(text))).toBe(text)
  })

  test('and alternative limits are set in each place', () => {
    const text = 'alt-down-limit = "1 MiB"\nalt-schedule = "mon-fri 08:00-18:00"\n'
    const env = { PIGEON_ALT_UP_LIMIT: '64 KiB', PIGEON_IDLE_GOAL: '2 h' }
    expect(settingsOf(load(text, { altSchedule: 'none' }, env))).toMatchObject({
      altDownLimit: 1_048_576,
      altUpLimit: 65_536,
      idleGoal: 7_200_000,
      altSchedule: null,
    })
    expect(problemsOf(load('alt-schedule = "always"'))[0]).toContain('mon-fri 08:00-18:00')
  })
})
