import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, runPigeon } from '../testing/run-pigeon.ts'

const folder = makeFolder()
const script = join(folder.path, 'pigeon.bash')

beforeAll(async () => {
  writeFileSync(script, (await runPigeon('completion', 'bash')).stdout)
})

afterAll(() => folder.remove())

/** What bash offers for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const asked = `source '${script}'
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_pigeon
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['-c', asked, 'bash', ...words], { encoding: 'utf8' })
  return stdout.trim().split('\n')
}

describe('completion', () => {
  it.each([
    [['pigeon', 'pa'], ['pause']],
    [
      ['pigeon', 'category', 's'],
      ['save', 'set'],
    ],
    [['pigeon', 'list', '--so'], ['--sort']],
    [['pigeon', 'category', 'save', '--rat'], ['--ratio']],
    [['pigeon', 'profile', 'def'], ['default']],
    [['pigeon', 'completion', 'b'], ['bash']],
    [['pigeon', 'queue', 't'], ['top']],
    [
      ['pigeon', 'session', '--alternative', 'o'],
      ['on', 'off'],
    ],
  ])('in bash after %j: %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected)
  })

  it.each(['zsh', 'fish'])('for %s names every command', async (shell) => {
    const { stdout, exitCode } = await runPigeon('completion', shell)
    expect(exitCode).toBe(0)
    for (const name of ['list', 'watch', 'install-handler']) expect(stdout).toContain(name)
  })

  it('is for no other shell', async () => {
    expect((await runPigeon('completion', 'csh')).exitCode).toBe(2)
  })
})

describe('the manual page', () => {
  it('names every command and every exit code, and groff has nothing to say about it', async () => {
    const { stdout } = await runPigeon('man')
    for (const name of ['list', 'install\\-handler', 'EXIT STATUS', '130']) {
      expect(stdout).toContain(name)
    }
    const groff = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-z'], {
      input: stdout,
      encoding: 'utf8',
    })
    // Where there is no groff, what it would say cannot be asked.
    if (groff.error === undefined) expect([groff.status, groff.stderr]).toEqual([0, ''])
  })
})
