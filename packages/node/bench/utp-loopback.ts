/**
 * One stream between two processes over loopback: our uTP, bare datagrams with a window, and `utp-native` (libutp).
 *
 *   node --conditions=pigeon-source packages/node/bench/utp-loopback.ts [--mib 256] [--native-mib 32] [--only pigeon,dgram,native] [--json]
 *
 * Prints MiB/s, and CPU seconds per GiB (user and system, all threads) of the sender and of the receiver. All of them
 * send datagrams of up to 1,400 bytes at first; ours may find out that 1,472 get through.
 */
import { fork } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import type { UdpHub } from '@pigeon/engine/udp-hub'
import { UtpTransport } from '@pigeon/engine/utp-transport'
import type { DatagramSocket } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { createClockPort } from '../src/clock.ts'
import { createDatagramPort } from '../src/datagrams.ts'
import { createRandomPort } from '../src/random.ts'

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '256' },
    'native-mib': { type: 'string', default: '32' },
    only: { type: 'string', default: 'pigeon,dgram,native' },
    json: { type: 'boolean', default: false },
    role: { type: 'string' },
    kind: { type: 'string', default: 'pigeon' },
    bytes: { type: 'string', default: '0' },
    port: { type: 'string', default: '0' },
  },
})

const HOST = '127.0.0.1'
const CHUNK = new Uint8Array(64 * 1024).fill(0x5a)
const DATAGRAM_BYTES = 1400
/** Datagrams under way, as in the reference figures. */
const DGRAM_WINDOW = 128
/** Room for the whole window. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024
const QUEUE_BYTES = 1024 * 1024
/** A run that takes longer has failed. */
const LIMIT_MS = 180_000

interface Figures {
  readonly kind: string
  readonly mib: number
  readonly mibPerSecond: number
  readonly senderCpuSecondsPerGib: number
  readonly receiverCpuSecondsPerGib: number
}

interface Ended {
  readonly seconds: number
  readonly cpuSeconds: number
}

if (values.role !== undefined) process.on('disconnect', () => process.exit())
if (values.role === 'receive') await receive(values.kind, Number(values.bytes))
else if (values.role === 'send') await send(values.kind, Number(values.bytes), Number(values.port))
else await main()

async function main(): Promise<void> {
  const found: Figures[] = []
  for (const kind of values.only.split(',')) {
    found.push(await measure(kind, Number(kind === 'native' ? values['native-mib'] : values.mib)))
    if (!values.json) console.log(describe(found[found.length - 1]))
  }
  if (values.json) console.log(JSON.stringify(found))
}

function describe(figures: Figures | undefined): string {
  if (figures === undefined) return ''
  const { kind, mib, mibPerSecond, senderCpuSecondsPerGib, receiverCpuSecondsPerGib } = figures
  return `${kind.padEnd(8)} ${mib} MiB: ${mibPerSecond.toFixed(1)} MiB/s; CPU s/GiB: sender ${senderCpuSecondsPerGib.toFixed(2)}, receiver ${receiverCpuSecondsPerGib.toFixed(2)}`
}

async function measure(kind: string, mib: number): Promise<Figures> {
  const bytes = String(mib * 1024 * 1024)
  const receiver = start(['--role', 'receive', '--kind', kind, '--bytes', bytes])
  const port = await said<number>(receiver, 'port')
  const received = said<Ended>(receiver, 'ended')
  const sender = start(['--role', 'send', '--kind', kind, '--bytes', bytes, '--port', String(port)])
  const sent = said<Ended>(sender, 'ended')
  const [receiverEnd, senderEnd] = await Promise.all([received, sent])
  receiver.disconnect()
  sender.disconnect()
  const perGib = 1024 / mib
  return {
    kind,
    mib,
    mibPerSecond: mib / receiverEnd.seconds,
    senderCpuSecondsPerGib: senderEnd.cpuSeconds * perGib,
    receiverCpuSecondsPerGib: receiverEnd.cpuSeconds * perGib,
  }
}

type Child = ReturnType<typeof fork>

function start(args: readonly string[]): Child {
  return fork(import.meta.filename, args, { execArgv: process.execArgv })
}

/** What a child says about itself, once. */
function said<T>(child: Child, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill()
      reject(new Error(`no "${name}" within ${LIMIT_MS / 1000} s`))
    }, LIMIT_MS)
    child.on('exit', () => {
      clearTimeout(timer)
      reject(new Error(`ended before it said "${name}"`))
    })
    child.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !(name in message)) return
      clearTimeout(timer)
      // Our own children say nothing else under this name.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      resolve(Reflect.get(message, name) as T)
    })
  })
}

function tell(message: Readonly<Record<string, unknown>>): void {
  process.send?.(message)
}

/** Time from the first byte, and the CPU that it took. */
function stopwatch(): () => Ended {
  const startMs = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6 }
  }
}

async function receive(kind: string, totalBytes: number): Promise<void> {
  if (kind === 'pigeon') await receivePigeon(totalBytes)
  else if (kind === 'dgram') receiveDgram(totalBytes)
  else receiveNative(totalBytes)
}

async function send(kind: string, totalBytes: number, port: number): Promise<void> {
  if (kind === 'pigeon') await sendPigeon(totalBytes, port)
  else if (kind === 'dgram') sendDgram(totalBytes, port)
  else sendNative(totalBytes, port)
}

