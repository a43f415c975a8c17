import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { serveControl, TOKEN } from '@pigeon/control/testing/served-control'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { hasTmux, openTmux, type TmuxTerminal } from '../testing/tmux.ts'

/** Only an upper bound, for machines under load. */
const PATIENCE_MS = 120_000
const APP = join(import.meta.dirname, '..', '..')
const CACHE = join(APP, 'node_modules', '.cache')
const BUILD = join(CACHE, 'terminal-test')
/** The tabs of the details, and what shows that they are open. */
const DETAIL_KEYS = [
  ['2', /Get +Done +Size/],
  ['3', /Peer +Has/],
  ['4', /tracker\.example/],
  ['5', /pieces of/],
  ['6', /info +Added\./],
] as const
const WINDOWS = [
  [160, 50, /Ratio Peers/],
  [80, 24, /Up +Peers\n/],
  [200, 50, /Category/],
  [50, 12, /Name +State +Done +Down\n/],
] as const
const MARK = /^code \d+$/m

if (!hasTmux()) {
  it('needs tmux to test what pigeon does to a terminal', (context) => {
    expect(process.env['CI'], 'tmux is not installed').toBeUndefined()
    console.warn('tmux is not installed: what pigeon does to a terminal is NOT tested.')
    context.skip('tmux is not installed')
  })
}

