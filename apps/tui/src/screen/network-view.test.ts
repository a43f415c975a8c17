import { problem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DrivenScreen, driveScreen, expectSound, settled } from '../testing/drive-screen.ts'
import { copySequence } from './terminal-signals.ts'

let control: FakeControl
let on: DrivenScreen
beforeEach(async () => {
  control = new FakeControl({ torrentCount: 3 })
  on = await driveScreen(control, { height: 60 })
})
afterEach(() => on.stop())

/** Moves the cursor to the line of this label. */
async function goTo(label: string): Promise<void> {
  await on.type('g')
  for (let step = 0; step < 60; step += 1) {
    if (on.text().includes(`▌${label}`)) return
    await on.type('j')
  }
  throw new Error(`there is no line ${label}`)
}

describe('the view of the network', () => {
  it('opens with N from the list, and q leads back', async () => {
    await on.type('N')
    expect(on.text()).toContain('203.0.113.7 (trackers, the DHT)')
    expect(on.text()).toMatch(/Reachable +yes/)
    await on.type('q')
    expect(on.text()).toMatch(/Name +State/)
  })

  it('opens with :network too, and with N from the details', async () => {
    await on.type(':')
    await on.write('network')
    await on.type('Enter')
    // The grammar of commands is loaded when it is first used.
    await vi.waitFor(() => expect(on.text()).toContain('Reached at'), { timeout: 20_000 })
    await on.type('Esc')
    await on.type('Enter N')
    expect(on.text()).toContain('Reached at')
  })

  it.each([
    ['DHT', { isDhtOn: false }],
    ['PEX', { isPexOn: false }],
    ['LSD', { isLsdOn: true }],
    ['µTP', { isUtpOn: false }],
    ['WebRTC', { isWebRtcOn: false }],
    ['Port mapping', { isPortMappingOn: true }],
    ['Anonymous', { isAnonymous: true }],
    ['Own tracker', { isTrackerOn: true }],
    ['Encryption', { encryption: 'require' }],
  ])('%s is switched with Space', async (label, change) => {
    await on.type('N')
    await goTo(label)
    await on.type('Space')
    expect(control.commands).toEqual([{ do: 'set-session', ...change }])
  })

  it('says what it switched, and shows it', async () => {
    await on.type('N')
    await goTo('LSD')
    await on.type('Space')
    expect(on.text()).toContain('LSD: on.')
    expect(on.text()).toMatch(/▌LSD +on: nobody heard/)
  })

  it('says that a change of what the configuration sets does not last', async () => {
    control.changeSession({ configured: ['isPexOn'] })
    await on.type('N')
    expect(on.text()).toMatch(/PEX +on.*\(set by the configuration\)/)
    await goTo('PEX')
    await on.type('Space')
    expect(on.text()).toContain('this holds until the node is restarted')
  })

  it('says that a proxy keeps off what is switched on', async () => {
    control.changeSession({ isProxied: true })
    await on.type('N')
    expect(on.text()).toMatch(/DHT +on: off all the same: a proxy is used/)
    await goTo('LSD')
    await on.type('Space')
    expect(on.text()).toMatch(/LSD: on\./)
  })

  it('copies the announce address under the cursor by OSC 52', async () => {
    control.changeSession({ isTrackerOn: true })
    await on.type('N')
    await goTo('Announce to')
    await on.type('y')
    expect(on.signals).toEqual([copySequence('http://192.168.1.20:6969/announce')])
    await on.type('g y')
    expect(on.signals).toHaveLength(1)
    expect(on.text()).toContain('Nothing to copy here')
  })

  it('changes several switches at once with e, and names only those that were changed', async () => {
    await on.type('N e')
    expect(on.text()).toContain('Switches of the network')
    // DHT off, then down to encryption and one further.
    await on.type('n Down Down Down Down Down Right Enter')
    await settled()
    expect(control.commands).toEqual([{ do: 'set-session', isDhtOn: false, encryption: 'require' }])
    await on.type('e Enter')
    await settled()
    expect(control.commands).toHaveLength(1)
  })

  it('keeps each line under the cursor in sight, in 80 columns and 24 rows', async () => {
    on.screen.resize({ width: 80, height: 24 })
    await on.type('N')
    for (let step = 0; step < 30; step += 1) {
      await on.type('j')
      expect(on.text()).toContain('▌')
    }
    await on.type('G')
    expect(on.text()).toContain('▌Connected by')
    await on.type('g')
    expect(on.text()).toContain('Reached at')
  })

  it('goes where one asked before there was anything to see', async () => {
    const status = await control.network()
    let answer = (): void => {}
    control.network = () =>
      new Promise((resolve) => {
        answer = () => resolve(status)
      })
    await on.type('N G')
    answer()
    await settled()
    expect(on.text()).toContain('▌Connected by')
  })

  it('says why there is nothing to show', async () => {
    control.network = () =>
      Promise.resolve(problem('unsupported', 'This node does not tell.', 'Update it.'))
    await on.type('N')
    expect(on.text()).toContain('This node does not tell. Update it.')
  })

  it('stays whole whatever a node says, in any window', async () => {
    const status = await control.network()
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 20, max: 220 }),
        fc.integer({ min: 5, max: 60 }),
        async (text, width, height) => {
          const said = problem('x', text, text)
          control.network = () =>
            Promise.resolve({
              ...status,
              listening: [text],
              external: [{ address: text, saidBy: 'peers' }],
              proxy: { address: text, problem: said },
              trackers: [{ host: text, torrents: 1, working: 0, failing: 1, message: text }],
              blocklist: { source: text, ranges: 0, blocked: 0, loadedAtMs: null, problem: said },
            })
          on.screen.resize({ width, height })
          await on.type('N')
          expectSound(on.screen)
          await on.type('G')
          expectSound(on.screen)
          await on.type('Esc')
        },
      ),
      { numRuns: 30 },
    )
  })
})
