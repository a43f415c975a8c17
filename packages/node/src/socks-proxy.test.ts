import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpAnswer, PeerSocket } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { WebSocketServer } from 'ws'
import { createHttpPort } from './http.ts'
import type { ProxyAddress } from './network-kinds.ts'
import {
  proxiedDatagramPort,
  proxiedNetworkPort,
  SocksProxy,
  type SocksProxyOptions,
} from './socks-proxy.ts'
import { selfSigned } from './testing/self-signed.ts'
import { SocksServer, type SocksServerOptions } from './testing/socks-server.ts'
import { createWebSocketPort } from './websocket.ts'

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Says everything back, in capitals. */
function echo(): Promise<number> {
  return listening(
    createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => socket.write(bytes.toString().toUpperCase()))
    }),
  )
}

async function socksServer(options: SocksServerOptions = {}): Promise<SocksServer> {
  const proxy = await SocksServer.open(options)
  closing.push(() => proxy.close())
  return proxy
}

function proxyAt(
  port: number,
  login: ProxyAddress['login'] = null,
  options: Partial<SocksProxyOptions> = {},
): SocksProxy {
  return new SocksProxy({ address: { host: '127.0.0.1', port, login }, ...options })
}

function dial(proxy: SocksProxy, host: string, port: number): Promise<PeerSocket | IoProblem> {
  return new Promise((decide) => {
    proxiedNetworkPort(proxy).dial({ host, port }, { opened: decide, failed: decide })
  })
}

function textOf(peer: PeerSocket, count: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    peer.onBytes = (bytes) => {
      text += Buffer.from(bytes).toString()
      if (text.length >= count) resolve(text)
    }
  })
}

function peerOf(answer: PeerSocket | IoProblem): PeerSocket {
  if (isIoProblem(answer)) throw new Error(answer.message)
  closing.push(() => answer.close())
  return answer
}

describe('a peer', () => {
  test('is reached through the proxy, under the address that it has', async () => {
    const socks = await socksServer({ places: { '203.0.113.5:6881': await echo() } })
    const proxy = proxyAt(socks.port)
    const peer = peerOf(await dial(proxy, '203.0.113.5', 6881))
    expect(peer).toMatchObject({
      remote: { host: '203.0.113.5', port: 6881 },
      transport: 'tcp',
      isEncrypted: false,
    })
    const heard = textOf(peer, 5)
    peer.write([Buffer.from('he'), Buffer.from('llo')])
    expect(await heard).toBe('HELLO')
    expect(socks.asked).toEqual(['ipv4 203.0.113.5:6881'])
    expect(proxy.problem).toBeNull()
  })

  test('that speaks first is heard from its first byte on', async () => {
    const socks = await socksServer({ places: { '203.0.113.5:1': await echo() }, early: 'first' })
    const peer = peerOf(await dial(proxyAt(socks.port), '203.0.113.5', 1))
    expect(await textOf(peer, 5)).toBe('first')
  })

  test('that was given up while the proxy connects is let go', async () => {
    const socks = await socksServer({ isSilent: true })
    const proxy = proxyAt(socks.port)
    const failed = await new Promise<IoProblem>((resolve) => {
      const dialling = proxiedNetworkPort(proxy).dial(
        { host: '203.0.113.5', port: 1 },
        { opened: () => {}, failed: resolve },
      )
      setImmediate(() => dialling.cancel())
    })
    expect(failed.code).toBe('closed')
    expect(proxy.problem).toBeNull()
  })

  test.each([
    [1, 'unreachable'],
    [2, 'not-allowed'],
    [3, 'unreachable'],
    [4, 'unreachable'],
    [5, 'refused'],
    [6, 'timed-out'],
    [7, 'bad-answer'],
    [8, 'bad-answer'],
    [99, 'unreachable'],
  ])('refused with reply %i is no fault of the proxy', async (reply, code) => {
    const socks = await socksServer({ reply, places: { '203.0.113.5:1': 9 } })
    const proxy = proxyAt(socks.port)
    expect(await dial(proxy, '203.0.113.5', 1)).toMatchObject({ kind: 'io-problem', code })
    expect(proxy.problem).toBeNull()
  })

  test('that never answers is given up after a while', async () => {
    const socks = await socksServer({ isSilent: true })
    const proxy = proxyAt(socks.port, null, { timeoutMs: 100 })
    expect(await dial(proxy, '203.0.113.5', 1)).toMatchObject({ code: 'timed-out' })
  })
})