describe.runIf(hasTmux())('in a terminal, pigeon', { timeout: PATIENCE_MS }, () => {
  let folder: ReturnType<typeof makeFolder>
  let terminal: TmuxTerminal
  /** Further variables of its environment. */
  let settings: readonly string[]
  // JSX has to be compiled; the other packages run from their source.
  beforeAll(() => {
    const flags = ['--noEmit', 'false', '--noCheck', '--declaration', 'false', '--rootDir', 'src']
    execFileSync(
      join(APP, 'node_modules', '.bin', 'tsc'),
      ['-p', 'tsconfig.json', ...flags, '--outDir', BUILD],
      { cwd: APP },
    )
  }, PATIENCE_MS)
  beforeEach(() => {
    folder = makeFolder()
    settings = []
  })
  afterEach(() => {
    terminal.kill()
    folder.remove()
  })

  function open(script: string, ...args: readonly string[]): TmuxTerminal {
    terminal = openTmux(folder.path, [
      ...['env', `NODE_COMPILE_CACHE=${join(CACHE, 'compiled')}`, `HOME=${folder.path}`],
      ...['LC_ALL=C.UTF-8', ...settings],
      ...[process.execPath, '--conditions=pigeon-source', join(BUILD, script), ...args],
    ])
    return terminal
  }

  async function openNode(): Promise<void> {
    const state = join(folder.path, 'state')
    open('main.js', '--state', state, '--listen-host', '127.0.0.1')
    await terminal.sees(/Nothing here yet/)
    expect(terminal.state()).toMatchObject({ isAlternate: true, isCursorShown: false })
  }

  async function expectClean(exitCode: number): Promise<string> {
    await terminal.sees(MARK)
    // What runs now never asked that pasted text be marked.
    terminal.paste('pasted')
    await terminal.sees(/pasted/)
    const screen = terminal.all()
    expect(screen).not.toContain('[200~')
    expect(screen).toContain('before the screen')
    expect(screen).toContain(`code ${exitCode}`)
    expect(screen).not.toContain('Nothing here yet')
    const state = terminal.state()
    expect(state).toMatchObject({ isAlternate: false, isCursorShown: true })
    expect(state.modesAfter).toBe(state.modesBefore)
    return screen
  }

  it('leaves it clean on q', async () => {
    await openNode()
    terminal.type('q')
    await expectClean(0)
  })

  it('leaves it clean on Ctrl-C, in a dialog too', async () => {
    await openNode()
    terminal.type('a')
    await terminal.sees(/Add a magnet link/)
    terminal.type('C-c')
    await expectClean(0)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 143],
    ['SIGINT', 130],
  ] as const)('leaves it clean on %s, and says so with code %i', async (signal, exitCode) => {
    await openNode()
    process.kill(terminal.pid(), signal)
    await expectClean(exitCode)
  })

  it('asks on its very first run where downloads go, and creates nothing before', async () => {
    open('main.js', '--listen-host', '127.0.0.1')
    await terminal.sees(/Where shall downloads go\?/)
    expect(readdirSync(folder.path)).not.toContain('.local')
    terminal.type('Escape')
    await expectClean(0)
    expect(existsSync(join(folder.path, '.local', 'state'))).toBe(false)
    expect(existsSync(join(folder.path, '.config'))).toBe(false)
  })

  it('opens the node when that is answered, and never asks again', async () => {
    open('main.js', '--listen-host', '127.0.0.1')
    await terminal.sees(/Where shall downloads go\?/)
    terminal.type('x', 'Enter')
    await terminal.sees(/Folder set\./)
    terminal.type('q')
    await expectClean(0)
    terminal.kill()
    open('main.js', '--listen-host', '127.0.0.1')
    await terminal.sees(/Nothing here yet/)
  })

  it('leaves it clean when a component throws, and says what happened after that', async () => {
    open('testing/fake-screen.js', 'throws')
    await terminal.sees(/14 torrents/)
    terminal.type('Enter')
    const screen = await expectClean(1)
    expect(screen).toContain('Bug in Pigeon')
  })

  it('leaves it clean when nobody waits for what fails, and obeys nothing in the message', async () => {
    open('testing/fake-screen.js', 'rejects')
    await terminal.sees(/14 torrents/)
    terminal.type('Enter')
    const screen = await expectClean(1)
    expect(screen).toMatch(/broken ␛\[2J␛\[31m by a peer/)
  })

  it("drives another client's node with --connect, whose token is in a file", async () => {
    const control = new FakeControl({ torrentCount: 3 })
    const server = await serveControl(control)
    const token = join(folder.path, 'token')
    writeFileSync(token, `${TOKEN}\n`, { mode: 0o600 })
    open('main.js', '--connect', server.url, '--token-file', token)
    await terminal.sees(/3 torrents/)
    terminal.type('p')
    await terminal.sees(/Paused\./)
    expect(control.commands).toMatchObject([{ do: 'pause' }])
    await server.close()
    await terminal.sees(/OFFLINE/)
    terminal.type('q')
    await expectClean(0)
  })

  it.each([
    ['a wrong token', ['--token', 'A'.repeat(TOKEN.length)], 1, 'does not accept the token'],
    ['no token', [], 2, 'There is no token'],
    ['a token file that is not there', ['--token-file', '/nonexistent'], 2, 'cannot be read'],
  ])('says what is wrong with %s', async (_, flags, exitCode, message) => {
    const server = await serveControl(new FakeControl())
    open('main.js', '--connect', server.url, ...flags)
    expect(await expectClean(exitCode)).toContain(message)
    await server.close()
  })

  it('ends when the terminal goes away', async () => {
    await openNode()
    const pid = terminal.pid()
    terminal.kill()
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), {
      timeout: PATIENCE_MS,
    })
  })

  it('begins in the first cell, wherever the cursor was', async () => {
    // As what a slow start prints, or a user who types ahead.
    open('testing/fake-screen.js', 'prompts')
    const screen = await terminal.sees(/14 torrents/)
    expect(screen.split('\n')[0]).toMatch(/^ fake 0\.1\.0 /)
    terminal.type('q')
    await expectClean(0)
  })

  it('goes to the shell and comes back, however it was stopped', async () => {
    open('testing/fake-screen.js', 'none', '40')
    await terminal.sees(/40 torrents/)
    terminal.type('C-z')
    await terminal.sees(/^stopped$/m)
    expect(terminal.state()).toMatchObject({ isAlternate: false, isCursorShown: true })
    terminal.type('Enter')
    await terminal.sees(/40 torrents/)
    const back = { isAlternate: true, isCursorShown: false }
    await vi.waitFor(() => expect(terminal.state()).toMatchObject(back), { timeout: PATIENCE_MS })
    // Still no command, but text that is asked about.
    terminal.paste('qd')
    await terminal.sees(/Add a magnet link[\s\S]*│ qd /)
    terminal.type('Escape')
    await terminal.sees(/Enter details/)
    process.kill(terminal.pid(), 'SIGTSTP')
    await terminal.sees(/^stopped$/m)
    terminal.type('Enter')
    await terminal.sees(/Name +State/)
    terminal.type('q')
    await expectClean(0)
  })

  it('turns the mouse off again, however it is left', async () => {
    settings = ['PIGEON_MOUSE=1']
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/14 torrents/)
    expect(terminal.state().isMouse).toBe(true)
    terminal.type('C-z')
    await terminal.sees(/^stopped$/m)
    expect(terminal.state().isMouse).toBe(false)
    terminal.type('Enter')
    await terminal.sees(/14 torrents/)
    await vi.waitFor(() => expect(terminal.state().isMouse).toBe(true))
    process.kill(terminal.pid(), 'SIGTERM')
    await expectClean(143)
    expect(terminal.state().isMouse).toBe(false)
  })

  it('says which lines of the keymap are wrong, and obeys the others', async () => {
    const config = join(folder.path, '.config', 'pigeon')
    mkdirSync(config, { recursive: true })
    writeFileSync(join(config, 'keymap.toml'), 'back = "x"\n\nno-such-action = "y"\n')
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/keymap\.toml,\s+line 3: there\s+is no action/)
    terminal.type('x')
    await expectClean(0)
  })

  it('shows nothing but ASCII where the locale has no more, and no colours where none are wanted', async () => {
    settings = ['LC_ALL=C', 'NO_COLOR=1']
    open('testing/fake-screen.js', 'none')
    const screen = await terminal.sees(/14 torrents/)
    expect(screen).not.toMatch(/[^\n\x20-\x7e]/)
    terminal.type('Enter', '5')
    expect(await terminal.sees(/Connected peers/)).not.toMatch(/[^\n\x20-\x7e]/)
    expect(terminal.styled()).not.toMatch(/\[[0-9;]*(?:3[0-7]|9[0-7]|38)[;m]/)
    terminal.type('q', 'q')
    await expectClean(0)
  })

  it('is the way of a user: filter, select, look, add, be asked, resize, leave', async () => {
    open('testing/fake-screen.js', 'none', '40')
    await terminal.sees(/40 torrents/)
    terminal.type('/', 'seeding')
    await terminal.sees(/\d of 40\s[^]*Enter keeps it/)
    terminal.type('Enter')
    await terminal.sees(/\/seeding {2}\d of 40/)
    terminal.type('*')
    await terminal.sees(/\d selected/)
    terminal.type('d')
    await terminal.sees(/Remove \d torrents from the list\?[\s\S]*keep the files/)
    terminal.type('Escape')
    await terminal.sees(/Enter details|pause/)
    terminal.type('Enter')
    await terminal.sees(/1 Overview/)
    for (const [key, pattern] of DETAIL_KEYS) {
      terminal.type(key)
      await terminal.sees(pattern)
    }
    terminal.type('q')
    await terminal.sees(/Name +State/)
    terminal.paste(`magnet:?xt=urn:btih:${'cd'.repeat(20)}&dn=A%20name\nq:quit\n`)
    await terminal.sees(/Add this\?[\s\S]*A name/)
    terminal.type('Enter')
    await terminal.sees(/41 torrents/)
    for (const [columns, rows, pattern] of WINDOWS) {
      terminal.resize(columns, rows)
      await terminal.sees(pattern)
    }
    terminal.type(':', 'quit', 'Enter')
    await expectClean(0)
  })

  it('shows the network and the wire of a peer, narrow and wide', async () => {
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/14 torrents/)
    terminal.type('N')
    await terminal.sees(/Reached at\n▌Listening[^]*DHT +on: 312 nodes known/)
    terminal.type('G')
    await terminal.sees(/▌Connected by +106 TCP, 12 µTP/)
    terminal.resize(120, 40)
    await terminal.sees(/Reached at[^]*▌Connected by/)
    terminal.resize(80, 24)
    terminal.type('Escape')
    await terminal.sees(/Name +State/)
    terminal.type('Enter', '3')
    await terminal.sees(/From +Via +Client\n▌[^]* E incoming µTP/)
    terminal.type('w')
    await terminal.sees(/Wire of [^]* live\n[^]* in {2}piece +BEP 3 +16397 piece 12/)
    terminal.type('/', '!piece', 'Enter')
    await terminal.sees(/out request[^]*\/!piece {2}\d+ shown/)
    terminal.type('k', 'Enter')
    await terminal.sees(
      /Specified +BEP \d+[^]*from (us|the peer)|from (us|the peer)[^]*Specified +BEP/,
    )
    terminal.type('Escape')
    terminal.resize(160, 50)
    await terminal.sees(/info-hash 7c1a46eb2ac9b8d4be5a3ad2f6cbd8a2fa1cd9a4/)
    terminal.type('C-c')
    await expectClean(0)
  })

  it('shows them with nothing but ASCII too', async () => {
    settings = ['LC_ALL=C', 'NO_COLOR=1']
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/14 torrents/)
    terminal.type('N', 'G')
    expect(await terminal.sees(/>Connected by +106 TCP, 12 uTP/)).not.toMatch(/[^\n\x20-\x7e]/)
    terminal.type('q', 'Enter', '3')
    expect(await terminal.sees(/incoming uTP/)).not.toMatch(/[^\n\x20-\x7e]/)
    terminal.type('w')
    expect(await terminal.sees(/Wire of/)).not.toMatch(/[^\n\x20-\x7e]/)
    expect(terminal.styled()).not.toMatch(/\[[0-9;]*(?:3[0-7]|9[0-7]|38)[;m]/)
    terminal.type('C-c')
    await expectClean(0)
  })

  it('follows the size of the window', async () => {
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/14 torrents/)
    terminal.resize(60, 15)
    const narrow = await terminal.sees(/Name +State.*Up\n/)
    expect(narrow.trimEnd().split('\n')).toHaveLength(15)
    terminal.resize(130, 20)
    await terminal.sees(/Ratio/)
    terminal.type('q')
    await expectClean(0)
  })
})
