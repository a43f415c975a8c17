import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runPigeon } from '../testing/run-pigeon.ts'
import { EXIT } from './exit-codes.ts'

describe('the command line', () => {
  it.each([['--version'], ['-V']])('%s says what it is', async (flag) => {
    expect(await runPigeon(flag)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^pigeon \d+\.\d+\.\d+\n$/),
    })
  })

  it('helps with every command and every exit code', async () => {
    const { exitCode, stdout } = await runPigeon('--help')
    expect(exitCode).toBe(0)
    for (const command of ['inspect', 'create', 'verify', 'get', 'seed', 'help'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    const codes = stdout.slice(stdout.indexOf('Exit codes:'))
    for (const code of Object.values(EXIT)) expect(codes).toMatch(new RegExp(`\\b${code}\\b`))
  })

  it.each(['inspect', 'create', 'verify', 'get', 'seed'])('helps with %s', async (command) => {
    const help = await runPigeon('help', command)
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    expect(help.stdout).toContain(`Usage: pigeon ${command}`)
    expect(help.stdout).not.toContain('(default: ')
    expect((await runPigeon(command, '--help')).stdout).toBe(help.stdout)
  })

  it('puts the options of the node under a heading of their own, after those of the command', async () => {
    const { stdout } = await runPigeon('get', '--help')
    const [own, node] = stdout.split('Options of the node:')
    expect(own).toContain('--dir <folder>')
    expect(own).not.toContain('--listen-port')
    expect(node).toContain('--listen-port <port>')
    expect(node).not.toContain('--downloads')
  })

  it('no line of help is wider than 80 columns', async () => {
    for (const command of ['get', 'seed', 'create', 'inspect', 'verify']) {
      const { stdout } = await runPigeon('help', command)
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    }
  })

  it('names a command that it does not know, and the one that may be meant', async () => {
    const { exitCode, stderr } = await runPigeon('veryfi', 'x', 'y')
    expect(exitCode).toBe(2)
    expect(stderr).toContain("unknown command 'veryfi'")
    expect(stderr).toContain('Did you mean verify?')
    expect((await runPigeon('xyz')).stderr).toContain("unknown command 'xyz'")
  })

  it('quotes no control characters of what was typed', async () => {
    const { stderr } = await runPigeon('\u001b[2J\u202ex')
    expect(stderr).toContain("unknown command '␛[2J")
    expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  it.each([
    [['get', 'x.torrent'], /required option '-d, --dir/],
    [['create', 'x'], /required option '-o, --output/],
    [['verify', 'x'], /missing required argument 'data'/],
    [['inspect'], /missing required argument/],
    [['inspect', '--jsno', 'x'], /unknown option '--jsno'[^]*--json/],
    [['get', '-d', 'x', '--select', '1,a', 'y'], /file numbers/],
    [['create', '-o', 'x', '--piece-length', 'big', 'y'], /whole number/],
    [['--nonsense'], /unknown option '--nonsense'/],
  ])('ends %j with 2 and says why', async (args, why) => {
    const { exitCode, stderr } = await runPigeon(...args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(why)
  })

  it.each([
    [['move', 'x'], 'pigeon move --help'],
    [['tracker', 'add'], 'pigeon tracker add --help'],
    [['lst'], 'pigeon --help'],
  ])('sends who typed %j wrongly to %s', async (args, help) => {
    expect((await runPigeon(...args)).stderr).toContain(`(see ${help})`)
  })

  it('ends a group without a command with 2, and says which it has', async () => {
    const { exitCode, stdout, stderr } = await runPigeon('category')
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain('make a category')
  })

  it('needs a terminal for its screen', async () => {
    const { exitCode, stderr } = await runPigeon('--state', join('/nonexistent', 'x'))
    expect(exitCode).toBe(2)
    expect(stderr).toContain('needs a terminal')
  })
})
