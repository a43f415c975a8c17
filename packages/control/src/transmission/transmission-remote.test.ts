/** Every command of Debian's transmission-remote, as its users type it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installed } from '../compat/testing/installed.ts'
import {
  ACCESS,
  PASSWORD,
  type RemoteServer,
  serveRemote,
  USERNAME,
} from '../compat/testing/serve-remote.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { transmissionRoutes } from './routes.ts'

const PROGRAM = installed('transmission-remote')

if (PROGRAM === null) {
  it('needs transmission-remote to test that it drives the RPC', (context) => {
    expect(process.env['CI'], 'transmission-remote is not installed').toBeUndefined()
    console.warn('transmission-remote is not installed: that it drives the RPC is NOT tested.')
    context.skip('transmission-remote is not installed')
  })
}

describe.runIf(PROGRAM !== null)('transmission-remote', () => {
  let control: FakeControl
  let server: RemoteServer
  let folder: string
  let updates: number
  /** Of the torrents 1 to 12, by age as the numbers are. */
  let ids: readonly string[]

  beforeEach(async () => {
    updates = 0
    control = new FakeControl()
    ids = control.torrents.toSorted((a, b) => a.addedAtMs - b.addedAtMs).map(({ id }) => id)
    folder = await mkdtemp(join(tmpdir(), 'pigeon-rpc-'))
    server = await serveRemote(control, (onError) =>
      transmissionRoutes(control, {
        ...{ access: ACCESS, node: 'fake 0.1.0', onError },
        updateBlocklist: () => {
          updates += 1
          return Promise.resolve(null)
        },
      }),
    )
  })

  afterEach(async () => {
    await server.close()
    await rm(folder, { recursive: true })
    expect(server.errors).toEqual([])
  })

  function remote(...args: readonly string[]): Promise<string> {
    const auth = ['-n', `${USERNAME}:${PASSWORD}`]
    return new Promise((resolve) => {
      const options = { env: { TZ: 'UTC', LC_ALL: 'C.UTF-8' }, timeout: 30_000 }
      execFile(
        PROGRAM ?? '',
        [String(server.port), ...auth, ...args],
        options,
        (_, stdout, stderr) => resolve(stdout + stderr),
      )
    })
  }

  /** The commands that reached the node, of torrents by their numbers. */
  function reached(): readonly unknown[] {
    return control.commands.map((command) => JSON.parse(JSON.stringify(command)))
  }

  const one = (): string[] => [ids[0] ?? '']

  it('lists all torrents with their numbers, shares and names', async () => {
    const lines = (await remote('-l')).trim().split('\n')
    expect(lines).toHaveLength(14)
    expect(lines[0]).toMatch(/ID +Done +Have +ETA +Up +Down +Ratio +Status +Name/)
    const seeding = control.torrents.find(({ state }) => state === 'seeding')
    const number = ids.indexOf(seeding?.id ?? '') + 1
    expect(lines.find((line) => line.trim().startsWith(`${number} `))).toMatch(/100%.*Done.*Idle/)
    expect(lines.find((line) => line.includes('Stopped'))).toBeDefined()
    expect(lines.find((line) => line.includes('Verifying'))).toBeDefined()
  })

  it('shows a torrent, its files, peers, pieces and trackers', async () => {
    const downloading = control.torrents.find(({ state }) => state === 'downloading')
    const number = String(ids.indexOf(downloading?.id ?? '') + 1)
    const info = await remote('-t', number, '-i')
    expect(info).toContain(`Hash: ${downloading?.id}`)
    expect(info).toContain('Location: /home/ana/Downloads')
    expect(info).toMatch(/Piece Size: 1.00 MiB/)
    expect(info).toContain('Creator: FakeControl')
    const files = await remote('-t', number, '-f')
    expect(files).toContain(`(6 files):`)
    expect(files).toMatch(/0: +\d+% Normal +Yes .*readme.txt/)
    expect(files).toMatch(/2: +\d+% Normal +No /)
    expect(await remote('-t', number, '-if')).toBe(files)
    const peers = (await remote('-t', number, '-ip')).trim().split('\n')
    expect(peers).toHaveLength(1 + (downloading?.peersConnected ?? 0))
    expect(peers[1]).toMatch(/198\.51\.100\.1 .*Pigeon 0\.1\.0/)
    expect(peers[2]).toMatch(/2001:db8::2 .*I.*Transmission 4\.0\.5/)
    expect(await remote('-t', number, '-ic')).toMatch(/( [01]{8}){8}/)
    const trackers = await remote('-t', number, '-it')
    expect(trackers).toContain('Tracker 0: http://tracker.example:6969')
    expect(trackers).toMatch(/Tracker had 12 seeders and 30 leechers/)
    expect(trackers).toContain('torrent not registered')
  })

  it('shows the session and its counts', async () => {
    const shown = await remote('-si')
    expect(shown).toContain('Daemon version: 4.1.0 (fake 0.1.0)')
    expect(shown).toContain('RPC version: 18')
    expect(shown).toContain('Download directory: /home/ana/Downloads')
    expect(shown).toContain('Listenport: 6881')
    expect(shown).toContain('Peer limit: 200')
    expect(shown).toContain('Unlimited (Disabled limit: 100 kB/s; Disabled turtle limit: 262 kB/s)')
    const stats = await remote('-st')
    expect(stats).toMatch(/CURRENT SESSION\n +Uploaded: +2\.10 GB\n +Downloaded: +5\.24 GB/)
    expect(stats).toMatch(/TOTAL\n.*\n +Uploaded: +1\.26 TB/)
  })

  const SUCCESS = /responded: "success"/
  const all = (): string[] => [...ids]

  it.each<[string, readonly string[], () => unknown]>([
    ['--start', ['-t1', '-s'], () => ({ do: 'resume', ids: one(), isForced: false })],
    ['--stop', ['-t1', '-S'], () => ({ do: 'pause', ids: one() })],
    ['--stop for all', ['-tall', '-S'], () => ({ do: 'pause', ids: all() })],
    ['--verify', ['-t1', '-v'], () => ({ do: 'recheck', ids: one() })],
    ['--reannounce', ['-t1', '--reannounce'], () => ({ do: 'reannounce', ids: one() })],
    ['--remove', ['-t1', '-r'], () => ({ do: 'remove', ids: one(), deleteData: false })],
    [
      '--remove-and-delete',
      ['-t1', '-rad'],
      () => ({ do: 'remove', ids: one(), deleteData: true }),
    ],
    ['--move', ['-t1', '--move', '/srv/x'], () => ({ do: 'move', ids: one(), folder: '/srv/x' })],
    ['--labels', ['-t1', '-L', 'new'], () => expect.objectContaining({ do: 'tag', add: ['new'] })],
    ['--honor-session', ['-t1', '-hl'], () => limits({ ignoresSession: false })],
    ['--no-honor-session', ['-t1', '-HL'], () => limits({ ignoresSession: true })],
    ['--downlimit', ['-t1', '-d', '50'], () => limits({ down: 50_000 })],
    ['--uplimit', ['-t1', '-u', '7'], () => limits({ up: 7_000 })],
    ['--seedratio', ['-t1', '-sr', '1.5'], () => limits({ ratio: 1.5 })],
    ['--no-seedratio', ['-t1', '-SR'], () => limits({ ratio: 'never' })],
    ['--seedratio-default', ['-t1', '-srd'], () => limits({ ratio: null })],
    ['--peers', ['-t1', '-pr', '20'], () => limits({ maxPeers: 20 })],
    ['--bandwidth-high', ['-t1', '-Bh'], () => limits({ priority: 'high' })],
    ['--bandwidth-normal', ['-t1', '-Bn'], () => limits({ priority: 'normal' })],
    ['--bandwidth-low', ['-t1', '-Bl'], () => limits({ priority: 'low' })],
    ['--downlimit of the session', ['-d', '50'], () => session({ downLimit: 50_000 })],
    ['--uplimit of the session', ['-u', '9'], () => session({ upLimit: 9_000 })],
    ['--peers of the session', ['-pr', '99'], () => session({ maxPeers: 99 })],
    ['--alt-speed', ['-as'], () => session({ isAlternativeOn: true })],
    ['--no-alt-speed', ['-AS'], () => session({ isAlternativeOn: false })],
    ['--alt-speed-downlimit', ['-asd', '10'], () => session({ altDownLimit: 10_000 })],
    ['--alt-speed-uplimit', ['-asu', '11'], () => session({ altUpLimit: 11_000 })],
    [
      '--alt-speed-scheduler',
      [
        '-asc',
        '--alt-speed-time-begin',
        '2230',
        '--alt-speed-time-end',
        '0600',
        '--alt-speed-days',
        '1,7',
      ],
      () => session({ altSchedule: { days: ['sun', 'mon'], fromMinute: 1350, toMinute: 360 } }),
    ],
    ['--global-seedratio', ['-gsr', '2.5'], () => session({ ratioGoal: 2.5 })],
    ['--download-dir', ['-w', '/srv/new'], () => session({ defaultFolder: '/srv/new' })],
    ['--exit', ['--exit'], () => ({ do: 'shut-down' })],
  ])('%s reaches the node', async (_, args, command) => {
    expect(await remote(...args)).toMatch(SUCCESS)
    expect(reached()).toEqual([command()])
  })

  function limits(changed: object): unknown {
    return { do: 'set-limits', ids: one(), limits: changed }
  }

  function session(changed: object): unknown {
    return { do: 'set-session', ...changed }
  }

  it('switches limits off that were on, and knows their number still', async () => {
    await remote('-t1', '-d', '50')
    expect(await remote('-t1', '-D')).toMatch(SUCCESS)
    expect(reached().at(-1)).toEqual(limits({ down: null }))
    expect(await remote('-t1', '-i')).toContain('Download Limit: Unlimited')
    await remote('-u', '9', '-gsr', '3')
    expect(await remote('-U', '-GSR')).toMatch(SUCCESS)
    expect(reached().at(-1)).toEqual(session({ upLimit: null, ratioGoal: null }))
    expect(await remote('-si')).toContain('Unlimited (Disabled limit: 9 kB/s')
    await remote('-asc')
    await remote('-ASC')
    expect(reached().at(-1)).toEqual(session({ altSchedule: null }))
  })

  it('chooses files and their priorities', async () => {
    const withFiles = control.torrents.find(({ state }) => state === 'downloading')
    const number = String(ids.indexOf(withFiles?.id ?? '') + 1)
    await remote('-t', number, '-G', '0,1')
    await remote('-t', number, '-g', '2')
    await remote('-t', number, '-ph', '3', '-pl', '4')
    await remote('-t', number, '-pn', '3')
    await remote('-t', number, '-g', 'all')
    const files = (...choices: readonly unknown[]) => ({
      do: 'set-files',
      id: withFiles?.id,
      files: choices,
    })
    expect(reached()).toEqual([
      files({ index: 0, priority: 'skip' }, { index: 1, priority: 'skip' }),
      files({ index: 2, priority: 'normal' }),
      files({ index: 3, priority: 'high' }, { index: 4, priority: 'low' }),
      files({ index: 3, priority: 'normal' }),
      files({ index: 0, priority: 'normal' }, { index: 1, priority: 'normal' }),
    ])
    expect(await remote('-t', number, '-ph', '99')).toContain('there is no file 99')
  })

  it('adds and removes trackers', async () => {
    expect(await remote('-t1', '-td', 'http://new.example/announce')).toMatch(SUCCESS)
    expect(await remote('-t1', '-tr', '0')).toMatch(SUCCESS)
    const tiers = ['udp://tracker.example:6969', 'http://new.example/announce']
    expect(reached().at(-1)).toEqual({
      do: 'set-trackers',
      id: ids[0],
      tiers: tiers.map((url) => [url]),
    })
    expect(await remote('-t1', '-tr', '17')).toContain('there is no tracker 17')
  })

  it('adds files, magnets and addresses, paused or not and with a folder', async () => {
    const file = join(folder, 'one.torrent')
    await writeFile(file, 'd4:infod4:name1:aee')
    expect(await remote('-a', file, '-w', '/srv/films')).toMatch(SUCCESS)
    const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}`
    expect(await remote('-a', magnet)).toMatch(SUCCESS)
    // This program says it of the session, before it adds.
    const url = 'http://93.184.216.34/x.torrent'
    expect(await remote('--start-paused', '-a', url)).toMatch(SUCCESS)
    const base64 = Buffer.from('d4:infod4:name1:aee').toString('base64')
    expect(reached()).toEqual([
      { do: 'add', source: { kind: 'metainfo', base64 }, folder: '/srv/films' },
      { do: 'add', source: { kind: 'magnet', uri: magnet } },
      { do: 'add', source: { kind: 'url', url }, isPaused: true },
    ])
  })

  it('adds no file of the machine of the node and nothing from inside the house', async () => {
    expect(await remote('-a', '/etc/hostname.torrent')).toContain('are not read')
    for (const host of ['127.0.0.1', '[::1]', '192.168.0.1', '169.254.169.254', 'localhost']) {
      expect(await remote('-a', `http://${host}/x.torrent`)).toContain('is not fetched')
    }
    expect(reached()).toEqual([])
  })

  it.each([
    ['--cache', ['-e', '8'], 'cache-size-mb'],
    ['--port', ['-p', '1234'], 'peer-port'],
    ['--random-port', ['-P'], 'peer-port-random-on-start'],
    ['--incomplete-dir', ['-c', '/srv/part'], 'incomplete-dir'],
    [
      '--torrent-done-script',
      ['--torrent-done-script', '/bin/true'],
      'script-torrent-done-filename',
    ],
    ['--trash-torrent', ['--trash-torrent'], 'trash-original-torrent-files'],
  ])('%s is refused in words, for it cannot be done here', async (_, args, name) => {
    const said = await remote(...args)
    expect(said).toContain('cannot be set here')
    expect(said).toContain(name)
    expect(reached()).toEqual([])
  })

  it.each([
    ['--no-incomplete-dir', ['-C']],
    ['--no-torrent-done-script', ['--no-torrent-done-script']],
    ['--no-trash-torrent', ['--no-trash-torrent']],
    ['--no-start-paused', ['--no-start-paused']],
  ])('%s is so already', async (_, args) => {
    expect(await remote(...args)).toMatch(SUCCESS)
    expect(reached()).toEqual([])
  })

  it.each([
    ['--dht', ['-o'], { isDhtOn: true }],
    ['--no-dht', ['-O'], { isDhtOn: false }],
    ['--pex', ['-x'], { isPexOn: true }],
    ['--no-pex', ['-X'], { isPexOn: false }],
    ['--lpd', ['-y'], { isLsdOn: true }],
    ['--no-lpd', ['-Y'], { isLsdOn: false }],
    ['--utp', ['--utp'], { isUtpOn: true }],
    ['--no-utp', ['--no-utp'], { isUtpOn: false }],
    ['--portmap', ['-m'], { isPortMappingOn: true }],
    ['--no-portmap', ['-M'], { isPortMappingOn: false }],
    ['--encryption-required', ['-er'], { encryption: 'require' }],
    ['--encryption-preferred', ['-ep'], { encryption: 'prefer' }],
    ['--encryption-tolerated', ['-et'], { encryption: 'off' }],
  ])('%s switches it, and is shown', async (_, args, change) => {
    expect(await remote(...args)).toMatch(SUCCESS)
    expect(reached()).toEqual([{ do: 'set-session', ...change }])
    const shown = await remote('-si')
    const encryption: Readonly<Record<string, string>> = {
      require: 'required',
      prefer: 'preferred',
      off: 'tolerated',
    }
    for (const [key, value] of Object.entries(change)) {
      const says = typeof value === 'boolean' ? (value ? 'Yes' : 'No') : encryption[value]
      expect(shown).toMatch(new RegExp(`${SHOWN[key]}: ${says}`))
    }
  })

  const SHOWN: Readonly<Record<string, string>> = {
    isDhtOn: 'Distributed hash table enabled',
    isPexOn: 'Peer exchange allowed',
    isLsdOn: 'Local peer discovery enabled',
    isUtpOn: 'uTP enabled',
    isPortMappingOn: 'Portforwarding enabled',
    encryption: 'Encryption',
  }

  it('learns whether the port is open from who came in, and loads the blocklist anew', async () => {
    expect(await remote('-pt')).toContain('Port is open: Yes')
    expect(await remote('--blocklist-update')).toMatch(SUCCESS)
    expect(updates).toBe(1)
  })

  it('is told that there is no search for data elsewhere', async () => {
    expect(await remote('-t1', '--find', '/srv/x')).toContain('only moves')
    expect(reached()).toEqual([])
  })
})
