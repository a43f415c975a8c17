import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SessionControl } from './session-control.ts'
import { ask } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { FakeSession } from './testing/fake-session.ts'
import { hostileRequest, type HostileRequest, seededChance } from './testing/hostile-requests.ts'
import {
  ADD_TOKEN,
  READ_TOKEN,
  type ServedControl,
  serveControl,
  TOKEN,
} from './testing/served-control.ts'

/** Connections at a time, of the 64 that a server takes. */
const AT_ONCE = 24
/** Longer than any answer takes; somebody who waits this long was forgotten. */
const HANG_MS = 20_000

let served: ServedControl

afterEach(async () => {
  await served.close()
  expect(served.errors).toEqual([])
})

/** Sends them all; answers how often which status came. 0 stands for a connection closed without a word. */
async function statusesOf(
  count: number,
  make: () => HostileRequest,
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  let sent = 0
  const work = async (): Promise<void> => {
    while (sent < count) {
      sent += 1
      const request = make()
      const status = await send(request)
      const text = request.bytes.subarray(0, 200).toString('latin1')
      expect(status, `${status} to ${text}`).toBeLessThan(500)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return statuses
}

function send({ bytes, isCut }: HostileRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(served.port, '127.0.0.1')
    const timer = setTimeout(() => {
      reject(new Error(`No answer to ${bytes.subarray(0, 300).toString('latin1')}`))
      socket.destroy()
    }, HANG_MS)
    socket.on('data', (chunk) => {
      if (answer.length < 64) answer += chunk.toString('latin1')
      if (!answer.startsWith('HTTP/1.1 101')) return
      // An open WebSocket: a frame that makes no sense, and gone.
      socket.write(Buffer.from([0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
      socket.destroy()
    })
    // A reset may come while a long body is still being written.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Number(/^HTTP\/1\.1 (?!100)(\d{3})/m.exec(answer)?.[1] ?? 0))
    })
    socket.write(bytes)
    if (isCut) socket.end()
  })
}

async function answers(): Promise<boolean> {
  const headers = { Authorization: `Bearer ${TOKEN}` }
  return (await ask(served.port, '/api/v1/session', { headers })).status === 200
}

describe('10,000 hostile requests', () => {
  it('7,000 without a token change nothing and are all turned away', async () => {
    const control = new FakeControl({ torrentCount: 20 })
    const before = control.torrents
    served = await serveControl(control)
    const wrong = [
      '',
      '',
      'Bearer wrong',
      'Bearer ',
      `Basic ${btoa(`:${TOKEN}`)}`,
      `Bearer ${TOKEN}x`,
    ]
    const chance = seededChance(7)
    const statuses = await statusesOf(7_000, () => hostileRequest(chance, served.port, wrong))
    expect(control.commands).toEqual([])
    expect(control.torrents).toEqual(before)
    // Only /healthz says anything but no.
    const { [200]: fine = 0, [0]: silent = 0 } = Object.fromEntries(statuses)
    expect(fine).toBeLessThan(700)
    expect(silent).toBeLessThan(700)
    expect(statuses.has(101)).toBe(false)
    expect(await answers()).toBe(true)
  })

  it('3,000 with every kind of token break nothing, and only what is allowed is done', async () => {
    const session = new FakeSession(20)
    const control = new SessionControl(session, {
      node: 'test 0.1.0',
      createTorrent: () => Promise.resolve({ kind: 'stopped' }),
    })
    served = await serveControl(control)
    const lesser = [`Bearer ${READ_TOKEN}`, `Bearer ${ADD_TOKEN}`]
    const chance = seededChance(11)
    await statusesOf(1_500, () => hostileRequest(chance, served.port, lesser))
    expect(session.calls.filter((call) => !call.startsWith('add '))).toEqual([])
    const statuses = await statusesOf(1_500, () =>
      hostileRequest(chance, served.port, [`Bearer ${TOKEN}`]),
    )
    expect([...statuses.keys()].toSorted()).toEqual(
      expect.arrayContaining([101, 200, 400, 403, 404, 405, 415, 421, 426, 431]),
    )
    expect(await answers()).toBe(true)
    await control.close()
  })
})
