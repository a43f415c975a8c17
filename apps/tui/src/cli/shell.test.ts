import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { serveControl, TOKEN } from '@pigeon/control/testing/served-control'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Finished, makeFolder, runPigeon, startPigeon } from '../testing/run-pigeon.ts'

let folder = makeFolder()
let control = new FakeControl()
let url = ''
const cleanups: (() => unknown)[] = []

beforeEach(async () => {
  folder = makeFolder()
  for (const name of ['CONFIG_HOME', 'STATE_HOME', 'RUNTIME_DIR', 'DATA_HOME']) {
    vi.stubEnv(`XDG_${name}`, join(folder.path, name))
  }
  for (const name of ['TOKEN', 'CONNECT', 'PROFILE']) vi.stubEnv(`PIGEON_${name}`, undefined)
  control = new FakeControl({ torrentCount: 4 })
  const served = await serveControl(control)
  url = served.url
  cleanups.push(() => served.close())
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  folder.remove()
})

function onNode(...words: readonly string[]): Promise<Finished> {
  return runPigeon(...words, '--connect', url, '--token', TOKEN)
}

function tokenFile(): string {
  const path = join(folder.path, 'token')
  writeFileSync(path, `${TOKEN}\n`, { mode: 0o600 })
  return path
}

describe('a command for a running node', () => {
  it('prints its answer to stdout and ends with 0', async () => {
    const { exitCode, stdout, stderr } = await onNode('list')
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')[0]).toMatch(/^name +id +state/)
    expect(stdout.split('\n')).toHaveLength(4 + 2)
  })

  it('prints one JSON object a line', async () => {
    const { stdout } = await onNode('list', '--json')
    const rows = stdout.trim().split('\n')
    expect(rows.map((row) => JSON.parse(row).id)).toEqual(control.torrents.map(({ id }) => id))
  })

  it('changes what it should', async () => {
    const { exitCode, stdout } = await onNode('pause', '#1')
    expect([exitCode, stdout]).toEqual([0, 'Paused debian-12.7.0-amd64-netinst.iso.\n'])
    expect(control.commands).toMatchObject([{ do: 'pause' }])
  })

  it('takes its flags before its name too', async () => {
    const { exitCode } = await runPigeon('--connect', url, '--token', TOKEN, 'pause', '#1')
    expect([exitCode, control.commands.length]).toEqual([0, 1])
  })

  it('says on stderr what went wrong, for programs as JSON', async () => {
    const forPeople = await onNode('pause', 'nothing')
    expect(forPeople).toMatchObject({ exitCode: 2, stdout: '' })
    expect(forPeople.stderr).toMatch(/^pigeon: No torrent is called nothing.*\n {2}Name it by/)
    const forPrograms = await onNode('pause', 'nothing', '--json')
    expect(forPrograms).toMatchObject({ exitCode: 2, stdout: '' })
    expect(JSON.parse(forPrograms.stderr)).toMatchObject({ problem: { code: 'not-found' } })
  })

  it('removes nothing without a yes', async () => {
    expect(await onNode('remove', '#1')).toMatchObject({ exitCode: 2 })
    expect(control.commands).toEqual([])
    expect(await onNode('remove', '#1', '--yes')).toMatchObject({ exitCode: 0 })
    expect(control.commands).toMatchObject([{ do: 'remove', deleteData: false }])
  })

  it('says so where there is nothing to remove', async () => {
    control = new FakeControl({ torrentCount: 0 })
    const served = await serveControl(control)
    cleanups.push(() => served.close())
    const words = ['remove', 'all', '--data', '--connect', served.url, '--token', TOKEN]
    const { exitCode, stdout } = await runPigeon(...words)
    expect([exitCode, stdout]).toEqual([0, 'There is nothing to remove.\n'])
  })

  it('quotes no control characters of what was typed', async () => {
    const { stderr } = await onNode('pause', '\u001b[2J\u202ex')
    expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  })
})

