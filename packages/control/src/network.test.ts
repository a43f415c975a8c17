import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { DhtAccess } from '@pigeon/engine/dht-access'
import { WebSocketServer } from 'ws'
import { connectControl } from './connect.ts'
import type { Control, Problem } from './contract.ts'
import type { RawWireEvent } from './controlled-session.ts'
import type { DhtQuery, WireEvent, WireMessage } from './network.ts'
import type { NodeReach } from './node-reach.ts'
import { isProblem } from './problems.ts'
import { DHT_QUERIES_AT_ONCE, SessionControl } from './session-control.ts'
import { ask } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { FakeSession } from './testing/fake-session.ts'
import { ADD_TOKEN, READ_TOKEN, serveControl, TOKEN } from './testing/served-control.ts'
import { WATCHES_AT_ONCE } from './wire-watches.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const HASH = 'ab'.repeat(20)
const KEY = 'cd'.repeat(32)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const PUT_MUTABLE: Extract<DhtQuery, { do: 'put-mutable' }> = {
  do: 'put-mutable',
  value: base64('i1e'),
  publicKey: KEY,
  salt: '',
  seq: '9223372036854775807',
  signature: 'ef'.repeat(64),
}

/** Answers at once, and remembers what it was asked. */
class RecordedDht implements DhtAccess {
  readonly asked: unknown[] = []
  client: Uint8Array = Buffer.from('LT\u0001\u009b2J', 'latin1')
  readonly #stored = { kind: 'stored', target: new Uint8Array([1]), nodes: 3 } as const

  ping(node: string) {
    this.asked.push(node)
    const { client } = this
    return Promise.resolve({
      ...({ kind: 'pong', nodeId: new Uint8Array([171, 205]), client, roundTripMs: 5 } as const),
    })
  }

  findPeers(infoHash: Uint8Array) {
    this.asked.push(infoHash)
    const peers = [
      { host: '192.0.2.1', port: 5 },
      { host: '2001:db8::1', port: 6 },
    ]
    return Promise.resolve({
      ...({ kind: 'peers', peers, seeds: 1, downloaders: null, nodesAsked: 9 } as const),
    })
  }

  get(target: Uint8Array) {
    this.asked.push(target)
    return Promise.resolve({ kind: 'value', value: null, nodesAsked: 4 } as const)
  }

  getMutable(publicKey: Uint8Array, salt: Uint8Array) {
    this.asked.push([publicKey, salt])
    const value = new TextEncoder().encode('5:hello')
    const signature = new Uint8Array([1, 2])
    return Promise.resolve({
      ...({ kind: 'mutable', value, seq: 2n ** 60n, signature, nodesAsked: 4 } as const),
    })
  }

