import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import type { Listener, PeerSocket } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { ANY_SOURCE, sourceAddresses } from './source-addresses.ts'
import { createNetworkPort } from './tcp.ts'

const network = createNetworkPort({ sources: ANY_SOURCE, dialTimeoutMs: 300 })
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

interface Pair {
  readonly near: PeerSocket
  readonly far: PeerSocket
  readonly listener: Listener
}

/** Bytes as they come in, in one string of memory. */
function collect(socket: PeerSocket): { bytes: () => Buffer; closed: Promise<IoProblem | null> } {
  const chunks: Buffer[] = []
  socket.onBytes = (bytes) => chunks.push(Buffer.from(bytes))
  const closed = new Promise<IoProblem | null>((resolve) => {
    socket.onClosed = resolve
  })
  return { bytes: () => Buffer.concat(chunks), closed }
}

async function listen(accept: (socket: PeerSocket) => void, host = '127.0.0.1'): Promise<Listener> {
  const listener = await network.listen({ host, port: 0 }, (socket) => {
    closing.push(() => socket.close())
    accept(socket)
  })
  if (isIoProblem(listener)) throw new Error(listener.message)
  closing.push(() => listener.close())
  return listener
}

function dial(address: { host: string; port: number }, from = network): Promise<PeerSocket> {
  return new Promise((resolve, reject) => {
    from.dial(address, {
      opened: (socket) => {
        closing.push(() => socket.close())
        resolve(socket)
      },
      failed: (problem) => reject(new Error(problem.code)),
    })
  })
}

async function connected(): Promise<Pair> {
  const { promise, resolve } = withResolvers<PeerSocket>()
  const listener = await listen(resolve)
  const near = await dial(listener.address)
  return { near, far: await promise, listener }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a connection', () => {
  test('carries bytes both ways and ends in order', async () => {
    const { near, far } = await connected()
    const [atNear, atFar] = [collect(near), collect(far)]
    near.write([Buffer.from('he'), Buffer.from('llo')])
    await until(() => atFar.bytes().length === 5)
    far.write([Buffer.from('back')])
    await until(() => atNear.bytes().length === 4)
    near.close()
    expect(await atFar.closed).toBeNull()
    expect(await atNear.closed).toBeNull()
    expect(atFar.bytes().toString()).toBe('hello')
    expect(near.remote.port).toBeGreaterThan(0)
    expect(far.remote.host).toBe('127.0.0.1')
  })

  test('holds bytes back while it is paused', async () => {
    const { near, far } = await connected()
    const atFar = collect(far)
    let isPausedNear = true
    let before = 0
    near.onBytes = (bytes) => {
      expect(isPausedNear).toBe(false)
      before += bytes.length
    }
    near.pause()
    far.write([Buffer.alloc(100_000)])
    near.write([Buffer.from('x')])
    await until(() => atFar.bytes().length === 1)
    isPausedNear = false
    near.resume()
    await until(() => before === 100_000)
    far.pause()
    near.write([Buffer.alloc(1000)])
    far.write([Buffer.from('y')])
    await until(() => before === 100_001)
    expect(atFar.bytes().length).toBe(1)
    far.resume()
    await until(() => atFar.bytes().length === 1001)
  })

  test('tells how much is queued, and when little is left', async () => {
    const { near, far } = await connected()
    const atFar = collect(far)
    far.pause()
    let drained = 0
    near.onDrained = () => drained++
    // More than any socket buffer holds.
    const chunk = Buffer.alloc(8 * 1024 * 1024)
    const queued = near.write([chunk, chunk])
    expect(queued).toBe(near.queuedBytes)
    expect(queued).toBeGreaterThan(0)
    expect(drained).toBe(0)
    far.resume()
    await until(() => drained === 1)
    expect(near.queuedBytes).toBe(0)
    await until(() => atFar.bytes().length === 2 * chunk.length)
    expect(drained).toBe(1)
  })

  test('sends what is queued before it closes', async () => {
    const { near, far } = await connected()
    const atFar = collect(far)
    near.write([Buffer.alloc(4 * 1024 * 1024, 7)])
    near.close()
    near.write([Buffer.from('too late')])
    expect(await atFar.closed).toBeNull()
    expect(atFar.bytes().length).toBe(4 * 1024 * 1024)
  })

  test('closes once, and is silent afterwards', async () => {
    const { near, far } = await connected()
    let closes = 0
    near.onClosed = () => closes++
    near.onBytes = () => expect.unreachable('bytes after close')
    far.write([Buffer.from('x')])
    near.close()
    near.close()
    await collect(far).closed
    await until(() => closes === 1)
    expect(near.write([Buffer.from('x')])).toBe(0)
    expect(closes).toBe(1)
  })

  test('broken by the remote is a problem, told once', async () => {
    const { promise, resolve } = withResolvers<{ resetAndDestroy(): unknown }>()
    const server = createServer(resolve).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    closing.push(() => server.close())
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const near = await dial({ host: '127.0.0.1', port })
    const { closed } = collect(near)
    ;(await promise).resetAndDestroy()
    expect(await closed).toMatchObject({ kind: 'io-problem', code: 'reset' })
  })
})

