import type { DialHandlers, PeerSocket, WebRtcPort } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { afterEach, expect, test } from 'vitest'
import { PAUSED_BYTES } from './webrtc-channel.ts'
import { openWebRtcPort, type WebRtcLimits } from './webrtc.ts'

const ports: WebRtcPort[] = []
afterEach(async () => {
  for (const port of ports.splice(0)) await port.close()
})

async function open(limits: Partial<WebRtcLimits> = {}): Promise<WebRtcPort> {
  const port = await openWebRtcPort({ stunServers: [], localAddress: '127.0.0.1', limits })
  if (port === null) throw new Error('node-datachannel is not installed')
  ports.push(port)
  return port
}

function arrival(onOpen: (socket: PeerSocket) => void = () => {}) {
  let resolve: (value: PeerSocket | IoProblem) => void = () => {}
  const promise = new Promise<PeerSocket | IoProblem>((settle) => (resolve = settle))
  const handlers: DialHandlers = {
    opened: (socket) => {
      onOpen(socket)
      resolve(socket)
    },
    failed: (problem) => resolve(problem),
  }
  return { handlers, promise }
}

function good<Value extends object>(value: Value | IoProblem): Value {
  if (isIoProblem(value)) throw new Error(`${value.code}: ${value.message}`)
  return value
}

/** Two ends of one connection; what comes to the second is kept from the first byte on. */
async function connected() {
  const port = await open()
  const received: Uint8Array[] = []
  const sender = arrival()
  const receiver = arrival((socket) => {
    socket.onBytes = (bytes) => received.push(bytes.slice())
  })
  const offer = good(await port.offer(sender.handlers))
  const answer = good(await port.answer(offer.sdp, receiver.handlers))
  offer.accept(answer.sdp)
  const [from, to] = await Promise.all([sender.promise, receiver.promise])
  return { port, from: good(from), to: good(to), received }
}

const closing = (socket: PeerSocket) =>
  new Promise<IoProblem | null>((resolve) => {
    socket.onClosed = resolve
  })

test('a channel is a byte stream: any chunks, in order, whole', async () => {
  const { from, to, received } = await connected()
  expect([from.transport, to.transport]).toEqual(['webrtc', 'webrtc'])
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251)
  const chunks = [0, 1, 14, 65_535, 65_536, 131_072, 300_000]
  const done = new Promise<void>((resolve) => {
    const { onBytes } = to
    to.onBytes = (part) => {
      onBytes(part)
      if (received.reduce((sum, { length }) => sum + length, 0) >= bytes.length) resolve()
    }
  })
  from.write(chunks.map((at, i) => bytes.subarray(chunks[i - 1] ?? 0, at)))
  await done
  expect(Buffer.compare(Buffer.concat(received), bytes)).toBe(0)
})

test('a paused end keeps what comes, in order, until it is resumed', async () => {
  const { from, to } = await connected()
  let paused = true
  const texts: string[] = []
  const all = new Promise<void>((resolve) => {
    to.onBytes = (bytes) => {
      expect(paused).toBe(false)
      texts.push(Buffer.from(bytes).toString())
      if (texts.join('').endsWith('three')) resolve()
    }
  })
  to.pause()
  const back = new Promise((resolve) => {
    from.onBytes = resolve
  })
  for (const text of ['one ', 'two ', 'three']) from.write([Buffer.from(text)])
  to.write([Buffer.from('back')])
  await back
  paused = false
  to.resume()
  await all
  expect(texts.join('')).toBe('one two three')
})

test('whoever floods a paused end is hung up on', async () => {
  const { from, to } = await connected()
  to.pause()
  const end = closing(to)
  const block = new Uint8Array(1024 * 1024)
  let sentBytes = 0
  const pump = (): void => {
    while (sentBytes <= PAUSED_BYTES + block.length && from.queuedBytes < block.length) {
      from.write([block])
      sentBytes += block.length
    }
  }
  from.onDrained = pump
  pump()
  expect(await end).toMatchObject({ code: 'not-allowed' })
}, 60_000)

test('the end of one is told to the other, once what was written has arrived', async () => {
  const { from, to, received } = await connected()
  const ends = [closing(from), closing(to)]
  from.write([new Uint8Array(200_000)])
  from.close()
  expect(await Promise.all(ends)).toEqual([null, null])
  expect(received.reduce((sum, { length }) => sum + length, 0)).toBe(200_000)
})

test('what is no description is a problem, and an answer that is none fails the offer', async () => {
  const port = await open()
  const none = arrival()
  expect(await port.answer('garbage', none.handlers)).toMatchObject({ code: 'bad-answer' })
  const { handlers, promise } = arrival()
  const offer = good(await port.offer(handlers))
  offer.accept('garbage')
  expect(await promise).toMatchObject({ kind: 'io-problem' })
})

test('an offer that is given up, or that nobody takes in time, fails', async () => {
  const port = await open({ offerMs: 20 })
  const [given, late] = [arrival(), arrival()]
  good(await port.offer(given.handlers)).cancel()
  expect(await given.promise).toMatchObject({ code: 'closed' })
  good(await port.offer(late.handlers))
  expect(await late.promise).toMatchObject({ code: 'timed-out' })
})

test('no more connections are begun than may be, and closing ends all', async () => {
  const port = await open({ connections: 2 })
  const all = [arrival(), arrival(), arrival()]
  const made = await Promise.all(all.map(({ handlers }) => port.offer(handlers)))
  expect(made.filter(isIoProblem)).toMatchObject([{ code: 'not-allowed' }])
  await port.close()
  const first = all[0]
  expect(await first?.promise).toMatchObject({ kind: 'io-problem' })
  expect(await port.offer(arrival().handlers)).toMatchObject({ code: 'closed' })
})
