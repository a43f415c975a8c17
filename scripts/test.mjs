/**
 * All that proves Pigeon, in one run: checks, build, tests, and the interop matrix against whatever peers are installed.
 * The last line is the count that CI and people read.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'

const isCi = process.env.CI === 'true'
rmSync('reports', { recursive: true, force: true })
mkdirSync('reports', { recursive: true })

let passed = 0
let failed = 0

function run(title, command, args) {
  process.stdout.write(`\n=== ${title} ===\n`)
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) process.stdout.write(`${command}: ${error.message}\n`)
  return status === 0
}

/** A step that counts as one. */
function step(title, command, args) {
  if (run(title, command, args)) passed += 1
  else failed += 1
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** Tests, counted one by one. */
function tests() {
  const report = 'reports/vitest.json'
  const isGood = run('tests', 'vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  const result = readReport(report)
  passed += result?.numPassedTests ?? 0
  failed += result?.numFailedTests ?? 0
  // A file that does not even load has no failed tests to count.
  if (!isGood && (result === null || result.numFailedTests === 0)) failed += 1
}

/** Cells of the matrix, counted one by one. */
function matrix() {
  const out = 'reports/matrix'
  const isGood = run('interop matrix', process.execPath, [
    'packages/conformance/dist/main.js',
    'matrix',
    '--out',
    out,
  ])
  const result = readReport(`${out}/matrix.json`)
  passed += result?.totals?.passed ?? 0
  failed += result?.totals?.failed ?? 0
  if (!isGood && (result?.totals?.failed ?? 0) === 0) failed += 1
}

step('check', process.execPath, ['scripts/check.mjs'])
step('build', 'turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'])
tests()
matrix()

if (!isCi) process.stdout.write('\nPeers that are not installed were named above as unavailable.\n')
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exit(failed > 0 ? 1 : 0)
