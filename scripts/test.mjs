/**
 * All that proves Pigeon, in one run: checks, build, tests, the interop matrix against whatever peers are installed, and
 * hostile peers. Peers that are missing are named; with CI=true that is a failure. The last line is the count.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'

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

/** What the conformance suite counts: cells of the matrix, cases of hostile peers and trackers. */
function suite(title, command, report, ...options) {
  const isGood = run(title, process.execPath, [
    'packages/conformance/dist/main.js',
    command,
    ...options,
    '--out',
    'reports',
  ])
  const result = readReport(report)
  passed += result?.passed ?? 0
  failed += result?.failed ?? 0
  if (!isGood && (result?.failed ?? 0) === 0) failed += 1
}

step('check', process.execPath, ['scripts/check.mjs'])
step('build', 'turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'])
tests()
suite('interop matrix', 'matrix', 'reports/matrix.json', '--sample')
suite('hostile peers and trackers', 'hostile', 'reports/hostile.json')

process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exit(failed > 0 ? 1 : 0)