  put(value: Uint8Array) {
    this.asked.push(value)
    return Promise.resolve(this.#stored)
  }

  putMutable(item: unknown) {
    this.asked.push(item)
    return Promise.resolve(this.#stored)
  }
}

class NetworkedSession extends FakeSession {
  override readonly dht: DhtAccess | null
  readonly watches = new Map<number, (event: RawWireEvent) => void>()

  constructor(dht: DhtAccess | null = new RecordedDht()) {
    super(2)
    this.dht = dht
  }

  override inspect(_id: string, peer: number, listener: (event: RawWireEvent) => void): () => void {
    this.watches.set(peer, listener)
    return () => this.watches.delete(peer)
  }
}

function controlOf(session: FakeSession, reach?: NodeReach): SessionControl {
  const control = new SessionControl(session, {
    node: 'test 0.1.0',
    createTorrent: () => Promise.resolve({ kind: 'stopped' }),
    ...(reach === undefined ? {} : { reach }),
  })
  cleanups.push(() => control.close())
  return control
}

async function serve(control: Control, token = TOKEN) {
  const served = await serveControl(control)
  cleanups.push(async () => {
    await served.close()
    expect(served.errors).toEqual([])
  })
  const remote = await connectControl(served.url, { token })
  if (isProblem(remote)) throw new Error(remote.message)
  cleanups.push(() => remote.close())
  return { served, remote }
}

function codeOf(answer: object): string {
  return isProblem(answer) ? answer.code : 'fine'
}

describe('what a node says of its network', () => {
  it('is the same over HTTP as beside it', async () => {
    const control = new FakeControl()
    const { remote } = await serve(control)
    expect(await remote.network()).toEqual(await control.network())
  })

  it('is made fit to show on both sides', async () => {
    const control = new FakeControl()
    const status = await control.network()
    if (isProblem(status)) throw new Error(status.message)
    const evil = 'a\u001b[2J\u202e'
    const problem: Problem = { code: evil, message: evil, help: evil }
    control.network = () =>
      Promise.resolve({
        ...status,
        listening: [evil],
        external: [{ address: evil, saidBy: 'peers' }],
        webRtc: { state: 'missing', help: evil },
        proxy: { address: evil, problem },
        portMapping: { state: 'failed', method: null, external: evil, problem },
        trackers: [{ host: evil, torrents: 0, working: 0, failing: 0, message: evil }],
        tracker: { listening: evil, urls: [evil], torrents: 0, peers: 0, announces: 0, problem },
        blocklist: { source: evil, ranges: 0, blocked: 0, loadedAtMs: null, problem },
      })
    const { remote } = await serve(control)
    const shown = JSON.stringify(await remote.network())
    expect(shown).not.toMatch(/\\u001b|\u202e/)
    expect(shown.match(/a\u241b\[2J\ufffd/g)?.length ?? 0).toBeGreaterThan(10)
  })

  it('holds the proxy and the tracker that stand around the session', async () => {
    const reach = fakeReach()
    const control = controlOf(new NetworkedSession(), reach)
    expect(await control.network()).toMatchObject({
      proxy: { address: 'socks5://p:1', problem: null },
      tracker: null,
    })
    expect(await control.run({ do: 'set-session', isTrackerOn: true })).toMatchObject({ ok: true })
    expect(await control.network()).toMatchObject({ tracker: { listening: '0.0.0.0:6969' } })
    expect(await sessionOf(control)).toMatchObject({
      isTrackerOn: true,
      configured: expect.arrayContaining(['isTrackerOn']),
    })
  })

  it('refuses to switch a tracker that cannot listen, and one that is not there', async () => {
    const refusal = { kind: 'io-problem', code: 'address-in-use', message: 'm', help: 'h' } as const
    const reach = { ...fakeReach(), switchTracker: () => Promise.resolve(refusal) }
    for (const [around, code] of [
      [reach, 'address-in-use'],
      [undefined, 'unsupported'],
    ] as const) {
      const control = controlOf(new NetworkedSession(), around)
      expect(
        await control.run({ do: 'set-session', isTrackerOn: true, maxActive: 3 }),
      ).toMatchObject({ ok: false, problem: { code } })
    }
  })
})

function fakeReach(): NodeReach {
  let isTrackerOn = false
  const status = { listening: '0.0.0.0:6969', urls: [], torrents: 0, peers: 0, announces: 0 }
  return {
    proxy: () => ({ address: 'socks5://p:1', problem: null }),
    tracker: () => (isTrackerOn ? { ...status, problem: null } : null),
    get isTrackerOn() {
      return isTrackerOn
    },
    switchTracker: (isOn) => {
      isTrackerOn = isOn
      return Promise.resolve(null)
    },
  }
}

function sessionOf(control: Control): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = control.watch((update) => {
      if (update.kind !== 'snapshot') return
      setImmediate(() => stop())
      resolve(update.session)
    })
  })
}