describe('which node', () => {
  it('is said to be none where there is none', async () => {
    const { exitCode, stderr } = await runPigeon('list')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('No node is named')
  })

  it('is the pigeond of this user, found by its token', async () => {
    const state = join(folder.path, 'STATE_HOME', 'pigeon', 'pigeond')
    mkdirSync(state, { recursive: true })
    writeFileSync(join(state, 'token'), TOKEN, { mode: 0o600 })
    const { stderr } = await runPigeon('list')
    expect(stderr).toMatch(/127\.0\.0\.1:9191/)
  })

  it('is the one in PIGEON_CONNECT, with PIGEON_TOKEN', async () => {
    vi.stubEnv('PIGEON_CONNECT', url)
    vi.stubEnv('PIGEON_TOKEN', TOKEN)
    expect(await runPigeon('list')).toMatchObject({ exitCode: 0 })
  })

  it('takes the token file that is named rather than PIGEON_TOKEN', async () => {
    vi.stubEnv('PIGEON_TOKEN', 'meant-for-another-node')
    const words = ['list', '--connect', url, '--token-file', tokenFile()]
    expect(await runPigeon(...words)).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it.each([
    ['nothing listens', 'http://127.0.0.1:1', TOKEN, 1, /Nothing listens at 127\.0\.0\.1:1/],
    ['it is no address', 'nonsense', TOKEN, 2, /not one/],
    ['the token is wrong', null, 'wrong-token-0123456789', 1, /does not accept the token/],
    ['the token is missing', null, '', 2, /no token/],
  ])('says when %s', async (_, address, token, code, message) => {
    const words = ['list', '--connect', address ?? url, ...(token === '' ? [] : ['--token', token])]
    const { exitCode, stderr } = await runPigeon(...words)
    expect(exitCode).toBe(code)
    expect(stderr).toMatch(message)
  })

  it('is no other web server', async () => {
    const server = createServer((_, response) => void response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const words = ['list', '--connect', `http://127.0.0.1:${port}`, '--token', TOKEN]
    expect((await runPigeon(...words)).stderr).toMatch(/not a Pigeon node/)
  })
})

describe('a profile', () => {
  it('is saved once and named from then on', async () => {
    const add = await runPigeon('profile', 'add', 'home', url, '--token-file', tokenFile())
    expect(add).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await runPigeon('list', '--profile', 'home')).toMatchObject({ exitCode: 0 })
    expect(await runPigeon('--profile', 'home', 'list')).toMatchObject({ exitCode: 0 })
    expect((await runPigeon('list')).exitCode).toBe(1)
    expect(await runPigeon('profile', 'default', 'home')).toMatchObject({ exitCode: 0 })
    expect(await runPigeon('list')).toMatchObject({ exitCode: 0 })
    expect((await runPigeon('list', '--profile', 'none')).exitCode).toBe(1)
    expect((await runPigeon('profile', 'list')).stdout).toMatch(/^\* home +http:/m)
    expect(await runPigeon('profile', 'remove', 'home')).toMatchObject({ exitCode: 0 })
    expect((await runPigeon('list')).exitCode).toBe(1)
  })

  it('with its token is for its owner alone, and never printed', async () => {
    await runPigeon('profile', 'add', 'home', url, '--token', TOKEN)
    const path = join(folder.path, 'CONFIG_HOME', 'pigeon', 'profiles.toml')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toContain(TOKEN)
    expect(await runPigeon('list', '--profile', 'home')).toMatchObject({ exitCode: 0 })
    for (const words of [
      ['profile', 'list'],
      ['profile', 'list', '--json'],
    ]) {
      expect((await runPigeon(...words)).stdout).not.toContain(TOKEN)
    }
  })

  it.each([
    [['profile', 'add', '../x', 'http://x'], 2],
    [['profile', 'add', 'none', 'http://x'], 2],
    [['profile', 'add', 'x', 'nonsense'], 2],
    [['profile', 'add', 'x', 'http://x', '--token', TOKEN, '--token-file', 'y'], 2],
    [['profile', 'remove', 'x'], 2],
    [['profile', 'default', 'x'], 2],
    [['list', '--profile', 'x'], 2],
  ])('%j is refused', async (words, code) => {
    const { exitCode, stderr } = await runPigeon(...words)
    expect(exitCode).toBe(code)
    expect(stderr).toMatch(/^pigeon: .*\n {2}\S/)
    expect(existsSync(join(folder.path, 'CONFIG_HOME'))).toBe(false)
  })

  it('file that is broken is never written over', async () => {
    const path = join(folder.path, 'CONFIG_HOME', 'pigeon', 'profiles.toml')
    mkdirSync(join(folder.path, 'CONFIG_HOME', 'pigeon'), { recursive: true })
    writeFileSync(path, '[profile.home\naddress = 1')
    expect((await runPigeon('profile', 'add', 'x', url)).exitCode).toBe(3)
    expect((await runPigeon('list')).exitCode).toBe(3)
    expect(readFileSync(path, 'utf8')).toBe('[profile.home\naddress = 1')
  })
})

describe('as a process', () => {
  const env = (): Record<string, string> => ({ PIGEON_CONNECT: url, PIGEON_TOKEN: TOKEN })

  it('watch prints what changes until it is interrupted, and that is no failure', async () => {
    const running = startPigeon(['watch'], env())
    await running.printed(/"kind":"snapshot"/)
    control.step()
    await running.printed(/"kind":"diff"/)
    running.process.kill('SIGINT')
    expect(await running.finished).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('metainfo writes the bytes of the file to stdout, and nothing else', async () => {
    const running = startPigeon(['metainfo', '#1', '-o', '-'], env())
    const { exitCode, stdout } = await running.finished
    expect([exitCode, stdout.slice(0, 8)]).toEqual([0, 'd4:infod'])
  })

  it('line mode reads commands, answers in sentences and draws nothing', async () => {
    const running = startPigeon(['--line'], env(), [
      'list --limit 1',
      'select #1',
      'pause',
      'remove',
      'no',
      'remove nothing',
      'pau?',
      'quit',
      'pause',
    ])
    const { exitCode, stdout } = await running.finished
    expect(stdout).toMatch(/debian-12\.7\.0-amd64-netinst\.iso, id \w{8}, state downloading, /)
    expect(stdout).toContain('Selected debian-12.7.0-amd64-netinst.iso.')
    expect(stdout).toContain('Paused debian-12.7.0-amd64-netinst.iso.')
    expect(stdout).toContain('The data stays. Type yes or no.')
    expect(stdout).toContain('Nothing was removed.')
    expect(stdout).toContain('pause: pause torrents')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(control.commands).toMatchObject([{ do: 'pause' }])
    // A command of the script failed.
    expect(exitCode).toBe(1)
  })
})
