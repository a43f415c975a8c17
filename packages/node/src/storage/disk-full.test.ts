import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Runs the script with a file system of one MiB at /mnt, in a mount namespace of its own. */
function onTinyDisk(script: string): { readonly output: string; readonly isPossible: boolean } {
  const command = `mount -t tmpfs -o size=1m none /mnt 2>/dev/null || { echo NOT-PERMITTED; exit 0; }
    exec "$0" --conditions=pigeon-source "$1"`
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', command, process.execPath, script], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  const isPossible =
    run.error === undefined && !run.stdout.includes('NOT-PERMITTED') && !/unshare/.test(run.stderr)
  return { output: `${run.stdout}${run.stderr}`, isPossible }
}

test('a full disk is a problem that names the folder and its free bytes; with room it goes on', ({
  skip,
}) => {
  const { output, isPossible } = onTinyDisk(join(import.meta.dirname, '../testing/fill-disk.ts'))
  skip(!isPossible, 'mounting a small disk needs user namespaces, which this system does not allow')
  const told = JSON.parse(output.trim())
  expect(told.full).toMatchObject({
    kind: 'problem',
    problem: { kind: 'io-problem', code: 'disk-full' },
  })
  expect(told.full.problem.message).toMatch(/write \/mnt\/.*\d+ bytes are free in \/mnt/)
  expect(told.verifiedBefore).toBe('verified')
  expect(told.again).toEqual({ kind: 'verified' })
  expect(told.verifiedAfter).toBe('verified')
})
