import type { WireEvent, WireMessage, WireTarget } from '@pigeon/control/network'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DrivenScreen, driveScreen, expectSound } from '../testing/drive-screen.ts'
import { KEPT_MESSAGES } from './wire-log.ts'

/** Says what the test wants it to. */
class TalkingControl extends FakeControl {
  readonly watched: WireTarget[] = []
  stopped = 0
  say: (event: WireEvent) => void = () => {}

  override inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    this.watched.push(target)
    this.say = listener
    return () => {
      this.stopped += 1
    }
  }

  tell(names: readonly string[], leftOut = 0): void {
    const messages = names.map((name, at) => message(name, at))
    this.say({ kind: 'messages', messages, leftOut })
    // As a terminal does before the next key.
    on.text()
  }
}

function message(name: string, number: number): WireMessage {
  return {
    ...{ number, atMs: 1_000 * number, direction: number % 2 === 0 ? 'in' : 'out', bep: 3 },
    ...{ name, lengthBytes: 17, fields: [['piece', String(number)]] },
  }
}

const range = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `message-${at}`)

let control: TalkingControl
let on: DrivenScreen
beforeEach(async () => {
  control = new TalkingControl({ torrentCount: 3 })
  on = await driveScreen(control)
  await on.type('Enter 3')
})
afterEach(() => on.stop())

