import { describe, expect, test } from 'vitest'
import { engineSettings } from './open-node.ts'
import { PUBLIC_STUN_SERVERS } from './network-settings.ts'
import { describeOptions, resolveSettings, showSettingProblem } from './setting-sources.ts'
import { type NodeSettings, nodeOptions } from './settings.ts'

const TABLE = nodeOptions({ state: '/s', downloads: '/d' })

function read(text: string, flags: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  return resolveSettings<NodeSettings>(TABLE, { flags, env, file: { path: '/f.toml', text } })
}

function settingsOf(text: string): NodeSettings {
  const result = read(text)
  if (!result.ok) throw new Error(result.problems.map(showSettingProblem).join('\n'))
  return result.settings
}

describe('what is said of the network', () => {
  test.each([
    ['listen-host = "0.0.0.0"', { listenHost: '0.0.0.0' }],
    ['listen-port-tries = 0', { listenPortTries: 0 }],
    ['dht = false', { dht: false }],
    ['bootstrap-nodes = "none"', { bootstrapNodes: [] }],
    [
      'bootstrap-nodes = ["router.example:6881", "[2001:db8::1]:6881"]',
      { bootstrapNodes: ['router.example:6881', '[2001:db8::1]:6881'] },
    ],
    [
      'bootstrap-nodes = "a.example:1, 192.0.2.1:2"',
      { bootstrapNodes: ['a.example:1', '192.0.2.1:2'] },
    ],
    ['stun-servers = "none"', { stunServers: [] }],
    ['encryption = "require"', { encryption: 'require' }],
    [
      'proxy = "socks5://ana:p%40ss@[::1]:1080"',
      { proxy: { host: '::1', port: 1080, login: { user: 'ana', password: 'p@ss' } } },
    ],
    [
      'proxy = "socks5h://proxy.example:9050"',
      { proxy: { host: 'proxy.example', port: 9050, login: null } },
    ],
    ['proxy = "none"', { proxy: null }],
    ['blocklist = "/etc/list.p2p.gz"', { blocklist: '/etc/list.p2p.gz' }],
    ['blocklist = "https://lists.example/a?b=c"', { blocklist: 'https://lists.example/a?b=c' }],
    ['blocklist-refresh = "12 h"', { blocklistRefresh: 43_200_000 }],
    ['tracker = "[::]:6969"', { tracker: { host: '::', port: 6969 } }],
    ['tracker = "off"', { tracker: null }],
    ['bind-interface = "wg0"', { bindInterface: 'wg0' }],
  ])('%s', (text, expected) => {
    expect(settingsOf(text)).toMatchObject(expected)
  })

  test.each([
    'bootstrap-nodes = "router.example"',
    'bootstrap-nodes = "router.example:0"',
    'bootstrap-nodes = "a b:1"',
    'bootstrap-nodes = "[192.0.2.1]:6881"',
    `bootstrap-nodes = "${Array.from({ length: 33 }, (_, i) => `a${i}:1`).join(',')}"`,
    'encryption = "sometimes"',
    'proxy = "http://127.0.0.1:1080"',
    'proxy = "socks5://127.0.0.1"',
    'proxy = "socks5://ana@127.0.0.1:1080"',
    `proxy = "socks5://ana:${'x'.repeat(256)}@127.0.0.1:1080"`,
    'blocklist = "ftp://lists.example/a"',
    'blocklist-refresh = "1 s"',
    'tracker = "localhost:6969"',
    'tracker = "6969"',
    'bind-interface = "a/b"',
    'utp = "perhaps"',
  ])('%s is refused', (text) => {
    expect(read(text).ok).toBe(false)
  })

  test('32 nodes are taken', () => {
    const list = Array.from({ length: 32 }, (_, i) => `a${i}:1`)
    expect(settingsOf(`bootstrap-nodes = "${list.join(',')}"`).bootstrapNodes).toEqual(list)
  })
})

test('the password of a proxy is shown nowhere, also where it is written wrongly', () => {
  const wrong = read('proxy = "socks5://ana:hunter2@host"', { proxy: 'hunter2' }).ok
    ? []
    : [read('proxy = "socks5://ana:hunter2@host"'), read('', { proxy: 'hunter2' })]
  expect(wrong).toHaveLength(2)
  for (const result of wrong) {
    const shown = result.ok ? '' : result.problems.map(showSettingProblem).join('\n')
    expect(shown).toContain('proxy: expected the address of a SOCKS5 proxy')
    expect(shown).not.toContain('hunter2')
  }
  const { proxy } = settingsOf('proxy = "socks5://ana:hunter2@proxy.example:1080"')
  expect(TABLE.proxy.kind.show(proxy)).toBe('socks5://proxy.example:1080')
})

test('the defaults ask public nodes, listen for both families and leave the router alone', () => {
  const settings = settingsOf('')
  expect(settings).toMatchObject({ listenHost: '::', portMapping: false, lsd: false, proxy: null })
  expect(settings.bootstrapNodes.length).toBeGreaterThan(1)
  expect(settings.stunServers).toEqual(PUBLIC_STUN_SERVERS)
  for (const { description } of describeOptions(TABLE)) expect(description).toMatch(/^[A-Z].*\.$/)
})

test('the engine is told; behind a proxy it listens nowhere', () => {
  const given = (text: string) =>
    engineSettings({ clientName: 'pigeond 0.1.0', settings: settingsOf(text) })
  expect(given('dht = false\nutp = false\nencryption = "off"\nanonymous = true')).toMatchObject({
    ...{ isDhtOn: false, isUtpOn: false, encryption: 'off', isAnonymous: true },
    ...{ isProxied: false, listen: { host: '::', port: 0 } },
  })
  expect(given('proxy = "socks5://127.0.0.1:1080"')).toMatchObject({
    isProxied: true,
    listen: null,
  })
})
