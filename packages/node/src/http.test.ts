import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpAnswer } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { createHttpPort, type LookupAll } from './http.ts'
import { selfSigned } from './testing/self-signed.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  open.push({
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}`
}

/** Names that live in this test only. */
function namesOf(names: Readonly<Record<string, readonly string[]>>): LookupAll {
  return (host, answer) => {
    const found = names[host]
    if (found === undefined) answer(Object.assign(new Error(host), { code: 'ENOTFOUND' }), [])
    else
      answer(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  }
}

function get(
  url: string,
  options: {
    allowPrivate?: boolean
    timeoutMs?: number
    lookup?: LookupAll
    trusted?: string
  } = {},
): Promise<HttpAnswer | IoProblem> {
  const { allowPrivate = true, timeoutMs = 10_000, lookup, trusted } = options
  const port = createHttpPort({
    ...(lookup === undefined ? {} : { lookup }),
    ...(trusted === undefined ? {} : { trustedCertificates: trusted }),
  })
  return port.get(url, { limitBytes: 1_048_576, timeoutMs, allowPrivate })
}

const textOf = (answer: HttpAnswer | IoProblem): string =>
  isIoProblem(answer) ? `${answer.code}: ${answer.message}` : new TextDecoder().decode(answer.body)

describe('what is asked and answered', () => {
  test('path and query go out unchanged, and we say who we are', async () => {
    let seen = ''
    const base = await serve((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers['user-agent']}`
      response.end('ok')
    })
    expect(await get(`${base}/announce?passkey=x&y&info_hash=%00%20%25%2B%7F%80%FF`)).toMatchObject(
      {
        status: 200,
      },
    )
    expect(seen).toBe('GET /announce?passkey=x&y&info_hash=%00%20%25%2B%7F%80%FF Pigeon/0.1.0')
  })

  test('nothing says who we are while we are anonymous', async () => {
    const agents: (string | undefined)[] = []
    const base = await serve((request, response) => {
      agents.push(request.headers['user-agent'])
      response.end()
    })
    let isAnonymous = true
    const port = createHttpPort({ isAnonymous: () => isAnonymous })
    const limits = { limitBytes: 10, timeoutMs: 10_000, allowPrivate: true }
    await port.get(base, limits)
    isAnonymous = false
    await port.get(base, limits)
    expect(agents).toEqual([undefined, 'Pigeon/0.1.0'])
  })

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('%s is unpacked', async (encoding, pack) => {
    const base = await serve((_, response) => {
      response.setHeader('content-encoding', encoding).end(pack('d8:intervali1e5:peers0:e'))
    })
    expect(textOf(await get(base))).toBe('d8:intervali1e5:peers0:e')
  })

  test('chunked bodies, bodies that end with the connection and error statuses are answers', async () => {
    const base = await serve((_, response) => {
      response.write('a')
      response.end('b')
    })
    expect(textOf(await get(base))).toBe('ab')
    const closing = createTcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 404 Nope\r\n\r\nd14:failure reason1:xe'))
    })
    const answer = await get(`http://127.0.0.1:${await listening(closing)}/`)
    expect(answer).toMatchObject({ status: 404 })
    expect(textOf(answer)).toBe('d14:failure reason1:xe')
  })
})

describe('answers that are too much', () => {
  test('a bomb of 97 kB that unpacks to 100 MB is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024), { level: 9 })
    expect(bomb.length).toBeLessThan(105_000)
    const base = await serve((_, response) =>
      response.setHeader('content-encoding', 'gzip').end(bomb),
    )
    expect(await get(base)).toMatchObject({ code: 'answer-too-long' })
  })

  test('exactly the limit is an answer, one byte more is not', async () => {
    const base = await serve((request, response) => {
      response.end(Buffer.alloc(request.url === '/n' ? 1_048_576 : 1_048_577))
    })
    expect(await get(`${base}/n`)).toMatchObject({ status: 200 })
    expect(await get(`${base}/n1`)).toMatchObject({ code: 'answer-too-long' })
    const packed = await serve((request, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync(Buffer.alloc(request.url === '/n' ? 1_048_576 : 1_048_577)))
    })
    expect(await get(`${packed}/n`)).toMatchObject({ status: 200 })
    expect(await get(`${packed}/n1`)).toMatchObject({ code: 'answer-too-long' })
  })

  test('a body without end is cut off, and so is the connection', async () => {
    let onCut = (): void => {}
    const cut = new Promise<void>((resolve) => (onCut = resolve))
    const base = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) {
          // Until the other side has had enough for now.
        }
      }
      response.on('drain', more)
      response.on('close', onCut)
      more()
    })
    expect(await get(base)).toMatchObject({ code: 'answer-too-long' })
    await cut
  })

  test.each([
    ['never answers', () => {}],
    [
      'stops in the middle of its body',
      (response: { write(text: string): unknown }) => void response.write('d8:'),
    ],
  ])('a server that %s is given up in time', async (_, behave) => {
    const base = await serve((_request, response) => behave(response))
    expect(await get(base, { timeoutMs: 50 })).toMatchObject({ code: 'timed-out' })
  })

  test('headers without end are refused', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}`))
    })
    expect(await get(`http://127.0.0.1:${await listening(server)}/`)).toMatchObject({
      code: 'bad-answer',
    })
  })

  test.each([
    ['what is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad-answer'],
    ['a body cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab', 'reset'],
    ['an unknown packing', 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nab', 'bad-answer'],
    ['a broken packing', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip', 'bad-answer'],
  ])('%s is a problem with a name', async (_, bytes, code) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(bytes))
    })
    const answer = await get(`http://127.0.0.1:${await listening(server)}/CANARY?CANARY`)
    expect(answer).toMatchObject({ code })
    expect(textOf(answer)).not.toContain('CANARY')
  })

  test('nobody there, and no such name, are problems that name the host', async () => {
    const port = await listening(createServer())
    open.splice(0).forEach((server) => server.close())
    const refused = await get(`http://127.0.0.1:${port}/CANARY`)
    expect(refused).toMatchObject({ code: 'refused' })
    expect(textOf(refused)).toContain(`127.0.0.1:${port}`)
    const unknown = await get('http://nowhere.example/CANARY', { lookup: namesOf({}) })
    expect(unknown).toMatchObject({ code: 'name-not-found' })
    expect(textOf(unknown) + textOf(refused)).not.toContain('CANARY')
  })
})

