/** pigeond as programs meet it that were written for Transmission or qBittorrent. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QBittorrent } from '@ctrl/qbittorrent'
import { Transmission } from '@ctrl/transmission'
import { createTorrent } from '@pigeon/node/create-torrent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DaemonProcess } from '../testing/daemon-process.ts'
import { QUIET, ScratchHome } from '../testing/scratch-home.ts'

/** These tests start processes, on machines that may be busy. */
const PATIENCE_MS = 120_000
const PASSWORD = 'correct horse'
const REMOTE = '/usr/bin/transmission-remote'
const BOTH = ['--transmission-rpc', 'true', '--qbittorrent-api', 'true'] as const

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
})

afterEach(() => home.end(), PATIENCE_MS)

async function passwordFile(text = `${PASSWORD}\n`, mode = 0o600): Promise<string> {
  const path = join(home.path, 'password')
  await writeFile(path, text, { mode })
  return path
}

function start(...args: readonly string[]): DaemonProcess {
  const daemon = new DaemonProcess(home, [...QUIET, ...args])
  home.onEnd(() => daemon.end())
  return daemon
}

/** With both APIs, a name and a password; answers where it is to be found. */
async function startBoth(): Promise<string> {
  const daemon = start(
    ...BOTH,
    '--rpc-username',
    'ana',
    '--rpc-password-file',
    await passwordFile(),
  )
  return String((await daemon.event('started'))['control'])
}

async function token(): Promise<string> {
  return (await readFile(join(home.stateFolder, 'token'), 'utf8')).trim()
}

/** A folder with two files in the download folder, and the torrent of it. */
async function makeTorrent(): Promise<{ readonly bytes: Uint8Array; readonly file: string }> {
  const folder = join(home.path, 'downloads/shared')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'one.txt'), 'one'.repeat(50_000))
  await writeFile(join(folder, 'two.txt'), 'two')
  const made = await createTorrent(folder, { createdBy: 'a test' })
  if (made.kind !== 'created') throw new Error('The torrent was not made.')
  const file = join(home.path, 'shared.torrent')
  await writeFile(file, made.bytes)
  return { bytes: made.bytes, file }
}

describe('the APIs of other programs', { timeout: PATIENCE_MS }, () => {
  it('are off unless they are switched on', async () => {
    const { url } = await home.start()
    const headers = { Authorization: `Bearer ${await token()}` }
    for (const path of ['transmission/rpc', 'api/v2/app/version']) {
      expect((await fetch(`${url}/${path}`, { headers })).status).toBe(404)
    }
  })

  it('take the name and password of the settings, or a token, and nothing else', async () => {
    const url = await startBoth()
    const status = async (name: string, secret: string) => {
      const Authorization = `Basic ${btoa(`${name}:${secret}`)}`
      const answers = [
        await fetch(`${url}/transmission/rpc`, { headers: { Authorization } }),
        await fetch(`${url}/api/v2/app/version`, { headers: { Authorization } }),
      ]
      return answers.map((answer) => answer.status)
    }
    expect(await status('ana', PASSWORD)).toEqual([409, 200])
    expect(await status('anything', await token())).toEqual([409, 200])
    expect(await status('ana', 'wrong')).toEqual([401, 403])
    expect(await status('pigeon', PASSWORD)).toEqual([401, 403])
  })

  it('do not start with a password file that others can read, or that holds a short one', async () => {
    const daemon = start(...BOTH, '--rpc-password-file', await passwordFile(`${PASSWORD}\n`, 0o644))
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.stderr).toContain('can be read by other users')
    await rm(join(home.path, 'password'))
    const rpcPasswordFile = await passwordFile('short\n')
    await expect(home.start({ transmissionRpc: 'true', rpcPasswordFile })).rejects.toThrow(
      /less than 8/,
    )
  })
})