describe('a question to the DHT', () => {
  it('goes to the engine in bytes, and its answer comes in hex and base64, also from afar', async () => {
    const dht = new RecordedDht()
    const { remote } = await serve(controlOf(new NetworkedSession(dht)))
    expect(await remote.dht({ do: 'ping', node: 'a.example:1' })).toEqual({
      ...{ kind: 'pong', nodeId: 'abcd', client: 'LT\u2401\ufffd2J', roundTripMs: 5 },
    })
    dht.client = Uint8Array.from([0x4c, 0x54, 0x02, 0x09])
    expect(await remote.dht({ do: 'ping', node: 'a.example:1' })).toMatchObject({
      client: 'LT 0209',
    })
    expect(await remote.dht({ do: 'peers', infoHash: HASH })).toMatchObject({
      peers: ['192.0.2.1:5', '[2001:db8::1]:6'],
    })
    expect(await remote.dht({ do: 'get', target: HASH })).toMatchObject({ value: null })
    expect(
      await remote.dht({ do: 'get-mutable', publicKey: KEY, salt: base64('s') }),
    ).toMatchObject({ value: base64('5:hello'), seq: String(2n ** 60n), signature: '0102' })
    expect(await remote.dht({ do: 'put', value: base64('5:hello') })).toMatchObject({ nodes: 3 })
    expect(await remote.dht({ ...PUT_MUTABLE, cas: '7' })).toMatchObject({ target: '01' })
    expect(dht.asked.at(-1)).toMatchObject({ seq: 2n ** 63n - 1n, cas: 7n })
    expect(dht.asked.at(-2)).toEqual(new Uint8Array(Buffer.from('5:hello')))
  })

  it.each<[string, DhtQuery]>([
    ['a value of 1001 bytes', { do: 'put', value: base64(`997:${'x'.repeat(997)}`) }],
    ['a value that is not bencoded', { do: 'put', value: base64('hello') }],
    ['a value with something after it', { do: 'put', value: base64('i1ei2e') }],
    ['keys out of order', { do: 'put', value: base64('d1:bi1e1:ai1ee') }],
    ['a salt of 65 bytes', { ...PUT_MUTABLE, salt: base64('s'.repeat(65)) }],
    ['a sequence number past 63 bits', { ...PUT_MUTABLE, seq: '9223372036854775808' }],
    ['an expected one past 63 bits', { ...PUT_MUTABLE, cas: '9223372036854775808' }],
  ])('with %s is refused before anybody is asked', async (_, query) => {
    const dht = new RecordedDht()
    const control = controlOf(new NetworkedSession(dht))
    expect(codeOf(await control.dht(query))).toBe('bad-value')
    expect(dht.asked).toEqual([])
  })

  it('may have 1000 bytes to store and 64 of salt', async () => {
    const control = controlOf(new NetworkedSession())
    const value = base64(`996:${'x'.repeat(996)}`)
    const query = { ...PUT_MUTABLE, value, salt: base64('s'.repeat(64)) }
    expect(codeOf(await control.dht(query))).toBe('fine')
  })

  it('needs a DHT, and the right token', async () => {
    const { remote } = await serve(controlOf(new NetworkedSession(null)))
    expect(codeOf(await remote.dht({ do: 'get', target: HASH }))).toBe('dht-off')
    const control = controlOf(new NetworkedSession())
    const adder = await serve(control, ADD_TOKEN)
    expect(codeOf(await adder.remote.dht({ do: 'get', target: HASH }))).toBe('fine')
    expect(codeOf(await adder.remote.dht(PUT_MUTABLE))).toBe('not-allowed')
    // It would go wherever the caller says, also inside the house.
    expect(codeOf(await adder.remote.dht({ do: 'ping', node: '127.0.0.1:53' }))).toBe('not-allowed')
    const reader = await serve(control, READ_TOKEN)
    expect(codeOf(await reader.remote.dht({ do: 'get', target: HASH }))).toBe('not-allowed')
    expect(codeOf(await reader.remote.network())).toBe('fine')
  })

  it('waits its turn no longer than there is room', async () => {
    const dht = new RecordedDht()
    const answers: (() => void)[] = []
    dht.get = () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ kind: 'value', value: null, nodesAsked: 4 }))
      })
    const { served } = await serve(controlOf(new NetworkedSession(dht)))
    const post = (): ReturnType<typeof ask> =>
      ask(served.port, '/api/v1/dht', {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ do: 'get', target: HASH }),
      })
    const waiting = Array.from({ length: DHT_QUERIES_AT_ONCE }, post)
    await expect.poll(() => answers.length).toBe(DHT_QUERIES_AT_ONCE)
    const refused = await post()
    expect(refused).toMatchObject({ status: 429, code: 'too-many-queries' })
    for (const answer of answers) answer()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 200))
    const last = post()
    await expect.poll(() => answers.length).toBe(DHT_QUERIES_AT_ONCE + 1)
    answers.at(-1)?.()
    expect((await last).status).toBe(200)
  })
})

const MESSAGE: WireMessage = {
  number: 0,
  atMs: 1,
  direction: 'in',
  name: 'have\u001b',
  bep: 3,
  lengthBytes: 9,
  fields: [['piece', '1\u202e2']],
}

function listening() {
  const events: WireEvent[] = []
  return { events, listener: (event: WireEvent) => void events.push(event) }
}