describe('the wire inspector', () => {
  it.each(['w', 'Enter'])('opens on the peer under the cursor with %s', async (key) => {
    await on.type('j')
    const [, address] = /▌(\S+)/.exec(on.text()) ?? []
    await on.type(key)
    expect(on.text()).toContain(`Wire of ${address}`)
    const [target] = control.watched
    const detail = await control.detail(target?.torrent ?? '')
    const peer = detail?.peers.find((each) => each.address === address)
    expect(peer).toBeDefined()
    expect(target?.peer).toBe(peer?.number)
  })

  it('shows each message with its direction, BEP, length and fields, the newest in sight', async () => {
    await on.type('w')
    expect(on.text()).toContain('Nothing was said yet.')
    control.tell(range(100))
    expect(on.text()).toMatch(/▌\d\d:\d\d:\d\d\.\d{3} out message-99 +BEP 3 +17 piece 99/)
    expect(on.text()).toContain('100 messages')
    expect(on.text()).toContain('live')
  })

  it('follows until one scrolls, and again with f', async () => {
    await on.type('w')
    control.tell(range(100))
    await on.type('k k')
    expect(on.text()).toMatch(/▌.*message-97 /)
    control.tell(['newest'])
    expect(on.text()).toMatch(/▌.*message-97 /)
    expect(on.text()).toContain('scrolled')
    await on.type('f')
    expect(on.text()).toMatch(/▌.*newest/)
  })

  it('holds still while it is paused, and shows what came meanwhile after that', async () => {
    await on.type('w')
    control.tell(range(3))
    await on.type('p')
    control.tell(['later'])
    expect(on.text()).toContain('PAUSED')
    expect(on.text()).not.toContain('later')
    await on.type('p')
    expect(on.text()).toContain('later')
  })

  it('filters while one types, and shows all again with Esc', async () => {
    await on.type('w')
    control.tell(['piece', 'have', 'piece', 'choke'])
    await on.type('/')
    await on.write('!piece')
    expect(on.text()).not.toMatch(/(in|out) +piece/)
    expect(on.text()).toContain('2 shown')
    await on.type('Enter')
    expect(on.text()).toContain('/!piece')
    control.tell(['piece', 'unchoke'])
    expect(on.text()).toContain('3 shown')
    await on.type('Esc')
    expect(on.text()).toMatch(/in +piece/)
    await on.type('Esc')
    expect(on.text()).toContain('3 Peers')
  })

  it('opens a message with all its fields, and goes back to where one was', async () => {
    await on.type('w')
    const fields = Array.from({ length: 40 }, (_, at) => [`field ${at}`, `value ${at}`] as const)
    control.say({
      kind: 'messages',
      messages: [{ ...message('extended-handshake', 0), bep: null, fields }],
      leftOut: 0,
    })
    on.text()
    await on.type('Enter')
    expect(on.text()).toContain('by no BEP')
    expect(on.text()).toContain('from the peer')
    expect(on.text()).toMatch(/field 0 +value 0/)
    await on.type('G')
    expect(on.text()).toMatch(/field 39 +value 39/)
    await on.type('Esc')
    expect(on.text()).toContain('Wire of')
  })

  it('says how many messages were left out, and where', async () => {
    await on.type('w')
    control.tell(['have'])
    control.tell(['choke'], 812)
    expect(on.text()).toMatch(/have[^]*… 812 messages left out[^]*choke/)
    expect(on.text()).toContain('2 messages, 812 left out')
  })

  it('says that the connection has ended, and why', async () => {
    await on.type('w')
    control.tell(['have'])
    control.say({ kind: 'ended', problem: { code: 'x', message: 'The line is down.', help: '' } })
    expect(on.text()).toContain('The connection has ended. The line is down.')
    expect(on.text()).toContain('have')
  })

  it('keeps the newest alone once there are too many', async () => {
    await on.type('w')
    for (let part = 0; part < 30; part += 1) control.tell(range(100))
    expect(on.text()).toContain(`3000 messages, the oldest ${3_000 - KEPT_MESSAGES} gone`)
  })

  it('asks for no more drawing than four times a second, and for none once it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const redraw = vi.spyOn(on.screen, 'redraw')
      on.screen.onKeys([{ name: 'w', text: 'w' }])
      redraw.mockClear()
      for (let at = 0; at < 100; at += 1) {
        control.tell(['have'])
        vi.advanceTimersByTime(10)
      }
      expect(redraw.mock.calls.length).toBeLessThanOrEqual(9)
      on.screen.onKeys([{ name: 'Esc', text: '' }])
      redraw.mockClear()
      control.tell(['have'])
      vi.advanceTimersByTime(1_000)
      expect(redraw).not.toHaveBeenCalled()
      expect(control.stopped).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('stays whole whatever a peer says, in any window', async () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 300 })
    const size = fc.record({
      width: fc.integer({ min: 20, max: 200 }),
      height: fc.integer({ min: 5, max: 50 }),
    })
    await fc.assert(
      fc.asyncProperty(hostile, hostile, size, async (name, value, shape) => {
        on.screen.resize(shape)
        await on.type('w')
        const fields = [
          [name, value],
          [value, name],
        ] as const
        control.say({
          kind: 'messages',
          messages: [{ ...message(name, 0), atMs: Number.NaN, fields }],
          leftOut: 1,
        })
        expectSound(on.screen)
        await on.type('Enter')
        expectSound(on.screen)
        await on.type('Esc')
        await on.type('Esc')
      }),
      { numRuns: 30 },
    )
  })
})

describe('the tab of peers', () => {
  it('says in 80 columns where a peer came from, how it is connected and whether encrypted', async () => {
    expect(on.text()).toMatch(/Flags From +Via +Client/)
    expect(on.text()).toMatch(/ E incoming µTP/)
    expect(on.text()).toMatch(/tracker +TCP/)
  })

  it('keeps the cursor on its peer when the order changes', async () => {
    await on.type('j')
    const [, address] = /▌(\S+)/.exec(on.text()) ?? []
    await on.type('s')
    expect(on.text()).toContain(`▌${address}`)
  })

  it('watches nobody where nobody is', async () => {
    control.detail = async (id) => {
      const detail = await FakeControl.prototype.detail.call(control, id)
      return detail === null ? null : { ...detail, peers: [] }
    }
    await on.type('Esc Enter 3 w')
    expect(on.text()).toContain('No peers are connected.')
    expect(control.watched).toEqual([])
  })
})
