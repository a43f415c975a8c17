/** Builds what changed, then runs one program of the workspace with the arguments that follow. */
import { spawn, spawnSync } from 'node:child_process'

const [program, ...rest] = process.argv.slice(2)
const args = rest[0] === '--' ? rest.slice(1) : rest
if (program === undefined) throw new Error('usage: start.mjs PROGRAM [ARGUMENT...]')

const build = spawnSync(
  'turbo',
  ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
if (build.status !== 0) {
  process.stderr.write(build.stdout ?? '')
  process.exit(build.status ?? 1)
}

// The caller's folder, not the workspace's, is what relative paths on the command line mean.
const cwd = process.env.INIT_CWD ?? process.cwd()
const child = spawn(
  process.execPath,
  [new URL(`../${program}`, import.meta.url).pathname, ...args],
  {
    stdio: 'inherit',
    cwd,
  },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal)
  else process.exit(code ?? 1)
})
