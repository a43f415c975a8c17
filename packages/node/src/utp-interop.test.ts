/** Our uTP against libutp, by the module `utp-native`. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterEach, expect, test, vi } from 'vitest'
import type { Address, DatagramSocket, PeerSocket } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import type { UdpHub } from '@pigeon/engine/udp-hub'
import { UtpTransport } from '@pigeon/engine/utp-transport'
import { createClockPort } from './clock.ts'
import { createDatagramPort } from './datagrams.ts'
import { createRandomPort } from './random.ts'

// libutp moves some MiB a second, and less on a line that loses.
vi.setConfig({ testTimeout: 120_000 })

const HOST = '127.0.0.1'
const MIB = 1024 * 1024

/** What we use of a module that has no types. */
interface NativeStream {
  on(event: 'data', take: (bytes: Uint8Array) => void): void
  on(event: 'end' | 'close' | 'connect', run: () => void): void
  on(event: 'error', run: (error: Error) => void): void
  write(bytes: Uint8Array): boolean
  end(): void
  destroy(): void
}
interface NativeServer {
  listen(port: number, host: string, done: () => void): void
  address(): { port: number }
  close(): void
}
interface Native {
  createServer(take: (stream: NativeStream) => void): NativeServer
  connect(port: number, host: string): NativeStream
}

const requireFrom = createRequire(import.meta.url)
// The module has no types of its own.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const native = requireFrom('utp-native') as Native

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup()
})

/** Bytes that no two places share in a way that a lost or repeated packet could hide. */
function sample(lengthBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  const words = new Uint32Array(bytes.buffer, 0, lengthBytes >> 2)
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return bytes
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

class Reader {
  readonly #hash = createHash('sha256')
  readonly #whole: Promise<string>
  #leftBytes: number
  #done: (hash: string) => void = () => {}

  constructor(lengthBytes: number) {
    this.#leftBytes = lengthBytes
    this.#whole = new Promise((resolve) => (this.#done = resolve))
  }

  readonly take = (bytes: Uint8Array): void => {
    this.#hash.update(bytes)
    this.#leftBytes -= bytes.length
    if (this.#leftBytes === 0) this.#done(this.#hash.copy().digest('hex'))
  }

  get whole(): Promise<string> {
    return this.#whole
  }
}

async function bound(receive: (bytes: Uint8Array, from: Address) => void): Promise<DatagramSocket> {
  const socket = await createDatagramPort().bind({ host: HOST, port: 0 }, receive)
  if (isIoProblem(socket)) throw new Error(socket.message)
  cleanups.push(() => socket.close())
  return socket
}

async function openUtp(): Promise<{ utp: UtpTransport; port: number }> {
  let handler: (bytes: Uint8Array, from: Address) => void = () => {}
  const socket = await bound((bytes, from) => handler(bytes, from))
  const hub: UdpHub = {
    local: [socket.address],
    send: (bytes, to) => socket.send(bytes, to),
    handle: (kind, handle) => {
      if (kind === 'utp') handler = handle
    },
  }
  const utp = new UtpTransport({ hub, clock: createClockPort(), random: createRandomPort() })
  cleanups.push(() => utp.close())
  return { utp, port: socket.address.port }
}

/** Stands between two sockets, and loses, repeats and holds back datagrams of both directions by a seed. */
async function openRelay(serverPort: number, seed: number): Promise<number> {
  let state = seed
  const chance = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const pass = (socket: () => DatagramSocket, bytes: Uint8Array, to: Address | null): void => {
    if (to === null || chance() < 0.03) return
    const copy = bytes.slice()
    if (chance() < 0.02) socket().send(copy, to)
    if (chance() < 0.05) setTimeout(() => socket().send(copy, to), 5)
    else socket().send(copy, to)
  }
  let client: Address | null = null
  const front: DatagramSocket = await bound((bytes, from) => {
    client = from
    pass(() => back, bytes, { host: HOST, port: serverPort })
  })
  const back: DatagramSocket = await bound((bytes) => pass(() => front, bytes, client))
  return front.address.port
}

/** Writes all of it as fast as it is taken. */
function writeAll(socket: PeerSocket, bytes: Uint8Array): void {
  let at = 0
  const fill = (): void => {
    while (at < bytes.length && socket.queuedBytes < MIB) {
      socket.write([bytes.subarray(at, at + 65_536)])
      at += 65_536
    }
  }
  socket.onDrained = fill
  fill()
}

/** A server of libutp; answers its port. */
function nativeServer(onStream: (stream: NativeStream) => void): Promise<number> {
  return new Promise((resolve) => {
    const server = native.createServer((stream) => {
      stream.on('error', () => {})
      cleanups.push(() => stream.destroy())
      onStream(stream)
    })
    cleanups.push(() => server.close())
    server.listen(0, HOST, () => resolve(server.address().port))
  })
}

function dialled(utp: UtpTransport, port: number): Promise<PeerSocket> {
  return new Promise((resolve, reject) => {
    utp.dial(
      { host: HOST, port },
      { opened: resolve, failed: (problem) => reject(new Error(problem.message)) },
    )
  })
}

test.each([
  ['a good line', false],
  ['a line that loses 3 %, repeats 2 % and holds back 5 %', true],
] as const)('we dial libutp and exchange 8 MiB each way over %s', async (_, isBad) => {
  const sizeBytes = 8 * MIB
  const ours = sample(sizeBytes, 1)
  const theirs = sample(sizeBytes, 2)
  const atThem = new Reader(sizeBytes)
  const atUs = new Reader(sizeBytes)
  let isEndSeen: () => void = () => {}
  const endSeen = new Promise<void>((resolve) => (isEndSeen = resolve))
  const port = await nativeServer((stream) => {
    stream.on('data', atThem.take)
    stream.on('end', isEndSeen)
    stream.write(theirs)
  })
  const { utp } = await openUtp()
  const socket = await dialled(utp, isBad ? await openRelay(port, 5) : port)
  socket.onBytes = atUs.take
  writeAll(socket, ours)
  expect(await atThem.whole).toBe(digest(ours))
  expect(await atUs.whole).toBe(digest(theirs))
  socket.close()
  await endSeen
})

test.each([
  ['a good line', false],
  ['a line that loses 3 %, repeats 2 % and holds back 5 %', true],
] as const)('libutp dials us and exchanges 8 MiB each way over %s', async (_, isBad) => {
  const sizeBytes = 8 * MIB
  const ours = sample(sizeBytes, 3)
  const theirs = sample(sizeBytes, 4)
  const atThem = new Reader(sizeBytes)
  const atUs = new Reader(sizeBytes)
  const { utp, port } = await openUtp()
  let isEndSeen: (problem: unknown) => void = () => {}
  const endSeen = new Promise((resolve) => (isEndSeen = resolve))
  utp.accept((socket) => {
    socket.onBytes = atUs.take
    socket.onClosed = isEndSeen
    writeAll(socket, ours)
  })
  const stream = native.connect(isBad ? await openRelay(port, 6) : port, HOST)
  stream.on('error', () => {})
  stream.on('data', atThem.take)
  stream.write(theirs)
  expect(await atUs.whole).toBe(digest(theirs))
  expect(await atThem.whole).toBe(digest(ours))
  stream.end()
  expect(await endSeen).toBeNull()
})