describe('redirects', () => {
  const chain =
    (length: number): RequestListener =>
    (request, response) => {
      const step = Number(request.url?.slice(1) ?? 0)
      if (step >= length) response.end('there')
      else response.writeHead(302, { location: `/${step + 1}` }).end()
    }

  test('five are followed, a sixth is not', async () => {
    expect(textOf(await get(`${await serve(chain(5))}/0`))).toBe('there')
    expect(await get(`${await serve(chain(6))}/0`)).toMatchObject({ code: 'bad-answer' })
  })

  test.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://archiv\u{ff45}.example/',
    'http://',
    'javascript:1',
  ])('one to %s is refused', async (location) => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
      })
    })
    expect(await get(`http://127.0.0.1:${await listening(server)}/`)).toMatchObject({
      code: 'not-allowed',
    })
  })

  test.each(['169.254.169.254', '[::ffff:a9fe:a9fe]', '0.0.0.0', '224.0.0.1', '[::]'])(
    'not even a server of this machine may lead to %s',
    async (host) => {
      const base = await serve((_, response) => {
        response.writeHead(302, { location: `http://${host}/latest/meta-data` }).end()
      })
      expect(await get(base)).toMatchObject({ code: 'not-allowed' })
    },
  )
})

describe('addresses that are not allowed', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
  ])('without leave, %s is not asked', async (url) => {
    expect(await get(url, { allowPrivate: false })).toMatchObject({ code: 'not-allowed' })
  })

  test('a name is judged by the address that it has when it is connected to', async () => {
    const base = await serve((_, response) => response.end('secret'))
    const { port } = new URL(base)
    const lookup = namesOf({
      'rebind.example': ['127.0.0.1'],
      'mapped.example': ['::ffff:127.0.0.1'],
    })
    for (const host of ['rebind.example', 'mapped.example']) {
      const url = `http://${host}:${port}/`
      expect(await get(url, { allowPrivate: false, lookup })).toMatchObject({ code: 'not-allowed' })
    }
    expect(textOf(await get(`http://rebind.example:${port}/`, { lookup }))).toBe('secret')
  })

  test.each(['https://t.example/', 'http://t.example/'])(
    '%s with other letters than ASCII in its host is not asked',
    async (url) => {
      expect(await get(url.replace('example', 'ex\u{ff41}mple'))).toMatchObject({
        code: 'not-allowed',
      })
    },
  )

  test.each(['ftp://t.example/', 'file:///etc/passwd', 'nonsense', ''])(
    '"%s" is not asked',
    async (url) => {
      expect(await get(url)).toMatchObject({ code: 'not-allowed' })
    },
  )
})

describe('https', () => {
  const DAY_MS = 86_400_000
  const { key, certificate } = selfSigned('good.example', Date.now() - DAY_MS, Date.now() + DAY_MS)

  const lookup = namesOf({ 'good.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] })
  const serveTls = (listener: RequestListener) =>
    listening(createTlsServer({ key, cert: certificate }, listener))

  test('a certificate that nobody vouches for is refused', async () => {
    const port = await serveTls((_, response) => response.end('secret'))
    expect(await get(`https://good.example:${port}/`, { lookup })).toMatchObject({ code: 'tls' })
  })

  test('a certificate for another name is refused, the right one accepted', async () => {
    const port = await serveTls((_, response) => response.end('hello'))
    const options = { lookup, trusted: certificate }
    expect(await get(`https://other.example:${port}/`, options)).toMatchObject({ code: 'tls' })
    expect(textOf(await get(`https://good.example:${port}/`, options))).toBe('hello')
  })

  test('a certificate that ran out is refused', async () => {
    const old = selfSigned('good.example', Date.now() - 2 * DAY_MS, Date.now() - DAY_MS)
    const server = createTlsServer({ key: old.key, cert: old.certificate }, (_, response) => {
      response.end('secret')
    })
    const url = `https://good.example:${await listening(server)}/`
    expect(await get(url, { lookup, trusted: old.certificate })).toMatchObject({ code: 'tls' })
  })

  test('a server without TLS is refused', async () => {
    const base = await serve((_, response) => response.end('plain'))
    const port = new URL(base).port
    expect(await get(`https://good.example:${port}/`, { lookup })).toMatchObject({ code: 'tls' })
  })

  test('a redirect out of https is refused', async () => {
    const plain = await serve((_, response) => response.end('plain'))
    const port = await serveTls((_, response) => response.writeHead(302, { location: plain }).end())
    expect(
      await get(`https://good.example:${port}/`, { lookup, trusted: certificate }),
    ).toMatchObject({ code: 'not-allowed' })
  })
})
