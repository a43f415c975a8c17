import { describe, expect, test } from 'vitest'
import { isIoProblem } from '@pigeon/engine/problem'
import { followRedirects } from './http-redirects.ts'

/** A network: which address a host has, and where it redirects to (`null`: it answers). */
const NETWORK: Readonly<Record<string, readonly [address: string, location: string | null]>> = {
  'public.example': ['93.184.216.34', null],
  'to-public.example': ['93.184.216.34', 'http://public.example/'],
  'to-secure.example': ['93.184.216.34', 'https://public.example/'],
  'to-loopback.example': ['93.184.216.34', 'http://localhost.example/'],
  'to-private.example': ['93.184.216.34', 'http://router.example/'],
  'to-router-to-loopback.example': ['93.184.216.34', 'http://router-to-loopback.example/'],
  'router.example': ['192.168.1.1', null],
  'router-to-router.example': ['192.168.1.1', 'http://router.example/'],
  'router-to-loopback.example': ['192.168.1.1', 'http://localhost.example/'],
  'router-to-public-to-private.example': ['192.168.1.1', 'http://to-private.example/'],
  'localhost.example': ['127.0.0.1', null],
  'localhost-to-router.example': ['127.0.0.1', 'http://router.example/'],
}

async function follow(host: string, allowPrivate = true): Promise<string> {
  const asked: string[] = []
  const result = await followRedirects(`http://${host}/`, allowPrivate, (url, reach) => {
    const [address, location] = NETWORK[url.hostname] ?? ['0.0.0.0', null]
    if (!reach.allows(address)) {
      return Promise.resolve({ kind: 'io-problem', code: 'not-allowed', message: '', help: '' })
    }
    asked.push(address)
    return Promise.resolve(
      location === null
        ? { kind: 'answer', answer: { status: 200, body: new Uint8Array(0) } }
        : { kind: 'redirect', location, serverAddress: address },
    )
  })
  return `${isIoProblem(result) ? result.code : 'answered'} by ${asked.at(-1)}`
}

describe('a public server', () => {
  test.each(['to-public.example', 'to-secure.example'])(
    'may lead to a public one (%s)',
    async (host) => {
      expect(await follow(host)).toBe('answered by 93.184.216.34')
    },
  )

  test.each(['to-loopback.example', 'to-private.example', 'to-router-to-loopback.example'])(
    'may not lead to %s, not even with leave',
    async (host) => {
      expect(await follow(host)).toBe('not-allowed by 93.184.216.34')
    },
  )
})

describe('a private server', () => {
  test('may lead to a private one, and needs leave itself', async () => {
    expect(await follow('router-to-router.example')).toBe('answered by 192.168.1.1')
    expect(await follow('router-to-router.example', false)).toBe('not-allowed by undefined')
  })

  test('may not lead to this machine', async () => {
    expect(await follow('router-to-loopback.example')).toBe('not-allowed by 192.168.1.1')
  })

  test('gains nothing by a detour over a public one', async () => {
    expect(await follow('router-to-public-to-private.example')).toBe('not-allowed by 93.184.216.34')
  })
})

test('a server of this machine may lead into the private network', async () => {
  expect(await follow('localhost-to-router.example')).toBe('answered by 192.168.1.1')
})