describe('dialling', () => {
  const failure = (address: { host: string; port: number }, port = network) =>
    new Promise<IoProblem>((resolve, reject) => {
      port.dial(address, { opened: () => reject(new Error('opened')), failed: resolve })
    })

  test('says what was wrong, as a value', async () => {
    const listener = await listen(() => {})
    await listener.close()
    expect(await failure(listener.address)).toMatchObject({ code: 'refused' })
    expect(await failure({ host: 'not-an-address', port: 5 })).toMatchObject({
      code: 'address-unavailable',
    })
    for (const port of [0, 65_536, -1]) {
      expect(await failure({ host: '127.0.0.1', port })).toMatchObject({
        code: 'address-unavailable',
      })
    }
  })

  test('leaves from the local address that was set, where the family fits', async () => {
    const { promise, resolve } = withResolvers<PeerSocket>()
    const listener = await listen(resolve)
    await dial(listener.address, createNetworkPort({ sources: sourceAddresses('127.0.0.9', null) }))
    expect((await promise).remote.host).toBe('127.0.0.9')
  })

  test('that is cancelled fails once, with a code of its own', async () => {
    const listener = await listen(() => {})
    const failures: string[] = []
    const dialling = network.dial(listener.address, {
      opened: () => failures.push('opened'),
      failed: (problem) => failures.push(problem.code),
    })
    dialling.cancel()
    dialling.cancel()
    await until(() => failures.length > 0)
    // Another whole connection later nothing was added.
    await dial(listener.address)
    expect(failures).toEqual(['closed'])
  })

  test('gives up when nobody answers', async () => {
    // A listener whose thread sleeps accepts nothing; once its backlog is full, the system drops what comes.
    const sleeper = new Worker(SLEEPING_LISTENER, { eval: true })
    closing.push(() => sleeper.terminate())
    const port = await new Promise<number>((resolve) => sleeper.once('message', resolve))
    const dials = Array.from(
      { length: 8 },
      () =>
        new Promise<string>((resolve) => {
          network.dial(
            { host: '127.0.0.1', port },
            {
              opened: (socket) => {
                closing.push(() => socket.close())
                resolve('opened')
              },
              failed: (problem) => resolve(problem.code),
            },
          )
        }),
    )
    expect(await Promise.all(dials)).toContain('timed-out')
  })
})

const SLEEPING_LISTENER = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
  })`

describe('listening', () => {
  test('on a port that is taken, or an address that is not ours, is a problem', async () => {
    const { address } = await listen(() => {})
    expect(await network.listen(address, () => {})).toMatchObject({ code: 'address-in-use' })
    expect(await network.listen({ host: '192.0.2.1', port: 0 }, () => {})).toMatchObject({
      code: 'address-unavailable',
    })
    expect(await network.listen({ host: '127.0.0.1', port: 70_000 }, () => {})).toMatchObject({
      code: 'address-unavailable',
    })
  })

  test('frees the port at once, and leaves open connections alone', async () => {
    const { near, far, listener } = await connected()
    await listener.close()
    const again = await network.listen(listener.address, () => {})
    expect(isIoProblem(again)).toBe(false)
    if (!isIoProblem(again)) await again.close()
    const atFar = collect(far)
    near.write([Buffer.from('still here')])
    await until(() => atFar.bytes().length === 10)
  })

  test('on all addresses shows IPv4 peers under their own address', async ({ skip }) => {
    const { promise, resolve } = withResolvers<PeerSocket>()
    const listener = await listen(resolve, '::')
    skip(listener.address.host !== '::', 'this system has no IPv6')
    await dial({ host: '127.0.0.1', port: listener.address.port })
    expect((await promise).remote.host).toBe('127.0.0.1')
  })
})
