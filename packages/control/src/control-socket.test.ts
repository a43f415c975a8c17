import { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { CLIENTS, MESSAGE_BYTES, REQUESTS_AT_ONCE, UNSENT_BYTES } from './control-socket.ts'
import type { Command, CommandResult } from './contract.ts'
import { frameText } from './frame-text.ts'
import { TICKET_MS, TICKETS_AT_ONCE, Gate } from './gate.ts'
import type { ServerMessage } from './messages.ts'
import { ask } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { type ServedControl, serveControl, TOKEN } from './testing/served-control.ts'

const BEARER = { Authorization: `Bearer ${TOKEN}` }

let control: FakeControl
let served: ServedControl
const open: Client[] = []

beforeEach(async () => {
  control = new FakeControl({ torrentCount: 4 })
  served = await serveControl(control)
})

afterEach(async () => {
  for (const client of open.splice(0)) client.socket.terminate()
  await served.close()
  expect(served.errors).toEqual([])
})

/** A program at the other end of the socket. */
class Client {
  readonly socket: WebSocket
  readonly #unread: ServerMessage[] = []
  #wake: () => void = () => {}

  constructor(
    headers: Readonly<Record<string, string>>,
    path = '/api/v1/events',
    port = served.port,
  ) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    this.socket.on('message', (data) => {
      // The server under test wrote it.
      const message: ServerMessage = JSON.parse(frameText(data))
      this.#unread.push(message)
      this.#wake()
    })
    this.socket.on('error', () => {})
    open.push(this)
  }

  async next<K extends ServerMessage['kind']>(
    kind: K,
  ): Promise<Extract<ServerMessage, { kind: K }>> {
    for (;;) {
      const message = this.#unread.shift()
      if (message !== undefined && isOf(message, kind)) return message
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The status with which the server refuses; `null` when it opens. */
  refusal(): Promise<number | null> {
    return new Promise((resolve) => {
      this.socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
      this.socket.on('open', () => resolve(null))
    })
  }

  closeCode(): Promise<number> {
    return new Promise((resolve) => this.socket.on('close', resolve))
  }
}

function isOf<K extends ServerMessage['kind']>(
  message: ServerMessage,
  kind: K,
): message is Extract<ServerMessage, { kind: K }> {
  return message.kind === kind
}

async function ticket(): Promise<string> {
  const { body } = await ask(served.port, '/api/v1/ticket', { method: 'POST', headers: BEARER })
  return /"ticket":"([\w-]{43})"/.exec(body)?.[1] ?? ''
}

describe('who may connect', () => {
  it('lets in who sends the token, or a ticket, once', async () => {
    expect(await new Client(BEARER).refusal()).toBeNull()
    const path = `/api/v1/events?ticket=${await ticket()}`
    expect(await new Client({}, path).refusal()).toBeNull()
    expect(await new Client({}, path).refusal()).toBe(401)
  })

  it.each([
    ['no token and no ticket', {}, '/api/v1/events', 401],
    ['a wrong token', { Authorization: 'Bearer no' }, '/api/v1/events', 401],
    ['a made-up ticket', {}, `/api/v1/events?ticket=${'a'.repeat(43)}`, 401],
    ['an empty ticket', BEARER, '/api/v1/events?ticket=', 401],
    ['a page of another site', { ...BEARER, Origin: 'http://1.2.3.4' }, '/api/v1/events', 403],
    ['a page without an origin', { ...BEARER, Origin: 'null' }, '/api/v1/events', 403],
    ['another host', { ...BEARER, Host: 'evil.example' }, '/api/v1/events', 421],
    ['another address', BEARER, '/api/v1/torrents', 404],
  ])('refuses %s', async (_, headers, path, status) => {
    expect(await new Client(headers, path).refusal()).toBe(status)
  })

  it('takes so many clients and no more, and more when one has left', async () => {
    const clients = Array.from({ length: CLIENTS }, () => new Client(BEARER))
    expect(await Promise.all(clients.map((client) => client.refusal()))).not.toContain(429)
    expect(await new Client(BEARER).refusal()).toBe(429)
    const closed = clients[0]?.closeCode()
    clients[0]?.socket.close()
    await closed
    expect(await new Client(BEARER).refusal()).toBeNull()
  })
})

describe('tickets', () => {
  const request = new IncomingMessage(new Socket())

  it('are void after half a minute, when used, and when there are too many newer ones', async () => {
    let nowMs = 0
    const gate = new Gate({ authorise: () => null, allowedHosts: [], nowMs: () => nowMs })
    const oldest = gate.issueTicket(request)
    const others = Array.from({ length: TICKETS_AT_ONCE }, () => gate.issueTicket(request))
    expect(await gate.checkSocketCaller(request, oldest)).toMatchObject({ status: 401 })
    expect(await gate.checkSocketCaller(request, others[0] ?? '')).toBeNull()
    expect(await gate.checkSocketCaller(request, others[0] ?? '')).toMatchObject({ status: 401 })
    nowMs = TICKET_MS - 1
    expect(await gate.checkSocketCaller(request, others[1] ?? '')).toBeNull()
    nowMs = TICKET_MS
    expect(await gate.checkSocketCaller(request, others[2] ?? '')).toMatchObject({ status: 401 })
  })
})

describe('what passes over it', () => {
  it('gives a snapshot, then diffs, and a snapshot again when asked', async () => {
    const client = new Client(BEARER)
    const first = await client.next('snapshot')
    expect(first.torrents).toEqual(control.torrents)
    control.step()
    expect((await client.next('diff')).number).toBe(first.number + 1)
    client.send({ resync: true })
    expect((await client.next('snapshot')).number).toBe(first.number + 1)
    control.step()
    expect((await client.next('diff')).number).toBe(first.number + 2)
  })

  it('runs commands and details torrents, each answer with its id', async () => {
    const client = new Client(BEARER)
    const { torrents } = await client.next('snapshot')
    const id = torrents[0]?.id ?? ''
    client.send({ id: 7, run: { do: 'pause', ids: [id] } })
    expect(await client.next('result')).toMatchObject({ id: 7, result: { ok: true, ids: [id] } })
    client.send({ id: 'x', run: { do: 'nothing' } })
    const refused = await client.next('result')
    expect(refused).toMatchObject({ id: 'x', result: { problem: { code: 'bad-command' } } })
    client.send({ detail: id })
    expect(await client.next('detail')).toMatchObject({ id, detail: { summary: { id } } })
    client.send({ detail: 'nothing' })
    expect(await client.next('detail')).toMatchObject({ id: 'nothing', detail: null })
  })

  const BAD_WATCHES = [
    '{"inspect":1}',
    '{"inspect":{"torrent":"a"}}',
    '{"inspect":{"torrent":"a","peer":-1}}',
    '{"inspect":{"torrent":"a","peer":1e400}}',
    `{"inspect":{"torrent":"${'a'.repeat(65)}","peer":1}}`,
    '{"inspect":{"torrent":"a","peer":1,"x":1}}',
    '{"inspect":null,"uninspect":null}',
    '{"uninspect":null}',
  ]

  it.each([
    ...['', '{', 'null', '[]', '{"run":1}', '{"resync":false}', '{"detail":5}', '"x"'],
    ...BAD_WATCHES,
  ])('refuses the message %j and stays open', async (message) => {
    const client = new Client(BEARER)
    await client.next('snapshot')
    client.send(message)
    expect(await client.next('refused')).toMatchObject({ problem: { code: 'bad-message' } })
    control.step()
    await client.next('diff')
  })

  it('takes a message of exactly the limit and closes on a longer one', async () => {
    const client = new Client(BEARER)
    await client.next('snapshot')
    client.send(' '.repeat(MESSAGE_BYTES))
    await client.next('refused')
    client.send(' '.repeat(MESSAGE_BYTES + 1))
    expect(await client.closeCode()).toBe(1009)
  })

  it('tells its clients when it closes', async () => {
    const client = new Client(BEARER)
    await client.next('snapshot')
    const code = client.closeCode()
    served.sockets.close()
    expect(await code).toBe(1001)
  })
})

describe('greedy and slow clients', () => {
  it('lets so many requests of one client wait and refuses the next', async () => {
    const finish: (() => void)[] = []
    control.run = (command: Command): Promise<CommandResult> =>
      new Promise((resolve) => {
        control.commands.push(command)
        finish.push(() => resolve({ ok: true, ids: [] }))
      })
    const client = new Client(BEARER)
    await client.next('snapshot')
    const run = { do: 'set-session' }
    for (let id = 0; id <= REQUESTS_AT_ONCE; id += 1) client.send({ id, run })
    const refused = await client.next('result')
    expect(refused).toMatchObject({ id: REQUESTS_AT_ONCE, result: { problem: { code: 'busy' } } })
    expect(control.commands).toHaveLength(REQUESTS_AT_ONCE)
    for (const each of finish) each()
    expect(await client.next('result')).toMatchObject({ id: 0, result: { ok: true } })
  })

  it('leaves diffs out for who does not read, and starts again with a snapshot', async () => {
    const client = new Client(BEARER)
    const first = await client.next('snapshot')
    const id = first.torrents[0]?.id ?? ''
    client.socket.pause()
    // Far more than the sockets of the system can hold between the two.
    const name = 'x'.repeat(UNSENT_BYTES)
    const steps = 40
    for (let step = 1; step <= steps; step += 1) {
      control.change(id, { name: `${step}${name}`, downRate: step })
    }
    client.socket.resume()
    const fresh = await client.next('snapshot')
    expect(fresh.number).toBe(first.number + steps)
    expect(fresh.torrents[0]).toMatchObject({ id, downRate: steps })
    control.change(id, { name: 'short' })
    expect((await client.next('diff')).number).toBe(fresh.number + 1)
  })
})

describe('many clients', () => {
  it('share one text of each snapshot and of each diff', async () => {
    let written = 0
    const id = control.torrents[0]?.id ?? ''
    const watched = {
      downRate: 5,
      toJSON() {
        written += 1
        return { id, downRate: 5 }
      },
    }
    control.change(id, watched)
    const clients = [new Client(BEARER), new Client(BEARER), new Client(BEARER)]
    for (const client of clients) await client.next('snapshot')
    expect(written).toBe(1)
    // Another object each time, of which the wire takes what changed.
    control.change(id, { upRate: 6 })
    for (const client of clients) expect((await client.next('diff')).changed).toHaveLength(1)
    expect(written).toBe(1)
  })
})

describe('a snapshot that is larger than what a client may leave unread', () => {
  it('is sent once, with the diffs after it, to a client that reads slowly', async () => {
    const many = new FakeControl({ torrentCount: 8_000 })
    const server = await serveControl(many)
    const client = new Client(BEARER, '/api/v1/events', server.port)
    await new Promise((resolve) => client.socket.once('open', resolve))
    client.socket.pause()
    const [torrent] = many.torrents
    for (let step = 1; step <= 20; step += 1) {
      many.change(torrent?.id ?? '', { downRate: step })
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.socket.resume()
    const snapshot = await client.next('snapshot')
    expect(JSON.stringify(snapshot).length).toBeGreaterThan(4 * UNSENT_BYTES)
    let last = snapshot.number
    const numbers: number[] = []
    while (last < snapshot.number + 10) {
      const { number } = await client.next('diff')
      numbers.push(number)
      last = number
    }
    expect(numbers).toEqual(numbers.map((_, index) => snapshot.number + 1 + index))
    await server.close()
  })
})

describe('broken handshakes', () => {
  it('survives a client that leaves in the middle', async () => {
    const socket = await dial()
    socket.write('GET /api/v1/events HTTP/1.1\r\nUpgrade: websocket\r\n')
    socket.destroy()
    const other = await dial()
    other.write(
      `GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Authorization: Bearer ${TOKEN}\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    const answer = await new Promise<string>((resolve) => {
      other.once('data', (chunk) => resolve(chunk.toString()))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    other.destroy()
    expect(await new Client(BEARER).refusal()).toBeNull()
  })
})

function dial(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(served.port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => {})
  })
}
