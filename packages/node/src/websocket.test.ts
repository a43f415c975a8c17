import { createServer } from 'node:http'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { createWebSocketPort, type WebSocketOptions } from './websocket.ts'

const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(onClient: (client: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 1024 * 1024 })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (client) => {
    client.on('error', () => {})
    onClient(client)
  })
  servers.push({
    close: () => {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  })
  return `ws://127.0.0.1:${portOf(server.address())}/announce`
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => (resolve = settle))
  return { promise, resolve }
}

function dial(url: string, options: WebSocketOptions = {}) {
  const opened = deferred<void>()
  const closed = deferred<IoProblem | null>()
  const texts: string[] = []
  const heard = deferred<string>()
  const link = createWebSocketPort(options).open(url, {
    opened: () => opened.resolve(),
    message: (text) => {
      texts.push(text)
      heard.resolve(text)
    },
    closed: closed.resolve,
  })
  return { link, opened: opened.promise, closed: closed.promise, heard: heard.promise, texts }
}

describe('a link', () => {
  test('carries text both ways, and ends orderly', async () => {
    const url = await serve((client) => client.on('message', (bytes) => client.send(bytes)))
    const { link, opened, heard, closed } = dial(url)
    await opened
    link.send('grüße')
    expect(await heard).toBe('grüße')
    link.close()
    expect(await closed).toBeNull()
  })

  test('says what went wrong where nobody listens, where no WebSocket is spoken, and for nonsense', async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => server.once('listening', resolve))
    servers.push(server)
    const page = `ws://127.0.0.1:${portOf(server.address())}/`
    expect(await dial('ws://127.0.0.1:1/').closed).toMatchObject({ code: 'refused' })
    expect(await dial(page).closed).toMatchObject({ code: 'bad-answer' })
    expect(await dial('ws://').closed).toMatchObject({ code: 'bad-answer' })
    expect(await dial('ws://169.254.169.254/').closed).toMatchObject({ code: 'not-allowed' })
  })

  test('takes 64 KiB, and closes at one byte more', async () => {
    const most = 64 * 1024
    const url = await serve((client) => {
      client.send('x'.repeat(most))
      client.send('x'.repeat(most + 1))
    })
    const { closed, texts } = dial(url)
    expect(await closed).toMatchObject({ code: 'answer-too-long' })
    expect(texts.map((text) => text.length)).toEqual([most])
  })

  test('gives up on a server that accepts and says nothing', async () => {
    const silent = createTcpServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    servers.push(silent)
    const url = `ws://127.0.0.1:${portOf(silent.address())}/`
    expect(await dial(url, { openMs: 50 }).closed).toMatchObject({ code: 'timed-out' })
  })

  test('hangs up when its pings are not answered', async () => {
    const url = await serve((client) => client.pause())
    const { closed } = dial(url, { pingMs: 20 })
    expect(await closed).toMatchObject({ code: 'timed-out' })
  })

  test('that is closed before it opened tells so once', async () => {
    const { link, closed } = dial(await serve(() => {}))
    link.close()
    link.close()
    expect(await closed).toBeDefined()
  })
})

describe('another way out', () => {
  test('is taken by name, and for everything', async () => {
    const url = await serve((client) => client.on('message', (bytes) => client.send(bytes)))
    const asked: string[] = []
    const connect: WebSocketOptions['connect'] = (host, port) => {
      asked.push(`${host}:${port}`)
      const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
      return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
    }
    const { link, opened, heard } = dial('ws://tracker.example:8000/announce', { connect })
    await opened
    link.send('x')
    expect(await heard).toBe('x')
    expect(asked).toEqual(['tracker.example:8000'])
    link.close()
  })

  test('that fails is not gone around', async () => {
    const connect = () => Promise.resolve(ioProblem('refused', 'The proxy refuses.', ''))
    let clients = 0
    const url = await serve(() => (clients += 1))
    expect(await dial(url, { connect }).closed).toMatchObject({ message: 'The proxy refuses.' })
    expect(clients).toBe(0)
  })
})
