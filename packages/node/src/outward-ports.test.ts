import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Runs a node in a network namespace with one way out, where all that leaves is counted. */
function inNamespace(script: 'proxied-node' | 'bound-node', way: 'proxied' | 'bound' | 'open') {
  const command = `. "$0" || { echo NOT-PERMITTED; exit 0; }; exec "$1" --conditions=pigeon-source "$2" "$3"`
  const setUp = join(import.meta.dirname, 'testing/one-way-out.sh')
  const program = join(import.meta.dirname, 'testing', `${script}.ts`)
  const run = spawnSync(
    'unshare',
    ['-rn', 'sh', '-c', command, setUp, process.execPath, program, way],
    { encoding: 'utf8', timeout: 120_000 },
  )
  const isPossible = run.error === undefined && run.status === 0
  const told: unknown = isPossible ? JSON.parse(run.stdout) : null
  return { isPossible, told, stderr: run.stderr }
}

describe('a node whose only way out is a proxy', () => {
  test('finishes through it, says when it is lost, sends nothing around it, and goes on when it is back', ({
    skip,
  }) => {
    const { isPossible, told, stderr } = inNamespace('proxied-node', 'proxied')
    const isForbidden = /unshare|RTNETLINK|not permitted|NOT-PERMITTED/i.test(stderr)
    skip(!isPossible && isForbidden, 'network namespaces are not allowed on this system')
    expect(told, stderr).toMatchObject({
      hasBegun: true,
      isTold: true,
      trackerSaid: expect.stringContaining('cannot reach the proxy socks5://127.0.0.1'),
      lost: { packets: 0, datagrams: 0 },
      left: { packets: 0, datagrams: 0 },
      isDone: true,
      isSame: true,
      problemAtEnd: null,
    })
    expect(told).toMatchObject({
      asked: expect.arrayContaining(['ipv4 203.0.113.5:6881', 'name tracker.example:80']),
    })
  }, 130_000)

  test('would be caught sending something around it', ({ skip }) => {
    const { isPossible, told, stderr } = inNamespace('proxied-node', 'open')
    const isForbidden = /unshare|RTNETLINK|not permitted|NOT-PERMITTED/i.test(stderr)
    skip(!isPossible && isForbidden, 'network namespaces are not allowed on this system')
    expect(told, stderr).toMatchObject({ lost: { packets: expect.any(Number) } })
    expect(JSON.stringify(told)).toMatch(/"lost":\{"packets":[1-9]/)
  }, 130_000)
})

describe('a node that is bound to an interface', () => {
  test('sends nothing by another way when that is gone', ({ skip }) => {
    const { isPossible, told, stderr } = inNamespace('bound-node', 'bound')
    const isForbidden = /unshare|RTNETLINK|not permitted|NOT-PERMITTED/i.test(stderr)
    skip(!isPossible && isForbidden, 'network namespaces are not allowed on this system')
    expect(told, stderr).toMatchObject({ whileThere: { packets: 0 }, whenGone: { packets: 0 } })
  }, 60_000)

  test('would be caught doing so', ({ skip }) => {
    const { isPossible, told, stderr } = inNamespace('bound-node', 'open')
    const isForbidden = /unshare|RTNETLINK|not permitted|NOT-PERMITTED/i.test(stderr)
    skip(!isPossible && isForbidden, 'network namespaces are not allowed on this system')
    expect(JSON.stringify(told), stderr).toMatch(/"whenGone":\{"packets":[1-9]/)
  }, 60_000)
})