describe('clients of Transmission', { timeout: PATIENCE_MS }, () => {
  it('seed, label, move and remove a torrent of a daemon', async () => {
    const { bytes } = await makeTorrent()
    const client = new Transmission({
      baseUrl: await startBoth(),
      username: 'ana',
      password: PASSWORD,
    })
    const folder = join(home.path, 'downloads')
    const added = await client.addTorrent(Buffer.from(bytes).toString('base64'), {
      'download-dir': folder,
    })
    const { hashString } = added.arguments['torrent-added']
    await until(async () => (await client.getTorrent(hashString)).isCompleted)
    const again = await client.addTorrent(Buffer.from(bytes).toString('base64'), {
      'download-dir': folder,
    })
    expect(again.arguments).toMatchObject({
      'torrent-duplicate': { hashString, id: 1, name: 'shared' },
    })
    await client.setTorrent(hashString, {
      labels: ['kept', 'iso'],
      seedRatioLimit: 2,
      seedRatioMode: 1,
    })
    const torrent = await client.getTorrent(hashString)
    expect(torrent).toMatchObject({
      name: 'shared',
      progress: 1,
      savePath: folder,
      totalSize: 150_003,
    })
    expect(torrent.raw).toMatchObject({
      labels: ['iso', 'kept'],
      seedRatioLimit: 2,
      haveValid: 150_003,
    })
    await client.moveTorrent(hashString, join(home.path, 'moved'))
    await until(async () => existsSync(join(home.path, 'moved/shared/one.txt')))
    await client.setSession({ 'speed-limit-up': 77, 'speed-limit-up-enabled': true })
    const session = await client.getSession()
    expect(session.arguments).toMatchObject({
      'speed-limit-up': 77,
      'speed-limit-up-enabled': true,
    })
    await client.removeTorrent(hashString, true)
    expect((await client.getAllData()).torrents).toEqual([])
    await until(async () => !existsSync(join(home.path, 'moved/shared')))
  })

  it('include the one that Debian ships', async (context) => {
    if (!existsSync(REMOTE)) {
      expect(process.env['CI'], 'transmission-remote is not installed').toBeUndefined()
      console.warn('transmission-remote is not installed: that it drives pigeond is NOT tested.')
      context.skip('transmission-remote is not installed')
    }
    const { file } = await makeTorrent()
    const { port } = new URL(await startBoth())
    const remote = (...args: readonly string[]): Promise<string> =>
      new Promise((resolve) => {
        const all = [port, '-n', `ana:${PASSWORD}`, ...args]
        execFile(REMOTE, all, { env: { LC_ALL: 'C.UTF-8' } }, (_, out, err) => resolve(out + err))
      })
    expect(await remote('-a', file, '-w', join(home.path, 'downloads'))).toContain(
      'responded: "success"',
    )
    await until(async () => /1 +100% +150\.0 kB +Done .* Idle +shared/.test(await remote('-l')))
    expect(await remote('-t', '1', '-i')).toMatch(
      /State: Idle[^]*Have: 150\.0 kB \(150\.0 kB verified\)[^]*Creator: a test/,
    )
    expect(await remote('-t', '1', '-f')).toMatch(/100% Normal +Yes +150\.0 kB +shared\/one\.txt/)
    expect(await remote('-si')).toMatch(/Daemon version: 4\.1\.0 \(pigeond /)
    expect(await remote('-st')).toContain('Started 1 times')
    await remote('-t', '1', '-S')
    await until(async () => /1 +100% .* Stopped +shared/.test(await remote('-l')))
    await remote('-t', '1', '-rad')
    await until(async () => !/shared/.test(await remote('-l')))
    await until(async () => !(await readdir(join(home.path, 'downloads'))).includes('shared'))
  })
})

it(
  'clients of qBittorrent add, watch, tag and remove a torrent of a daemon',
  async () => {
    const { bytes } = await makeTorrent()
    const client = new QBittorrent({
      baseUrl: await startBoth(),
      username: 'ana',
      password: PASSWORD,
    })
    const options = { category: 'kept', savepath: join(home.path, 'downloads') }
    expect(await client.addTorrent(Uint8Array.from(bytes), options)).toBe(true)
    // What is complete waits in the queue for its turn before it seeds.
    await until(async () => (await client.getAllData()).torrents[0]?.raw.state === 'stalledUP')
    const [torrent] = (await client.getAllData()).torrents
    const hash = torrent?.id ?? ''
    expect(torrent).toMatchObject({
      name: 'shared',
      label: 'kept',
      progress: 1,
      totalSize: 150_003,
    })
    expect(torrent?.raw).toMatchObject({ content_path: join(home.path, 'downloads/shared') })
    expect(await client.torrentFiles(hash)).toHaveLength(2)
    const before = await client.getSyncMainData(0)
    await client.addTorrentTags(hash, 'iso')
    const after = await client.getSyncMainData(before.rid)
    expect(after).toMatchObject({ tags: ['iso'], torrents: { [hash]: { tags: 'iso' } } })
    await client.removeTorrent(hash, true)
    expect((await client.getAllData()).torrents).toEqual([])
  },
  PATIENCE_MS,
)

/** Asks again and again: these APIs have no other way to hear of a change. */
async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setImmediate(resolve))
}
