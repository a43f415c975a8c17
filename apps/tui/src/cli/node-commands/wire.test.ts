import type { WireEvent, WireTarget } from '@pigeon/control/network'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { beforeEach, describe, expect, it } from 'vitest'
import { type LineAnswer, type LineContext, runCommandLine } from '../command-line.ts'
import { splitWords } from '../words.ts'

let control: FakeControl
beforeEach(() => {
  control = new FakeControl({ torrentCount: 4 })
})

function run(line: string, context: Partial<LineContext> = {}): Promise<LineAnswer> {
  return runCommandLine(control, splitWords(line).words, { selected: [], ...context })
}

describe('wire', () => {
  it('prints each message with time, direction, name, BEP, length and fields', async () => {
    const { lines } = await run('wire 1 #1 --limit 2')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} out handshake +BEP 3 +68 bytes {2}info-hash 7c1a/,
    )
    expect(lines[1]).toMatch(/ in {2}extended-handshake +BEP 10 /)
  })

  it('is called inspect too, inside a program that runs', async () => {
    expect((await run('inspect 1 #1 --limit 1')).lines).toHaveLength(1)
  })

  it('prints one JSON object a line', async () => {
    const { lines } = await run('wire 1 #1 --limit 3 --json')
    expect(lines.map((line) => JSON.parse(line).name)).toEqual([
      ...['handshake', 'extended-handshake', 'have-all'],
    ])
  })

  it('finds the peer by its address, and the torrent by what is selected', async () => {
    const id = control.torrents[0]?.id ?? ''
    const detail = await control.detail(id)
    const address = detail?.peers[2]?.address ?? ''
    let watched: WireTarget | null = null
    const showWire = (target: WireTarget): void => {
      watched = target
    }
    expect((await run(`wire ${address}`, { selected: [id], showWire })).problem).toBeNull()
    expect(watched).toEqual({ torrent: id, peer: detail?.peers[2]?.number })
  })

  it('prints only what the filter lets through', async () => {
    const { lines } = await run("wire 1 #1 --limit 2 --filter 'in !extended'")
    expect(lines.map((line) => line.split(/ +/)[2])).toEqual(['have-all', 'unchoke'])
  })

  it('ends after the time that was given', async () => {
    expect((await run('wire 1 #1 --for 1ms')).problem).toBeNull()
  })

  it('ends when it is broken off', async () => {
    const abort = new AbortController()
    const running = run('wire 1 #1', { signal: abort.signal })
    abort.abort()
    expect((await running).problem).toBeNull()
  })

  it('says that messages were left out, and that the connection has ended', async () => {
    control.inspect = (_, listener: (event: WireEvent) => void) => {
      listener({ kind: 'messages', messages: [], leftOut: 40 })
      listener({ kind: 'ended', problem: null })
      return () => {}
    }
    const { lines } = await run('wire 1 #1')
    expect(lines).toEqual(['40 messages left out: too many at once.', 'The connection has ended.'])
  })

  it('speaks whole sentences where they are read aloud, and comes to an end', async () => {
    const { lines } = await run('wire 1 #1 --for 1ms', { isSpoken: true })
    expect(lines[2]).toBe('have-all, from the peer, BEP 6, 5 bytes.')
  })

  it.each([
    ['wire 99 #1', /no such peer/],
    ['wire 1 nothing', /nothing/],
    ['wire 1 #1 --limit x', /--limit/],
    ['wire 1 #1 --for x', /--for/],
    ['wire', /peer/],
  ])('refuses "%s"', async (line, pattern) => {
    expect((await run(line)).problem?.message).toMatch(pattern)
  })
})

describe('network', () => {
  it('says what the view of the screen says', async () => {
    const { lines } = await run('network')
    expect(lines.join('\n')).toMatch(/Reachable +yes[^]*DHT +on: 312 nodes known[^]*Found by/)
  })

  it('says in JSON all that the node tells', async () => {
    const { lines } = await run('network --json')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual(await control.network())
  })

  it('begins each line with what it is about where it is read aloud', async () => {
    control.changeSession({ isTrackerOn: true })
    const { lines } = await run('network', { isSpoken: true })
    expect(lines).toContain('Announce to: udp://192.168.1.20:6969')
    expect(lines).toContain('IPv4: ready, 312 nodes')
  })
})

describe('session', () => {
  it.each([
    ['--dht off', { isDhtOn: false }],
    ['--pex off', { isPexOn: false }],
    ['--lsd on', { isLsdOn: true }],
    ['--utp off', { isUtpOn: false }],
    ['--webrtc off', { isWebRtcOn: false }],
    ['--encryption require', { encryption: 'require' }],
    ['--port-mapping on', { isPortMappingOn: true }],
    ['--anonymous on', { isAnonymous: true }],
    ['--tracker on', { isTrackerOn: true }],
  ])('%s switches it', async (flags, change) => {
    expect((await run(`session ${flags}`)).problem).toBeNull()
    expect(control.commands).toEqual([{ do: 'set-session', ...change }])
  })

  it('refuses a policy that there is not', async () => {
    expect((await run('session --encryption maybe')).problem?.code).toBe('usage')
  })
})

describe('peers', () => {
  it('says the number of each, where it came from, how it is connected and what is encrypted', async () => {
    const { lines } = await run('peers #1', { columns: 120 })
    expect(lines[0]).toMatch(/client +number +address +from +via/)
    expect(lines[2]).toMatch(/2 +\[2001:db8::2\]:\d+ +incoming +µTP .*encrypted/)
  })
})
