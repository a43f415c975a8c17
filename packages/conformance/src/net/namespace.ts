/**
 * Puts the whole run into one unprivileged network namespace: loopback only, an address for each client, no route out.
 *
 * The command re-executes itself inside. A process namespace goes with it, so that nothing that the run started can
 * outlive it, however it ends.
 */
import { spawn, spawnSync } from 'node:child_process'

const INSIDE = 'PIGEON_CONFORM_NAMESPACE'

/** WebRTC gathers no addresses of a loopback device: this one leads nowhere. */
const NOWHERE =
  'ip link add nowhere0 type veth peer name nowhere1 && ip addr add 10.78.0.1/24 dev nowhere0 && ip link set nowhere1 up && ip link set nowhere0 up'

/** On the loopback device an address brings its whole network: every 10.77.x.y is ours. */
const SET_UP =
  'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind; ip link set lo up multicast on && ip addr add 10.77.0.1/16 dev lo && ip route add 224.0.0.0/4 dev lo; ' +
  'ip -6 addr add fd77::1/64 dev lo; ip -6 route add local fd77::/64 dev lo; ' +
  NOWHERE

export function isInsideNamespace(): boolean {
  return process.env[INSIDE] === '1'
}

/** Why no namespace can be made here, or `undefined` when one can. */
export function namespaceProblem(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only'
  const probe = spawnSync('unshare', [...flags(), 'sh', '-c', SET_UP], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  if (probe.error) return `unshare cannot be run (${probe.error.message}); it is part of util-linux`
  if (probe.status === 0) return undefined
  const said = probe.stderr.trim().split('\n')[0] ?? ''
  return `unprivileged namespaces are not allowed here: ${said} (is kernel.unprivileged_userns_clone or an AppArmor rule in the way? is iproute2 installed?)`
}

function flags(): string[] {
  return ['--net', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
}

/** Runs `program` with `args` inside a new namespace; resolves with its exit code. */
export function runInNamespace(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  // The shell stays as the first process of the namespace: it collects orphans, which Node would not.
  const script = `${SET_UP} && "$@"; exit $?`
  const child = spawn(
    'unshare',
    [...flags(), 'sh', '-c', script, 'sh', process.execPath, program, ...args],
    { stdio: 'inherit', env: { ...process.env, ...env, [INSIDE]: '1' } },
  )
  const stop = (): void => void child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  return new Promise((resolve) => {
    child.on('error', () => resolve(3))
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 3) : 130))
  })
}
