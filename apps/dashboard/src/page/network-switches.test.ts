import { Command } from '@pigeon/control/contract'
import { expect, it } from 'vitest'
import { isOffByProxy, SWITCHES, switchedOffByProxy } from './network-switches.ts'
import { sortHosts } from './tracker-hosts.ts'

it('has for each switch a command that the node understands', () => {
  for (const key of SWITCHES)
    expect(Command.safeParse({ do: 'set-session', [key]: true }).success, key).toBe(true)
})

it('says of what a proxy cannot carry that it is off while one is used, and only then', () => {
  const off = SWITCHES.filter((key) => isOffByProxy(key, { isProxied: true }))
  expect(off).toEqual(['isDhtOn', 'isLsdOn', 'isUtpOn', 'isWebRtcOn', 'isPortMappingOn'])
  expect(switchedOffByProxy()).toEqual(off)
  expect(SWITCHES.filter((key) => isOffByProxy(key, { isProxied: false }))).toEqual([])
})

it('shows hosts of trackers that fail before those that work, then those that most torrents use', () => {
  const host = (name: string, torrents: number, failing: number) => ({
    host: name,
    torrents,
    working: torrents - failing,
    failing,
    message: '',
  })
  const hosts = [host('c', 9, 0), host('a', 2, 1), host('d', 20, 0), host('b', 3, 3)]
  expect(sortHosts(hosts).map((each) => each.host)).toEqual(['b', 'a', 'd', 'c'])
})
