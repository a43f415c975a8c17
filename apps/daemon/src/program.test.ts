import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
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
    const peers = await home.run([
      ...QUIET,
      ...['--listen-port', String(port), '--listen-port-tries', '0'],
    ])
    expect(peers.code).toBe(4)
    expect(peers.stderr).toContain(String(port))
    const metrics = await home.run([...QUIET, '--metrics-listen', `127.0.0.1:${port}`])
    expect([metrics.code, metrics.stderr]).toEqual([
      4,
      expect.stringContaining(`127.0.0.1:${port}`),
    ])
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

  it('is a webhook that would go around the proxy: 3, and never with the password in it', async () => {
    const file = join(home.path, 'proxied.toml')
    const proxy = 'proxy = "socks5://ana:hunter2@127.0.0.1:1080"\n'
    await writeFile(file, `${proxy}on-complete-webhook = "https://hooks.example/done"\n`)
    const away = await home.run(['--config', file, 'config', 'check'])
    expect(away.code).toBe(3)
    expect(away.stderr).toContain('on-complete-webhook: it would go around the proxy')
    await writeFile(file, `${proxy}on-complete-webhook = "http://127.0.0.1:8080/done"\n`)
    expect((await home.run(['--config', file, 'config', 'check'])).code).toBe(0)
    const shown = await home.run(['--config', file, 'config', 'show'])
    expect(shown.stdout).toContain('proxy = "socks5://127.0.0.1:1080"')
    for (const text of [away, shown]) expect(text.stdout + text.stderr).not.toContain('hunter2')
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

  it('print the address of the control, also when the system chose the port', async () => {
    expect((await home.run(['token', '--url'])).stdout).toBe('http://127.0.0.1:9191\n')
    expect((await home.run([...QUIET, 'token', '--url'])).code).toBe(1)
    const daemon = await home.start()
    expect((await home.run([...QUIET, 'token', '--url'])).stdout).toBe(`${daemon.url}\n`)
  })

  it('make, list and revoke tokens that may do so much and no more', async () => {
    const daemon = await home.start()
    const made: Record<string, string> = {}
    for (const scope of ['read', 'add', 'full']) {
      const { code, stdout } = await home.run([
        'token',
        'create',
        '--name',
        scope,
        '--scope',
        scope,
      ])
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^[\w-]{43}\n$/)])
      made[scope] = stdout.trim()
    }
    const ask = async (scope: string, command?: unknown) => {
      const headers = {
        Authorization: `Bearer ${made[scope] ?? ''}`,
        'Content-Type': 'application/json',
      }
      const path = command === undefined ? 'session' : 'commands'
      const body = command === undefined ? {} : { method: 'POST', body: JSON.stringify(command) }
      return (await fetch(`${daemon.url}/api/v1/${path}`, { headers, ...body })).status
    }
    const source = { kind: 'magnet', uri: `magnet:?xt=urn:btih:${'e'.repeat(40)}` }
    const limit = { do: 'set-session', upLimit: 1_000 }
    expect([await ask('read'), await ask('read', { do: 'add', source })]).toEqual([200, 403])
    expect([await ask('add', { do: 'add', source }), await ask('add', limit)]).toEqual([200, 403])
    expect(await ask('full', limit)).toBe(200)

    const { stdout } = await home.run(['token', 'list'])
    expect(stdout.split('\n').map((line) => line.slice(0, 10))).toEqual([
      'read  read',
      'add   add ',
      'full  full',
      '',
    ])
    expect((await home.run(['token', 'revoke', 'full'])).code).toBe(0)
    expect(await ask('full')).toBe(401)
    const again = await home.run(['token', 'revoke', 'full'])
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining('no token with this name'),
    ])
    expect((await home.run(['token', 'create', '--name', 'x'])).code).toBe(2)
    expect((await home.run(['token', 'create', '--name', 'x', '--scope', 'root'])).code).toBe(2)
    expect((await home.run(['token', 'create', '--name', 'a b', '--scope', 'add'])).code).toBe(1)
  })

  it('do not take the token of a client for a mistake', async () => {
    const { stderr } = await home.run(['config', 'check'], { PIGEON_TOKEN: 'x', PIGEON_TOKNE: 'x' })
    expect(stderr).toBe(
      'warning: the variable PIGEON_TOKNE sets no option; did you mean PIGEON_TOKEN?\n',
    )
  })

  it('show what only the file sets as the file has it, and say so', async () => {
    const file = join(home.path, 'auto.toml')
    const text = `on-complete-run = ["/bin/echo", "a b"]
on-complete-webhook = "https://hooks.test/x"
on-complete-timeout = "5 min"
watch = ["/in", { path = "/tv", category = "tv" }]
[[feeds]]
url = "https://feeds.test/rss"
rules = [{ include = ["linux"] }]
`
    await writeFile(file, text)
    const { code, stdout } = await home.run(['--config', file, 'config', 'show'])
    expect(code).toBe(0)
    for (const line of [
      'on-complete-run = ["/bin/echo", "a b"] # file (set in the file only)',
      'on-complete-timeout = "5 min" # file (set in the file only)',
      'watch = [{ path = "/in" }, { path = "/tv", category = "tv" }] # file (set in the file only)',
      'feeds = [{ url = "https://feeds.test/rss", every = "30 min", rules = [{ include = ["linux"], exclude = [] }] }] # file (set in the file only)',
    ]) {
      expect(stdout.split('\n')).toContain(line)
    }
    const copy = join(home.path, 'copy.toml')
    await writeFile(copy, stdout)
    const again = await home.run(['--config', copy, 'config', 'show'])
    expect(again.stdout.split('\n').slice(1)).toEqual(
      stdout
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/# default/, '# file')),
    )
    const { stdout: help } = await home.run(['--help'])
    expect(help).not.toContain('--on-complete-run')
    const flag = await home.run(['--on-complete-run', '/bin/echo', 'config', 'check'])
    expect(flag.code).toBe(2)
  })

  it('print a manual page and completions for each shell', async () => {
    const { code, stdout } = await home.run(['man'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\.TH PIGEOND 1\n/)
    expect(stdout).toContain('.B pigeond token create')
    expect(stdout).toContain('SIGHUP')
    expect(stdout).not.toMatch(/^\.(?!TH|SH|B|TP|PP|RS|RE)/m)
    for (const shell of ['zsh', 'fish']) {
      expect((await home.run(['completion', shell])).stdout).toContain('revoke')
    }
    expect((await home.run(['completion', 'tcsh'])).code).toBe(2)
    expect((await home.run(['completion'])).code).toBe(2)
  })

  it.each([
    ['pigeond tok', 'token'],
    ['pigeond token ', 'create list revoke --show --url -h --help'],
    ['pigeond token create --scope ', 'read add full'],
    ['pigeond config sh', 'show'],
    ['pigeond --listen-port 1 completion ', 'bash zsh fish -h --help'],
    ['pigeond --metrics-l', '--metrics-listen'],
  ])('complete "%s" in bash', async (line, expected) => {
    const script = join(home.path, 'completion')
    await writeFile(script, (await home.run(['completion', 'bash'])).stdout)
    const words = line.split(' ')
    const ask = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=${words.length - 1}; _pigeond; echo "\${COMPREPLY[*]}"`
    const answer = execFileSync('bash', ['-c', ask, script, ...words])
      .toString()
      .trim()
    expect(answer).toBe(expected)
  })

  it('look at the feeds without adding anything', async () => {
    const rss = `<rss version="2.0"><channel><title>t</title>
      <item><title>Linux\u009b 13</title><link>magnet:?xt=urn:btih:${'a'.repeat(40)}</link></item>
      <item><title>Other</title><link>http://h.test/o.torrent</link></item></channel></rss>`
    const server = createHttpServer((_, response) => response.end(rss))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    home.onEnd(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const file = join(home.path, 'feeds.toml')
    await writeFile(
      file,
      `feeds = [{ url = "http://127.0.0.1:${port}/", rules = [{ include = ["linux"], category = "iso" }] }, { url = "http://127.0.0.1:1/", rules = [{}] }]\n`,
    )
    for (const _ of [1, 2]) {
      const { code, stdout } = await home.run(['--config', file, 'feeds', 'check'])
      expect(code).toBe(1)
      expect(stdout).toContain(`127.0.0.1:${port}: 2 items, 1 to take\n  Linux\uFFFD 13 (magnet; {`)
      expect(stdout).toContain('category = "iso"')
      expect(stdout).toMatch(/^127\.0\.0\.1:1: .*ECONNREFUSED/m)
    }
  })

  it('explain every option, its variable and the exit codes', async () => {
    const { code, stdout } = await home.run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--control-listen <host:port>')
    expect(stdout).toContain('PIGEON_CONTROL_LISTEN')
    expect(stdout).toContain('5 already running')
  })
})
