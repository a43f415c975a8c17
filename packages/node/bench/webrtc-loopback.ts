/**
 * Bytes a second over WebRTC between two ends in this process: our port, and node-datachannel alone, turn by turn.
 *
 * `node --conditions=pigeon-source bench/webrtc-loopback.ts [--json] [--mib 128] [--rounds 3]`
 */
import { parseArgs } from 'node:util'
import type { DialHandlers, PeerSocket } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import library from 'node-datachannel'
import { openWebRtcPort } from '../src/webrtc.ts'

const MIB = 1024 * 1024
/** A block of a piece behind the head of its message. */
const HEAD = new Uint8Array(13)
const BLOCK = new Uint8Array(16 * 1024).fill(7)
const BARE_MESSAGE_BYTES = 64 * 1024
const QUEUE_BYTES = 512 * 1024
const ADDRESS = '127.0.0.1'
/** A channel that nobody holds is collected, and closed or worse by that. */
const HELD: unknown[] = []

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    mib: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '3' },
  },
})
const totalBytes = Number(values.mib) * MIB
const ours: number[] = []
const bare: number[] = []
for (let round = 0; round < Number(values.rounds); round++) {
  bare.push(await measureBare())
  ours.push(await measureOurs())
}
library.cleanup()
const result = {
  mib: Number(values.mib),
  ours: middle(ours),
  bare: middle(bare),
  share: middle(ours) / middle(bare),
}
process.stdout.write(
  values.json
    ? `${JSON.stringify({ ...result, rounds: { ours, bare } })}\n`
    : `WebRTC on loopback, ${result.mib} MiB: ours ${result.ours.toFixed(1)} MiB/s, node-datachannel alone ${result.bare.toFixed(1)} MiB/s, ${result.share.toFixed(2)} of it\n`,
)

async function measureOurs(): Promise<number> {
  const options = { stunServers: [], localAddress: ADDRESS }
  const port = await openWebRtcPort(options)
  if (port === null) throw new Error('node-datachannel is not installed')
  const sender = pending<PeerSocket>()
  const receiver = pending<PeerSocket>()
  const offer = await port.offer(into(sender))
  if (isIoProblem(offer)) throw new Error(offer.message)
  const answer = await port.answer(
    offer.sdp,
    into(receiver, (socket) => socket.pause()),
  )
  if (isIoProblem(answer)) throw new Error(answer.message)
  offer.accept(answer.sdp)
  const [from, to] = await Promise.all([sender.promise, receiver.promise])
  const rate = await flow((done) => {
    let received = 0
    to.onBytes = (bytes) => {
      received += bytes.length
      if (received >= totalBytes) done()
    }
    to.resume()
    let sent = 0
    const pump = (): void => {
      while (sent < totalBytes && from.queuedBytes < QUEUE_BYTES) {
        sent += HEAD.length + BLOCK.length
        from.write([HEAD, BLOCK])
      }
    }
    from.onDrained = pump
    pump()
  })
  // Not the port: with the last one the library's threads would end, also for the other side.
  from.close()
  to.close()
  return rate
}

async function measureBare(): Promise<number> {
  const config = { iceServers: [], bindAddress: ADDRESS }
  const a = new library.PeerConnection('a', config)
  const b = new library.PeerConnection('b', config)
  a.onGatheringStateChange((state) => {
    if (state === 'complete') b.setRemoteDescription(a.localDescription()?.sdp ?? '', 'offer')
  })
  b.onGatheringStateChange((state) => {
    if (state === 'complete') a.setRemoteDescription(b.localDescription()?.sdp ?? '', 'answer')
  })
  const from = a.createDataChannel('bench')
  const opened = new Promise<void>((resolve) => from.onOpen(resolve))
  const arrived = new Promise<typeof from>((resolve) => b.onDataChannel(resolve))
  const [, to] = await Promise.all([opened, arrived])
  HELD.push(a, b, from, to)
  const message = Buffer.alloc(BARE_MESSAGE_BYTES, 7)
  const rate = await flow((done) => {
    let received = 0
    to.onMessage((bytes) => {
      if (typeof bytes !== 'string') received += bytes.byteLength
      if (received >= totalBytes) done()
    })
    let sent = 0
    const pump = (): void => {
      while (sent < totalBytes && from.bufferedAmount() < QUEUE_BYTES) {
        sent += message.length
        from.sendMessageBinary(message)
      }
    }
    from.setBufferedAmountLowThreshold(QUEUE_BYTES / 4)
    from.onBufferedAmountLow(pump)
    pump()
  })
  a.close()
  b.close()
  return rate
}

/** MiB a second from the start to `done`. */
async function flow(run: (done: () => void) => void): Promise<number> {
  const startMs = performance.now()
  await new Promise<void>((resolve) => run(resolve))
  return totalBytes / MIB / ((performance.now() - startMs) / 1000)
}

function pending<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<Value>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return {
    promise,
    resolve: (value: Value) => resolve(value),
    reject: (error: Error) => reject(error),
  }
}

function into(
  arrival: ReturnType<typeof pending<PeerSocket>>,
  first: (socket: PeerSocket) => void = () => {},
): DialHandlers {
  return {
    opened: (socket) => {
      first(socket)
      arrival.resolve(socket)
    },
    failed: (problem) => arrival.reject(new Error(problem.message)),
  }
}

function middle(rates: readonly number[]): number {
  return rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0
}