/** Counts to the end, then says so. */
function counter(totalBytes: number): (lengthBytes: number) => boolean {
  let leftBytes = totalBytes
  let stop: (() => Ended) | null = null
  return (lengthBytes) => {
    stop ??= stopwatch()
    leftBytes -= lengthBytes
    if (leftBytes > 0) return false
    tell({ ended: stop() })
    return true
  }
}

async function pigeonOn(port: number): Promise<{ utp: UtpTransport; port: number }> {
  let handler: (bytes: Uint8Array, from: { host: string; port: number }) => void = () => {}
  const socket = await createDatagramPort().bind({ host: HOST, port }, (bytes, from) =>
    handler(bytes, from),
  )
  if (isIoProblem(socket)) throw new Error(socket.message)
  const hub = hubOf(socket, (handle) => (handler = handle))
  const utp = new UtpTransport({ hub, clock: createClockPort(), random: createRandomPort() })
  return { utp, port: socket.address.port }
}

function hubOf(
  socket: DatagramSocket,
  take: (handle: Parameters<UdpHub['handle']>[1]) => void,
): UdpHub {
  return {
    local: [socket.address],
    send: (bytes, to) => socket.send(bytes, to),
    handle: (kind, handle) => {
      if (kind === 'utp') take(handle)
    },
  }
}

async function receivePigeon(totalBytes: number): Promise<void> {
  const { utp, port } = await pigeonOn(0)
  utp.accept((socket) => {
    const count = counter(totalBytes)
    socket.onBytes = (bytes) => {
      if (count(bytes.length)) socket.close()
    }
  })
  tell({ port })
}

async function sendPigeon(totalBytes: number, port: number): Promise<void> {
  const { utp } = await pigeonOn(0)
  utp.dial(
    { host: HOST, port },
    {
      failed: (problem) => {
        throw new Error(problem.message)
      },
      opened: (socket) => {
        const stop = stopwatch()
        let leftBytes = totalBytes
        const fill = (): void => {
          while (leftBytes > 0 && socket.queuedBytes < QUEUE_BYTES) {
            const chunk = CHUNK.subarray(0, Math.min(leftBytes, CHUNK.length))
            leftBytes -= chunk.length
            socket.write([chunk])
          }
          if (leftBytes === 0) socket.close()
        }
        socket.onDrained = fill
        socket.onClosed = () => tell({ ended: stop() })
        fill()
      },
    },
  )
}

function receiveDgram(totalBytes: number): void {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
  const count = counter(totalBytes)
  let unacked = 0
  socket.on('message', (bytes, from) => {
    const isEnd = count(bytes.length)
    unacked += 1
    if (unacked < DGRAM_WINDOW / 4 && !isEnd) return
    socket.send(Buffer.from([unacked]), from.port, from.address)
    unacked = 0
  })
  socket.bind(0, HOST, () => tell({ port: socket.address().port }))
}

function sendDgram(totalBytes: number, port: number): void {
  const socket: Socket = createSocket('udp4')
  const packet = Buffer.alloc(DATAGRAM_BYTES, 0x5a)
  let leftBytes = totalBytes
  let underWay = 0
  socket.connect(port, HOST, () => {
    const stop = stopwatch()
    const fill = (): void => {
      while (underWay < DGRAM_WINDOW && leftBytes > 0) {
        leftBytes -= packet.length
        underWay += 1
        socket.send(packet, noop)
      }
      if (leftBytes <= 0 && underWay === 0) tell({ ended: stop() })
    }
    socket.on('message', (bytes) => {
      underWay -= bytes[0] ?? 0
      fill()
    })
    fill()
  })
}

function noop(): void {}

/** What we use of a module that has no types. */
interface NativeStream {
  on(event: 'data', take: (bytes: Uint8Array) => void): void
  on(event: 'finish' | 'close' | 'connect', run: () => void): void
  once(event: 'drain', run: () => void): void
  write(bytes: Uint8Array): boolean
  end(): void
}
interface NativeServer {
  listen(port: number, host: string, done: () => void): void
  address(): { port: number }
}
interface Native {
  createServer(take: (stream: NativeStream) => void): NativeServer
  connect(port: number, host: string): NativeStream
}

function native(): Native {
  // The module has no types of its own.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return createRequire(import.meta.url)('utp-native') as Native
}

function receiveNative(totalBytes: number): void {
  const server = native().createServer((stream) => {
    const count = counter(totalBytes)
    stream.on('data', (bytes) => {
      if (count(bytes.length)) stream.end()
    })
  })
  server.listen(0, HOST, () => tell({ port: server.address().port }))
}

function sendNative(totalBytes: number, port: number): void {
  const stream = native().connect(port, HOST)
  const stop = stopwatch()
  let leftBytes = totalBytes
  const fill = (): void => {
    while (leftBytes > 0) {
      const chunk = CHUNK.subarray(0, Math.min(leftBytes, CHUNK.length))
      leftBytes -= chunk.length
      if (!stream.write(chunk)) break
    }
    if (leftBytes > 0) stream.once('drain', fill)
    else stream.end()
  }
  stream.on('finish', () => tell({ ended: stop() }))
  fill()
}
