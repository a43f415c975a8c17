import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { torrentSummary } from '../testing/torrent-summary.ts'
import {
  OUTPUT_BYTES,
  type ProgramEnd,
  runProgram,
  torrentEnvironment,
  VARIABLE_CHARACTERS,
} from './run-program.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-run-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function script(text: string): Promise<string> {
  const path = join(folder, 'hook')
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return path
}

async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '' },
  timeoutMs = 60_000,
  signal = new AbortController().signal,
): Promise<ProgramEnd> {
  return runProgram(command, env, timeoutMs, signal)
}

describe('names that would do something in a shell', () => {
  it.each([
    '$(touch x)',
    '`touch x`',
    '; touch x',
    '-rf',
    '--help',
    'a\nb',
    '\'"',
    '${PATH}',
    '%s%n',
    '\u001b[2J',
    '../../x',
  ])('reach the program as they are: %j', async (name) => {
    const command = [await script('printf %s "$PIGEON_TORRENT_NAME"')]
    const before = await readdir(folder)
    const env = torrentEnvironment(torrentSummary({ name }), process.env)
    expect(await run(command, env)).toEqual({ exitCode: 0, reason: null, output: name })
    expect(await readdir(folder)).toEqual(before)
  })

  it('are arguments only when the owner wrote them, and then whole', async () => {
    const command = [await script('printf "%s|" "$@"'), '$(id)', '-x', 'two words']
    expect((await run(command)).output).toBe('$(id)|-x|two words|')
  })
})

describe('the environment of a program', () => {
  it('holds what it is told, and of ours only what is harmless', () => {
    const env = { PATH: '/bin', PIGEON_TOKEN: 'secret', AWS_SECRET: 'secret', LANG: 'C' }
    const torrent = torrentSummary({ category: 'iso', tags: ['a', 'b'], name: 'n\0ul' })
    const given = torrentEnvironment(torrent, env)
    expect(given).toMatchObject({
      PATH: '/bin',
      LANG: 'C',
      PIGEON_TORRENT_ID: torrent.id,
      PIGEON_TORRENT_NAME: 'n\uFFFDul',
      PIGEON_TORRENT_FOLDER: '/srv/files',
      PIGEON_TORRENT_CATEGORY: 'iso',
      PIGEON_TORRENT_TAGS: 'a,b',
      PIGEON_TORRENT_BYTES: '1000',
      PIGEON_TORRENT_FINISHED_AT: '2000',
    })
    expect(JSON.stringify(given)).not.toContain('secret')
  })

  it('cuts a text at its limit and not before', () => {
    const nameOf = (length: number) =>
      torrentEnvironment(torrentSummary({ name: 'x'.repeat(length) }), {})['PIGEON_TORRENT_NAME']
    expect(nameOf(VARIABLE_CHARACTERS)).toHaveLength(VARIABLE_CHARACTERS)
    expect(nameOf(VARIABLE_CHARACTERS + 1)).toHaveLength(VARIABLE_CHARACTERS)
  })
})

describe('the end of a program', () => {
  it('is told with its exit code and what it printed, on both streams', async () => {
    const end = await run([await script('echo out; echo err >&2; exit 3')])
    expect(end).toMatchObject({ exitCode: 3, reason: null })
    expect(end.output.split('\n').toSorted()).toEqual(['', 'err', 'out'])
  })

  it('comes after the time limit, with all that it started', async () => {
    const path = await script('sleep 1000 & echo $!; wait')
    const end = await run([path], { PATH: process.env['PATH'] ?? '' }, 300)
    expect(end).toMatchObject({ exitCode: null, reason: 'not done after 0.3 s' })
    const child = Number(end.output.trim())
    expect(child).toBeGreaterThan(1)
    expect(await isGone(child)).toBe(true)
  })

  it('comes when pigeond ends', async () => {
    const abort = new AbortController()
    const ending = run([await script('sleep 1000')], { PATH: '/bin' }, 60_000, abort.signal)
    abort.abort()
    expect(await ending).toMatchObject({ exitCode: null, reason: 'pigeond ended' })
  })

  it('is at once when there is no such program, or it may not run', async () => {
    expect(await run([join(folder, 'none')])).toMatchObject({
      exitCode: null,
      reason: expect.stringContaining('ENOENT'),
    })
    await writeFile(join(folder, 'text'), 'no program')
    expect((await run([join(folder, 'text')])).reason).toContain('EACCES')
  })

  it.each([OUTPUT_BYTES, OUTPUT_BYTES + 1])(
    'keeps no more than its bound of %i bytes',
    async (count) => {
      const end = await run([await script(`head -c ${count} /dev/zero | tr '\\0' x`)])
      expect(end).toMatchObject({ exitCode: 0, output: 'x'.repeat(OUTPUT_BYTES) })
    },
  )

  it('does not wait for what it left behind, which may go on', async () => {
    const end = await run([await script('sleep 30 & echo $!')])
    expect(end.exitCode).toBe(0)
    process.kill(Number(end.output.trim()), 'SIGKILL')
  })
})

/** A killed process is there until its new parent has taken notice. */
async function isGone(pid: number): Promise<boolean> {
  for (let tried = 0; tried < 1_000; tried += 1) {
    const end = await run(['/bin/sh', '-c', `cat /proc/${pid}/stat 2>/dev/null | cut -d' ' -f3`])
    if (end.output.trim() === '' || end.output.trim() === 'Z') return true
  }
  return false
}
