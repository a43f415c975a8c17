import { describe, expect, it } from 'vitest'
import type { Answer } from './api.ts'
import { FIRST_RETRY_MS, LiveLink, LONGEST_RETRY_MS } from './live-link.ts'

/** A socket that does what the test says. */
class FakeSocket extends EventTarget {
  readonly sent: string[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.dispatchEvent(new Event('close'))
  }

  tell(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
}

const SNAPSHOT = { kind: 'snapshot', number: 1, session: {}, torrents: [] }
const DIFF = { kind: 'diff', session: null, changed: [], removed: [] }

function setUp(options: { fits?: (update: { kind: string; number?: number }) => boolean } = {}) {
  const sockets: FakeSocket[] = []
  const states: string[] = []
  const timers: { delayMs: number; callback: () => void; isCancelled: boolean }[] = []
  let ticket: Answer<string> = { kind: 'ok', value: 'ticket' }
  let hasLoggedOut = false
  const link = new LiveLink(
    {
      onUpdate: options.fits ?? (() => true),
      onState: (state) => states.push(state),
      onLoggedOut: () => {
        hasLoggedOut = true
      },
    },
    {
      getTicket: () => Promise.resolve(ticket),
      open: () => {
        const socket = new FakeSocket()
        sockets.push(socket)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the link uses only what the fake has.
        return socket as unknown as WebSocket
      },
      later: (delayMs, callback) => {
        const timer = { delayMs, callback, isCancelled: false }
        timers.push(timer)
        return () => {
          timer.isCancelled = true
        }
      },
      random: () => 1,
    },
  )
  return {
    link,
    sockets,
    states,
    get hasLoggedOut() {
      return hasLoggedOut
    },
    setTicket: (next: Answer<string>) => {
      ticket = next
    },
    /** The delay of the timer that waits, after it was run. */
    runTimer: async (): Promise<number | undefined> => {
      const timer = timers.findLast((each) => !each.isCancelled)
      if (timer !== undefined) timer.isCancelled = true
      timer?.callback()
      await settle()
      return timer?.delayMs
    },
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

describe('the live link', () => {
  it('is live with the first update, offline when it is cut, and live again afterwards', async () => {
    const { link, sockets, states, runTimer } = setUp()
    link.start()
    await settle()
    sockets[0]?.tell(SNAPSHOT)
    sockets[0]?.close()
    expect(states).toEqual(['connecting', 'live', 'offline'])
    expect(await runTimer()).toBe(FIRST_RETRY_MS)
    sockets[1]?.tell(SNAPSHOT)
    expect(states.slice(3)).toEqual(['connecting', 'live'])
  })

  it('waits longer after each failure, up to a limit, and begins anew after a success', async () => {
    const { link, sockets, runTimer, setTicket } = setUp()
    const problem = { code: 'unreachable', message: '', help: '' }
    setTicket({ kind: 'problem', problem })
    link.start()
    await settle()
    const delays: (number | undefined)[] = []
    for (let turn = 0; turn < 8; turn += 1) delays.push(await runTimer())
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, LONGEST_RETRY_MS])
    setTicket({ kind: 'ok', value: 'ticket' })
    await runTimer()
    sockets[0]?.tell(SNAPSHOT)
    sockets[0]?.close()
    expect(await runTimer()).toBe(FIRST_RETRY_MS)
  })

  it('asks once for a snapshot at a gap, and takes nothing else until it comes', async () => {
    const taken: (number | undefined)[] = []
    const { link, sockets } = setUp({
      fits: (update) => {
        taken.push(update.number)
        return true
      },
    })
    link.start()
    await settle()
    sockets[0]?.tell(SNAPSHOT)
    for (const number of [7, 8, 9]) sockets[0]?.tell({ ...DIFF, number })
    sockets[0]?.tell({ ...SNAPSHOT, number: 9 })
    sockets[0]?.tell({ ...DIFF, number: 10 })
    expect(sockets[0]?.sent).toEqual(['{"resync":true}'])
    expect(taken).toEqual([1, 9, 10])
    expect(sockets).toHaveLength(1)
  })

  it('gives a socket up that brings no first update', async () => {
    const { link, sockets, states, runTimer } = setUp()
    link.start()
    await settle()
    await runTimer()
    expect(sockets[0]?.isClosed).toBe(true)
    expect(states).toEqual(['connecting', 'offline'])
  })

  describe('watching a wire', () => {
    const TARGET = { torrent: 'a'.repeat(40), peer: 7 }
    const ended = (peer: number) =>
      ({ kind: 'wire', ...TARGET, peer, event: { kind: 'ended', problem: null } }) as const

    it('asks for it, hears of it and of no other, and asks for no more when it stops', async () => {
      const { link, sockets } = setUp()
      link.start()
      await settle()
      sockets[0]?.tell(SNAPSHOT)
      const heard: unknown[] = []
      const stop = link.watchWire(TARGET, (event) => heard.push(event))
      sockets[0]?.tell(ended(8))
      sockets[0]?.tell(ended(7))
      stop()
      sockets[0]?.tell(ended(7))
      expect(heard).toEqual([{ kind: 'ended', problem: null }])
      expect(sockets[0]?.sent.map((text) => JSON.parse(text))).toEqual([
        { inspect: TARGET },
        { inspect: null },
      ])
    })

    it('ends with the line: nothing is said to a socket that is not open yet', async () => {
      const { link, sockets, runTimer } = setUp()
      link.start()
      await settle()
      sockets[0]?.tell(SNAPSHOT)
      const stop = link.watchWire(TARGET, () => {})
      sockets[0]?.close()
      await runTimer()
      stop()
      expect(sockets[1]?.sent).toEqual([])
    })
  })

  it('stops for good when there is no session any more', async () => {
    const setting = setUp()
    setting.setTicket({ kind: 'logged-out' })
    setting.link.start()
    await settle()
    expect(setting.hasLoggedOut).toBe(true)
    expect(await setting.runTimer()).toBeUndefined()
  })
})