describe('the wire of a peer', () => {
  it('is watched from afar, in texts that are fit to show, until it ends', async () => {
    const session = new NetworkedSession()
    const { remote } = await serve(controlOf(session))
    const { events, listener } = listening()
    remote.inspect({ torrent: HASH, peer: 7 }, listener)
    await expect.poll(() => session.watches.has(7)).toBe(true)
    session.watches.get(7)?.({ kind: 'messages', messages: [MESSAGE], leftOut: 2 })
    session.watches.get(7)?.({ kind: 'ended' })
    await expect.poll(() => events.length).toBe(2)
    expect(events).toEqual([
      {
        kind: 'messages',
        messages: [{ ...MESSAGE, name: 'have\u241b', fields: [['piece', '1\ufffd2']] }],
        leftOut: 2,
      },
      { kind: 'ended', problem: null },
    ])
  })

  it('is left alone when nobody watches any more', async () => {
    const session = new NetworkedSession()
    const { remote } = await serve(controlOf(session))
    const stops = [7, 7, 8].map((peer) => remote.inspect({ torrent: HASH, peer }, () => {}))
    await expect.poll(() => [...session.watches.keys()]).toEqual([7, 8])
    stops[0]?.()
    stops[2]?.()
    await expect.poll(() => [...session.watches.keys()]).toEqual([7])
    await remote.close()
    await expect.poll(() => session.watches.size).toBe(0)
  })

  it('is watched of so many peers at a time and no more', async () => {
    const session = new NetworkedSession()
    const { remote } = await serve(controlOf(session))
    for (let peer = 0; peer < WATCHES_AT_ONCE; peer += 1) {
      remote.inspect({ torrent: HASH, peer }, () => {})
    }
    const { events, listener } = listening()
    remote.inspect({ torrent: HASH, peer: 99 }, listener)
    await expect.poll(() => events.length).toBe(1)
    expect(events).toMatchObject([{ kind: 'ended', problem: { code: 'busy' } }])
    expect(session.watches.size).toBe(WATCHES_AT_ONCE)
  })

  it('is for the owner alone', async () => {
    const session = new NetworkedSession()
    const { remote } = await serve(controlOf(session), ADD_TOKEN)
    const { events, listener } = listening()
    remote.inspect({ torrent: HASH, peer: 1 }, listener)
    await expect.poll(() => events.length).toBe(1)
    expect(events).toMatchObject([{ kind: 'ended', problem: { code: 'not-allowed' } }])
    expect(session.watches.size).toBe(0)
  })

  it('ends with the line', async () => {
    const session = new NetworkedSession()
    const { served, remote } = await serve(controlOf(session))
    const { events, listener } = listening()
    remote.inspect({ torrent: HASH, peer: 1 }, listener)
    await expect.poll(() => session.watches.size).toBe(1)
    served.sockets.close()
    await expect.poll(() => events.length).toBe(1)
    expect(events).toMatchObject([{ kind: 'ended', problem: { code: 'reset' } }])
    expect(session.watches.size).toBe(0)
  })
})

describe('a node of an earlier version', () => {
  it('is worked with, and does not tell about its network', async () => {
    const { remote } = await connectOld()
    const { events, listener } = listening()
    expect(codeOf(await remote.network())).toBe('unsupported')
    expect(codeOf(await remote.dht({ do: 'get', target: HASH }))).toBe('unsupported')
    remote.inspect({ torrent: HASH, peer: 1 }, listener)
    await expect.poll(() => events.length).toBe(1)
    expect(events).toMatchObject([{ kind: 'ended', problem: { code: 'unsupported' } }])
    expect(await sessionOf(remote)).toMatchObject({ node: 'fake 0.1.0', isDhtOn: false })
  })

  /** Says nothing of what came with this version, and refuses it as that one did. */
  async function connectOld(): Promise<{ readonly remote: Control }> {
    const whole = await sessionOf(new FakeControl())
    const session = Object.fromEntries(
      Object.entries(typeof whole === 'object' ? (whole ?? {}) : {}).filter(
        ([key]) => !/^is|^encryption/.test(key),
      ),
    )
    const server = createServer((request, response) => {
      const isKnown = request.url === '/api/v1/session'
      response.writeHead(isKnown ? 200 : 404, { 'Pigeon-Api': '1' })
      const problem = { code: 'no-such-route', message: 'm', help: 'h' }
      response.end(JSON.stringify(isKnown ? { session } : { problem }))
    })
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => {
      socket.send(JSON.stringify({ kind: 'snapshot', number: 1, session, torrents: [] }))
      socket.on('message', () => {
        const problem = { code: 'bad-message', message: 'm', help: 'h' }
        socket.send(JSON.stringify({ kind: 'refused', problem }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => {
      server.close()
      server.closeAllConnections()
    })
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const remote = await connectControl(`http://127.0.0.1:${port}`, { token: TOKEN })
    if (isProblem(remote)) throw new Error(remote.message)
    cleanups.push(() => remote.close())
    return { remote }
  }
})