describe('a proxy', () => {
  test('is told name and password where it asks for them', async () => {
    const login = { user: 'ana', password: 'p@ss:wörd' }
    const socks = await socksServer({ login, places: { '203.0.113.5:1': await echo() } })
    peerOf(await dial(proxyAt(socks.port, login), '203.0.113.5', 1))
    expect(socks.logins).toEqual(['ana:p@ss:wörd'])
  })

  test('that refuses them is said to, without the password', async () => {
    const socks = await socksServer({ login: { user: 'ana', password: 'right' } })
    const proxy = proxyAt(socks.port, { user: 'ana', password: 'hunter2' })
    const answer = await dial(proxy, '203.0.113.5', 1)
    expect(answer).toMatchObject({ code: 'not-allowed' })
    expect(proxy.problem).toEqual(answer)
    expect(JSON.stringify(answer)).not.toContain('hunter2')
    expect(proxy.name).toBe(`socks5://127.0.0.1:${socks.port}`)
  })

  test('that is gone is said so until it is back', async () => {
    const places = { '203.0.113.5:1': await echo() }
    const first = await SocksServer.open({ places })
    const { port } = first
    await first.close()
    const proxy = proxyAt(port)
    expect(await dial(proxy, '203.0.113.5', 1)).toMatchObject({ code: 'refused' })
    expect(proxy.problem?.message).toContain(`socks5://127.0.0.1:${port}`)
    expect(proxy.problem?.help).toContain('Nothing goes around it')
    await socksServer({ places, port })
    peerOf(await dial(proxy, '203.0.113.5', 1))
    expect(proxy.problem).toBeNull()
  })

  test.each([
    ['something else', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'bad-answer'],
    ['somebody who hangs up', '', 'reset'],
  ])('that is %s is known as that', async (_, says, code) => {
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.resume()
        socket.end(says)
      }),
    )
    const proxy = proxyAt(port)
    expect(await dial(proxy, '203.0.113.5', 1)).toMatchObject({ code })
    expect(proxy.problem?.code).toBe(code)
  })

  test('lets nobody in, opens no UDP socket and looks up no name', async () => {
    const proxy = proxyAt(1)
    const refused = { kind: 'io-problem', code: 'not-allowed' }
    const any = { host: '0.0.0.0', port: 0 }
    expect(await proxiedNetworkPort(proxy).listen(any, () => {})).toMatchObject(refused)
    expect(await proxiedDatagramPort().bind(any, () => {})).toMatchObject(refused)
    expect(await proxiedDatagramPort().resolve('localhost')).toMatchObject(refused)
    expect(await proxiedDatagramPort().resolve('192.0.2.1')).toEqual(['192.0.2.1'])
  })
})

function get(
  proxy: SocksProxy,
  url: string,
  options: { readonly allowPrivate?: boolean; readonly trusted?: string } = {},
): Promise<HttpAnswer | IoProblem> {
  const { allowPrivate = true, trusted } = options
  const port = createHttpPort({
    connect: proxy.connect,
    ...(trusted === undefined ? {} : { trustedCertificates: trusted }),
  })
  return port.get(url, { limitBytes: 1000, timeoutMs: 10_000, allowPrivate })
}

const bodyOf = (answer: HttpAnswer | IoProblem): string =>
  isIoProblem(answer) ? answer.code : new TextDecoder().decode(answer.body)

