import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
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
  })
  afterEach(() => {
    terminal.kill()
    folder.remove()
  })

  function open(script: string, ...args: readonly string[]): TmuxTerminal {
    terminal = openTmux(folder.path, [
      ...['env', `NODE_COMPILE_CACHE=${join(CACHE, 'compiled')}`, `HOME=${folder.path}`],
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
    const screen = terminal.all()
    expect(screen).toContain('before the screen')
    expect(screen).toContain(`code ${exitCode}`)
    expect(screen).not.toContain('Nothing here yet')
    const state = terminal.state()
    expect(state).toMatchObject({
      isAlternate: false,
      isCursorShown: true,
      isBracketedPaste: false,
    })
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

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('leaves it clean on %s', async (signal) => {
    await openNode()
    process.kill(terminal.pid(), signal)
    await expectClean(0)
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
    writeFileSync(token, `${TOKEN}\n`)
    open('main.js', '--connect', server.url, '--token-file', token)
    await terminal.sees(/3 torrents/)
    terminal.type('p')
    await terminal.sees(/Paused\./)
    expect(control.commands).toMatchObject([{ do: 'pause' }])
    await server.close()
    await terminal.sees(/offline/)
    terminal.type('q')
    await expectClean(0)
  })

  it.each([
    ['a wrong token', ['--token', 'wrong'], 1, 'does not accept the token'],
    ['no token', [], 2, 'needs its token'],
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

  it('follows the size of the window', async () => {
    open('testing/fake-screen.js', 'none')
    await terminal.sees(/14 torrents/)
    terminal.resize(60, 15)
    const narrow = await terminal.sees(/Name {14}State.*Up\n/)
    expect(narrow.trimEnd().split('\n')).toHaveLength(15)
    terminal.resize(130, 20)
    await terminal.sees(/Ratio/)
    terminal.type('q')
    await expectClean(0)
  })
})
