import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QUIET, ScratchHome } from './testing/scratch-home.ts'

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
})

afterEach(() => home.end())

describe('what keeps pigeond from starting', () => {
  it('is a second one in the same folder: 5, naming the first', async () => {
    await home.start()
    const { code, stderr } = await home.run(QUIET)
    expect(code).toBe(5)
    expect(stderr).toMatch(/another pigeond \(pid \d+\) uses .*state\/pigeon\/pigeond/)
  })

  it('is a busy port of the control or of the peers: 4, naming the address', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    home.onEnd(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const control = await home.run([...QUIET, '--control-listen', `127.0.0.1:${port}`])
    expect(control.code).toBe(4)
    expect(control.stderr).toContain(`127.0.0.1:${port}`)
    const peers = await home.run([...QUIET, '--listen-port', String(port)])
    expect(peers.code).toBe(4)
    expect(peers.stderr).toContain(String(port))
    // Nothing of the failed starts is left: this one takes the same folder.
    await home.start()
  })

  it('is a wrong setting: 3, with file, line and column', async () => {
    const file = join(home.path, 'wrong.toml')
    await writeFile(file, '# mine\ndown-limit = "fast"\n  control-lisen = "127.0.0.1:1"\n')
    for (const args of [[], ['config', 'check'], ['config', 'show'], ['token']]) {
      const { code, stdout, stderr } = await home.run(['--config', file, ...args])
      expect(code).toBe(3)
      expect(stderr).toContain(`${file}:2:1: down-limit: expected a rate`)
      expect(stderr).toContain(`${file}:3:3: unknown option "control-lisen"; did you mean`)
      expect(stdout).toBe('')
    }
  })

  it('is a file that is not TOML, or not there: 3, and where', async () => {
    const file = join(home.path, 'broken.toml')
    await writeFile(file, 'max-active = 3\nmax-peers = = 4\n')
    const broken = await home.run(['--config', file])
    expect(broken.code).toBe(3)
    expect(broken.stderr).toContain(`${file}:2:13: `)
    const missing = await home.run(['--config', join(home.path, 'none.toml')])
    expect(missing.code).toBe(3)
    expect(missing.stderr).toContain('none.toml')
  })

  it('is a control open to other machines that nobody asked for: 3', async () => {
    for (const host of ['0.0.0.0', '192.0.2.1', '[::]']) {
      const { code, stderr } = await home.run(['--control-listen', `${host}:0`])
      expect(code).toBe(3)
      expect(stderr).toContain('control-allow-remote')
    }
  })

  it.each(['everywhere:9191', '127.0.0.1', '127.0.0.1:70000', '::1:9191', ':9191'])(
    'is a control address like %s: 3, naming the variable',
    async (address) => {
      const { code, stderr } = await home.run([], { PIGEON_CONTROL_LISTEN: address })
      expect(code).toBe(3)
      expect(stderr).toContain('PIGEON_CONTROL_LISTEN: control-listen: expected a numeric address')
    },
  )

  it('is a command line that makes no sense: 2', async () => {
    for (const args of [['--no-such-flag'], ['dance'], ['config', 'burn'], ['--listen-port']]) {
      const { code, stderr } = await home.run(args)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^error: /)
    }
  })

  it('is a state folder that cannot be: 6', async () => {
    await writeFile(join(home.path, 'file'), '')
    const { code, stderr } = await home.run([...QUIET, '--state', join(home.path, 'file/state')])
    expect(code).toBe(6)
    expect(stderr).toContain('file/state')
  })

  it('is a token file that others can read: 3, and it says how to mend that', async () => {
    await mkdir(home.stateFolder, { recursive: true })
    await writeFile(join(home.stateFolder, 'token'), 'a-token-that-was-made-before\n')
    await chmod(join(home.stateFolder, 'token'), 0o644)
    const { code, stderr } = await home.run(QUIET)
    expect(code).toBe(3)
    expect(stderr).toMatch(/can be read by other users[\s\S]*chmod 600/)
  })
})

describe('other commands', () => {
  it('tell where the token is, and the token when asked', async () => {
    const early = await home.run(['token', '--show'])
    expect([early.code, early.stdout]).toEqual([1, ''])
    const daemon = await home.start()
    const where = await home.run(['token'])
    expect(where).toEqual({ code: 0, stdout: `${daemon.tokenFile}\n`, stderr: '' })
    const { stdout } = await home.run(['token', '--show'])
    expect(stdout).toMatch(/^[\w-]{43}\n$/)
  })

  it('check and show the settings, and where each comes from', async () => {
    await mkdir(join(home.path, 'config/pigeon'), { recursive: true })
    const file = join(home.path, 'config/pigeon/pigeond.toml')
    await writeFile(
      file,
      'max-active = 3\nup-limit = "1 MiB"\ncontrol-hosts = ["nas.lan", "nas.lan:443"]\n',
    )
    expect((await home.run(['config', 'check'])).code).toBe(0)
    const env = { PIGEON_UP_LIMIT: '2 MiB' }
    const { code, stdout } = await home.run(['--listen-port', '7000', 'config', 'show'], env)
    expect(code).toBe(0)
    expect(stdout).toContain('max-active = "3" # file\n')
    expect(stdout).toContain('up-limit = "2 MiB" # environment\n')
    expect(stdout).toContain('listen-port = "7000" # flag\n')
    expect(stdout).toContain('control-hosts = "nas.lan,nas.lan:443" # file\n')
    expect(stdout).toContain('control-listen = "127.0.0.1:9191" # default\n')

    // What it prints is itself a file that says the same.
    const copy = join(home.path, 'copy.toml')
    await writeFile(copy, stdout)
    const again = await home.run(['--config', copy, 'config', 'show'])
    expect(again.code).toBe(0)
    const values = (text: string): string => text.replaceAll(/ ?#.*/g, '').trim()
    expect(values(again.stdout)).toBe(values(stdout))
  })

  it('explain every option, its variable and the exit codes', async () => {
    const { code, stdout } = await home.run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--control-listen <host:port>')
    expect(stdout).toContain('PIGEON_CONTROL_LISTEN')
    expect(stdout).toContain('5 already running')
  })
})