describe('a tracker over HTTP', () => {
  test('is asked by its name, which the proxy looks up', async () => {
    const port = await listening(
      createHttp((request, response) => response.end(`${request.headers.host}${request.url}`)),
    )
    const socks = await socksServer({ places: { 'tracker.example:80': port } })
    const answer = await get(proxyAt(socks.port), 'http://tracker.example/announce?a=%00')
    expect(bodyOf(answer)).toBe('tracker.example/announce?a=%00')
    expect(socks.asked).toEqual(['name tracker.example:80'])
  })

  test('proves who it is as without a proxy', async () => {
    const nowMs = Date.now()
    const right = selfSigned('tracker.example', nowMs - 86_400_000, nowMs + 86_400_000)
    let sni: string | boolean | undefined
    const port = await listening(
      createHttps({ key: right.key, cert: right.certificate }, (request, response) => {
        sni = 'servername' in request.socket ? String(request.socket.servername) : undefined
        response.end('ok')
      }),
    )
    const places = { 'tracker.example:443': port, 'other.example:443': port }
    const proxy = proxyAt((await socksServer({ places })).port)
    const trusted = right.certificate
    expect(bodyOf(await get(proxy, 'https://tracker.example/', { trusted }))).toBe('ok')
    expect(sni).toBe('tracker.example')
    expect(bodyOf(await get(proxy, 'https://other.example/', { trusted }))).toBe('tls')
    expect(bodyOf(await get(proxy, 'https://tracker.example/'))).toBe('tls')
  })

  test.each(['http://127.0.0.1/', 'http://localhost/', 'http://nas.local/', 'http://192.168.1.1/'])(
    'does not lead from outside to %s',
    async (location) => {
      const port = await listening(
        createHttp((_, response) => {
          response.writeHead(302, { Location: location }).end()
        }),
      )
      const socks = await socksServer({ places: { 'tracker.example:80': port } })
      expect(bodyOf(await get(proxyAt(socks.port), 'http://tracker.example/'))).toBe('not-allowed')
      expect(socks.asked).toEqual(['name tracker.example:80'])
    },
  )

  test('may lead to another name, which the proxy looks up too', async () => {
    const first = await listening(
      createHttp((_, response) => {
        response.writeHead(302, { Location: 'http://b.example/x' }).end()
      }),
    )
    const second = await listening(createHttp((_, response) => response.end('second')))
    const socks = await socksServer({ places: { 'a.example:80': first, 'b.example:80': second } })
    expect(bodyOf(await get(proxyAt(socks.port), 'http://a.example/'))).toBe('second')
    expect(socks.asked).toEqual(['name a.example:80', 'name b.example:80'])
  })

  test('is a problem in words while the proxy is gone', async () => {
    const socks = await SocksServer.open()
    await socks.close()
    const answer = await get(proxyAt(socks.port), 'http://tracker.example/')
    expect(isIoProblem(answer) && answer.message).toContain('the proxy socks5://127.0.0.1')
  })
})

test('a tracker over WebSocket is asked by its name through the proxy', async () => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  closing.push(() => sockets.close())
  sockets.on('connection', (socket) => socket.on('message', () => socket.send('heard')))
  await once(sockets, 'listening')
  const address = sockets.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socks = await socksServer({ places: { 'tracker.example:80': port } })
  const webSockets = createWebSocketPort({ connect: proxyAt(socks.port).connect })
  const heard = await new Promise<string>((resolve, reject) => {
    const link = webSockets.open('ws://tracker.example/', {
      opened: () => link.send('hello'),
      message: (text) => {
        resolve(text)
        link.close()
      },
      closed: (problem) => reject(new Error(problem?.message ?? 'closed')),
    })
  })
  expect(heard).toBe('heard')
  expect(socks.asked).toEqual(['name tracker.example:80'])
})
