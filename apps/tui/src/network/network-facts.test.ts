import type { SessionSummary } from '@pigeon/control/contract'
import type { NetworkStatus } from '@pigeon/control/network'
import { isProblem, problem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { pictureOf } from '../cli/node-commands/around.ts'
import { type NetworkFact, networkSections, SHOWN_TRACKERS } from './network-facts.ts'

const NOW_MS = Date.UTC(2026, 0, 1, 12)

async function factsOf(
  change: Partial<NetworkStatus>,
  session: Partial<SessionSummary> = {},
): Promise<readonly NetworkFact[]> {
  const control = new FakeControl()
  control.changeSession(session)
  const status = await control.network()
  if (isProblem(status)) throw new Error(status.message)
  const picture = await pictureOf(control)
  if (isProblem(picture)) throw new Error(picture.message)
  return networkSections({ ...status, ...change }, picture.session, NOW_MS).flatMap(
    ({ facts }) => facts,
  )
}

function textOf(facts: readonly NetworkFact[], label: string): string {
  return facts.find((fact) => fact.label === label)?.text ?? ''
}

describe('what a node says of its network', () => {
  it('tells who says which address is ours, each address once', async () => {
    const external = [
      { address: '203.0.113.7', saidBy: 'tracker' },
      { address: '203.0.113.7', saidBy: 'dht' },
      { address: '2001:db8::7', saidBy: 'router' },
    ] as const
    const facts = await factsOf({ external })
    expect(textOf(facts, 'From outside')).toBe(
      '203.0.113.7 (trackers, the DHT); 2001:db8::7 (the router)',
    )
  })

  it.each([
    ['reachable', /^yes/],
    ['unreachable', /^no: .*Pass the port on/],
    ['unknown', /^not known yet/],
  ] as const)('says whether others reach it: %s', async (reachability, pattern) => {
    const facts = await factsOf({ reachability, lastIncomingAtMs: null })
    expect(textOf(facts, 'Reachable')).toMatch(pattern)
  })

  it('says what a blocklist holds also when some of its lines could not be read', async () => {
    const blocklist = { source: '/l.p2p', ranges: 7, blocked: 2, loadedAtMs: NOW_MS }
    const said = problem('bad-answer', '4 lines of it name no addresses.', 'Use P2P text.')
    const partly = await factsOf({ blocklist: { ...blocklist, problem: said } })
    expect(textOf(partly, 'Blocklist')).toMatch(
      /^\/l\.p2p: 7 ranges, 2 refused, read .+; but: 4 lines of it name no addresses\. Use P2P text\.$/,
    )
    const nothing = { ...blocklist, ranges: 0, blocked: 0, loadedAtMs: null, problem: said }
    const facts = await factsOf({ blocklist: nothing })
    expect(textOf(facts, 'Blocklist')).toBe(
      '/l.p2p: 4 lines of it name no addresses. Use P2P text.',
    )
  })

  it('gives each family of the DHT its state, id and counts', async () => {
    const facts = await factsOf({})
    expect(textOf(facts, '  IPv4')).toBe('ready, 312 nodes')
    expect(textOf(facts, '  IPv6')).toBe('looking for nodes, 0 nodes')
    expect(textOf(facts, '  node id')).toMatch(/^[0-9a-f]{40}, verified$/)
    expect(textOf(facts, '  queries')).toContain('88201 in (17 refused)')
  })

  it('says what a proxy keeps off although it is switched on', async () => {
    const proxy = { address: 'socks5://127.0.0.1:1080', problem: null }
    const session = { isProxied: true, isDhtOn: true, isPexOn: true, isLsdOn: false }
    const facts = await factsOf({ proxy, dht: [] }, session)
    expect(textOf(facts, 'DHT')).toMatch(/^on: off all the same: a proxy is used/)
    expect(textOf(facts, 'µTP')).toContain('a proxy is used')
    expect(textOf(facts, 'PEX')).not.toContain('proxy')
    // What is off by its own switch is off for no other reason.
    expect(textOf(facts, 'LSD')).toBe('off')
  })

  it('says what being anonymous keeps off', async () => {
    const lsd = { isOn: false, lastHeardAtMs: null }
    const webRtc = { state: 'off', help: '' } as const
    const status = { lsd, webRtc, isAnonymous: true }
    const facts = await factsOf(status, { isLsdOn: true, isAnonymous: true })
    expect(textOf(facts, 'WebRTC')).toMatch(/^on: off while anonymous/)
    expect(textOf(facts, 'LSD')).toMatch(/^on: off while anonymous/)
    expect(textOf(facts, 'Anonymous')).toMatch(/^on: nothing tells others/)
  })

  it('says that a proxy fails, and why', async () => {
    const proxy = {
      address: 'socks5://127.0.0.1:1080',
      problem: problem('refused', 'The proxy refuses us', 'Check its password.'),
    }
    const facts = await factsOf({ proxy, reachability: 'unreachable' })
    expect(textOf(facts, 'Reachable')).toBe('no: nobody comes in through a proxy')
    expect(textOf(facts, 'Proxy')).toContain('The proxy refuses us. Check its password.')
  })

  it('marks what the configuration sets', async () => {
    const facts = await factsOf({}, { configured: ['encryption'] })
    expect(textOf(facts, 'Encryption')).toMatch(/\(set by the configuration\)$/)
    expect(textOf(facts, 'PEX')).not.toContain('configuration')
  })

  it('offers each announce address of its own tracker for copying', async () => {
    const facts = await factsOf({}, { isTrackerOn: true })
    expect(facts.flatMap(({ copy }) => copy ?? [])).toEqual([
      'http://192.168.1.20:6969/announce',
      'udp://192.168.1.20:6969',
      'ws://192.168.1.20:6969',
    ])
  })

  it('tells trackers that fail first, and no more than so many', async () => {
    const host = { torrents: 1, working: 1, failing: 0, message: '' }
    const many = Array.from({ length: SHOWN_TRACKERS }, (_, at) => ({ ...host, host: `t${at}` }))
    const failing = { ...host, host: 'bad', failing: 1, message: 'It is gone.' }
    const exactly = await factsOf({ trackers: many })
    expect(exactly.some(({ text }) => /^and \d+ more$/.test(text))).toBe(false)
    const facts = await factsOf({ trackers: [...many, failing] })
    expect(textOf(facts, 'Trackers')).toBe('bad, 1 torrent, fails for 1: It is gone.')
    expect(facts.some(({ text }) => text === 'and 1 more')).toBe(true)
  })

  it('counts peers by where they came from and how they are connected', async () => {
    const facts = await factsOf({})
    expect(textOf(facts, 'Found by')).toBe(
      '61 tracker, 24 DHT, 22 incoming, 11 PEX, 1 magnet, 1 LSD',
    )
    expect(textOf(facts, 'Connected by')).toBe('106 TCP, 12 µTP, 2 WebRTC; 71 encrypted')
  })
})
