import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeFolder, runPigeon } from '../testing/run-pigeon.ts'
import { commandOf, desktopEntry } from './install-handler.ts'

let folder = makeFolder()
const entry = (): string => join(folder.path, 'applications', 'pigeon-magnet.desktop')

beforeEach(() => {
  folder = makeFolder()
  vi.stubEnv('XDG_DATA_HOME', folder.path)
  vi.stubEnv('PATH', folder.path)
  putXdgMime('echo "$@" > "$XDG_DATA_HOME/asked"')
})

afterEach(() => {
  vi.unstubAllEnvs()
  folder.remove()
})

function putXdgMime(script: string): void {
  writeFileSync(join(folder.path, 'xdg-mime'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder.path, 'xdg-mime'), 0o755)
}

describe('pigeon install-handler', () => {
  it('writes the entry, makes it the handler of magnets, and says so', async () => {
    const { exitCode, stdout } = await runPigeon('install-handler', '--yes')
    expect([exitCode, stdout]).toEqual([0, `Wrote ${entry()}.\nMagnet links open in pigeon now.\n`])
    expect(readFileSync(entry(), 'utf8')).toMatch(/^Exec=".+" add %u$/m)
    expect(readFileSync(join(folder.path, 'asked'), 'utf8')).toBe(
      'default pigeon-magnet.desktop x-scheme-handler/magnet\n',
    )
  })

  it('says what it would do and does nothing where nobody can be asked', async () => {
    const { exitCode, stderr } = await runPigeon('install-handler')
    expect(exitCode).toBe(1)
    expect(stderr).toContain(entry())
    expect(stderr).toContain('--yes')
    expect(existsSync(entry())).toBe(false)
  })

  it('only prints the entry when it is asked to', async () => {
    const { exitCode, stdout } = await runPigeon('install-handler', '--print')
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, '[Desktop Entry]'])
    expect(existsSync(entry())).toBe(false)
  })

  it('says what to run where xdg-mime fails', async () => {
    putXdgMime('exit 3')
    const { exitCode, stderr } = await runPigeon('install-handler', '--yes')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/xdg-mime default pigeon-magnet\.desktop x-scheme-handler\/magnet/)
  })
})

describe('the command in the entry', () => {
  it.each([
    ['/usr/bin/node', '"/usr/bin/node"'],
    ['/a b/no"de', String.raw`"/a b/no\\"de"`],
    ['/$HOME/`x`', '"/\\\\$HOME/\\\\`x\\\\`"'],
    ['/100%', '"/100%%"'],
    ['/back\\slash', String.raw`"/back\\\\slash"`],
  ])('quotes %s as its specification says', (word, quoted) => {
    expect(commandOf([word])).toBe(quoted)
  })

  it('gets one link, and nothing that a shell reads', () => {
    expect(desktopEntry('"pigeon"')).toContain('\nExec="pigeon" add %u\n')
  })
})
