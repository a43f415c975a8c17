/** Format, lint, types and dead code, in this order; goes on to the end and fails if any of them did. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const projects = ['packages', 'apps']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .flatMap((folder) =>
    ['tsconfig.json', 'tsconfig.fence.json', 'src/page/tsconfig.json', 'src/worker/tsconfig.json']
      .map((file) => join(folder, file))
      .filter((file) => existsSync(file)),
  )

/** @type {readonly (readonly [title: string, command: string, args: readonly string[]])[]} */
const steps = [
  ['format', 'biome', ['format', '--error-on-warnings', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', '.']],
  ...projects.map((project) => [`types of ${project}`, 'tsc', ['--noEmit', '-p', project]]),
  ['dead code', 'knip', []],
]

const failed = []
for (const [title, command, args] of steps) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (result.status === 0) continue
  failed.push(title)
  process.stdout.write(`\n--- ${title} ---\n`)
  process.stdout.write(result.stdout)
  process.stdout.write(result.stderr)
}
process.stdout.write(
  `check: ${steps.length - failed.length} passed, ${failed.length} failed${failed.length > 0 ? ` (${failed.join(', ')})` : ''}\n`,
)
process.exit(failed.length > 0 ? 1 : 0)
