/// <reference lib="dom" />
/** The network page and the wire inspector in a real browser. How they look, `page-looks` tests with the rest. */
import { FakeControl } from '@pigeon/control/testing/fake-control'
import type { WireEvent, WireMessage } from '@pigeon/control/network'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { KEPT_MESSAGES } from './page/wire-log.ts'
import { browserMissing } from './testing/browser.ts'
import type { FakeDashboard } from './testing/fake-dashboard.ts'
import { NARROW, openBench, type PageBench, type PageOptions } from './testing/open-page.ts'

const title = browserMissing === null ? 'the network' : `the network (untested: ${browserMissing})`

describe.skipIf(browserMissing !== null)(title, { timeout: 120_000 }, () => {
  let bench: PageBench
  beforeAll(async () => {
    bench = await openBench()
  }, 120_000)
  afterEach(() => bench.tidy())
  afterAll(() => bench?.close())

  async function openNetwork(options: PageOptions = {}) {
    const opened = await bench.open({ torrentCount: 3, ...options })
    await opened.page.getByRole('grid').waitFor()
    await opened.page.keyboard.press('n')
    await opened.page.getByText('Reachable.').waitFor()
    return opened
  }

  it('is reached by key, sidebar and menu, and left by Escape', async () => {
    const { page, dashboard } = await openNetwork()
    expect(page.url()).toBe(`${dashboard.origin}/network`)
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Network' }).click()
    await page.getByRole('heading', { name: 'Network', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Network' }).click()
    await page.getByRole('heading', { name: 'Network', level: 1 }).waitFor()
  })

  it('switches what can be switched, says what the configuration sets, and shows at once what came of it', async () => {
    const { page, dashboard } = await openNetwork({
      before: ({ control }) => control.changeSession({ configured: ['isUtpOn'] }),
    })
    await page.getByRole('switch', { name: 'DHT' }).uncheck()
    await page.getByText('magnets without a tracker find nobody').waitFor()
    await page.getByRole('switch', { name: 'Port mapping' }).check()
    await page.getByText('Pass the port on in the settings of your router by hand.').waitFor()
    await page.getByText('Require', { exact: true }).click()
    await page.getByText('peers that cannot are lost').waitFor()
    await page.getByRole('switch', { name: 'Embedded tracker' }).check()
    await page.getByRole('button', { name: 'Copy udp://192.168.1.20:6969' }).waitFor()
    expect(dashboard.control.commands).toEqual([
      { do: 'set-session', isDhtOn: false },
      { do: 'set-session', isPortMappingOn: true },
      { do: 'set-session', encryption: 'require' },
      { do: 'set-session', isTrackerOn: true },
    ])
    const note = await page.getByRole('switch', { name: 'uTP' }).getAttribute('aria-describedby')
    expect(await page.locator(`[id="${note}"]`).textContent()).toContain('until it is restarted')
  })

  it('is asked for again and again while it is looked at, and not otherwise', async () => {
    let asked = 0
    const { page, dashboard } = await openNetwork({
      before: ({ control }) => {
        const network = control.network.bind(control)
        control.network = () => {
          asked += 1
          return network()
        }
      },
    })
    await expect.poll(() => asked).toBeGreaterThan(1)
    await page.keyboard.press('Escape')
    await page.getByRole('grid').waitFor()
    const before = asked
    dashboard.control.step()
    await page.waitForFunction(() => document.title.includes('MiB/s'))
    expect(asked - before).toBeLessThanOrEqual(1)
  })

  it('asks the DHT once, and says what is wrong with a question, or why it cannot be asked', async () => {
    const { page, dashboard } = await openNetwork()
    await page.getByLabel('Node', { exact: true }).fill('nonsense')
    await page.keyboard.press('Enter')
    await page.getByText('Write a host and a port').waitFor()
    await page.getByLabel('Node', { exact: true }).fill('router.example:6881')
    await page.keyboard.press('Enter')
    await page.getByText('Answered after 23 ms.').waitFor()
    await page.getByText('Find peers').click()
    await page.getByLabel('Info-hash').fill(dashboard.control.torrents[0]?.id ?? '')
    await page.keyboard.press('Enter')
    await page.getByText('2 peers found (41 nodes asked).').waitFor()
    await page.getByText('203.0.113.9:6881').waitFor()
    await page.getByText('Get a value').click()
    await page.getByLabel('Target').fill('0'.repeat(40))
    await page.keyboard.press('Enter')
    await page.getByText('hello', { exact: true }).waitFor()
    dashboard.control.changeSession({ isDhtOn: false })
    await page.keyboard.press('Enter')
    await page
      .getByRole('alert')
      .getByText(/DHT is off/)
      .waitFor()
  })

  it('lets nothing be changed with a token that may only look, and says why', async () => {
    const { page } = await bench.open({
      moreNodes: [
        {
          key: 'nas',
          name: 'NAS',
          control: new FakeControl({ torrentCount: 1 }),
          problem: () => null,
          scope: () => 'read',
        },
      ],
    })
    await page.getByRole('grid').waitFor()
    await page.goto(new URL('/n/nas/network', page.url()).href)
    await page.getByText('The token by which this node is shown may only look.').first().waitFor()
    expect(await page.getByRole('switch', { disabled: false }).count()).toBe(0)
    expect(await page.getByRole('switch').count()).toBe(8)
    expect(await page.getByRole('button', { name: 'Ping' }).isDisabled()).toBe(true)
  })

  describe('the wire of a peer', () => {
    const wires: ((event: WireEvent) => void)[] = []
    afterEach(() => wires.splice(0))

    /** What passes is what the test says. */
    function plantWire({ control }: FakeDashboard): void {
      control.inspect = (_, listener) => {
        wires.push(listener)
        listener(messages(0, 3))
        return () => {
          const at = wires.indexOf(listener)
          if (at !== -1) wires.splice(at, 1)
        }
      }
    }

    async function openWire(options: PageOptions = {}) {
      const opened = await bench.open({ torrentCount: 1, before: plantWire, ...options })
      const { page, dashboard } = opened
      await page.getByRole('grid').waitFor()
      await page.goto(`${dashboard.origin}/t/${dashboard.control.torrents[0]?.id}/peers/2`)
      await page.getByText('3 messages').waitFor()
      return opened
    }

    const tell = (event: WireEvent): void => wires.at(-1)?.(event)
    const rows = (page: Page) => page.getByRole('treegrid').getByRole('row', { expanded: false })

    it('is opened from its row by a key, the menu and the button, and left to the peers', async () => {
      const { page, dashboard } = await bench.open({ torrentCount: 1, before: plantWire })
      const peers = `${dashboard.origin}/t/${dashboard.control.torrents[0]?.id}/peers`
      await page.getByRole('grid').waitFor()
      await page.goto(peers)
      const row = page.getByRole('row', { name: /^198\.51\.100\.1:51413/ })
      await row.focus()
      await page.keyboard.press('i')
      await page.getByRole('heading', { name: 'Wire of 198.51.100.1:51413' }).waitFor()
      expect(page.url()).toBe(`${peers}/1`)
      await page.keyboard.press('Escape')
      await row.click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Inspect the wire' }).click()
      await page.getByRole('heading', { name: 'Wire of 198.51.100.1:51413' }).waitFor()
      await page.getByRole('button', { name: 'Back to the peers' }).click()
      await page.getByRole('button', { name: 'Inspect the wire of 198.51.100.1:51413' }).click()
      await page.getByText('3 messages').waitFor()
      // Who is gone watches no more.
      await page.keyboard.press('Escape')
      await expect.poll(() => wires.length).toBe(0)
    })

    it('stands still while it is paused, goes on with all that came, and says its end', async () => {
      const { page } = await openWire()
      await page.getByRole('button', { name: 'Pause' }).click()
      tell(messages(3, 2, 40))
      await page.getByText('2 new wait').waitFor()
      expect(await rows(page).count()).toBe(3)
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText('5 messages').waitFor()
      await page.getByText('40 left out').waitFor()
      await page.getByLabel('Filter by message').fill('piece')
      await page.getByText('2 of 5 messages').waitFor()
      await page.getByRole('button', { name: 'Sent' }).click()
      await page.getByText('No message matches the filter.').waitFor()
      tell({ kind: 'ended', problem: null })
      await page.getByRole('status').getByText('The connection to this peer has ended.').waitFor()
    })

    it('shows the newest until somebody scrolls, keeps a bounded number, and draws what is in sight', async () => {
      const { page } = await openWire()
      for (let turn = 0; turn < 12; turn += 1) tell(messages(3 + turn * 200, 200))
      await page.getByText(`Only the newest 2,000 are kept.`).waitFor()
      const grid = page.getByRole('treegrid')
      await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(KEPT_MESSAGES + 1))
      expect(await grid.getByRole('row').count()).toBeLessThan(80)
      await page.getByText('number 2402', { exact: true }).waitFor()
      await grid.evaluate((element) => {
        element.scrollTop = 20_000
      })
      await page.getByRole('button', { name: 'To the newest' }).waitFor()
      const topmost = () =>
        grid.evaluate((element) => {
          const { top } = element.getBoundingClientRect()
          const seen = [...element.querySelectorAll('[aria-expanded]')].filter(
            (row) => row.getBoundingClientRect().top > top + 40,
          )
          return seen[0]?.querySelector('.wire-fields')?.textContent
        })
      const read = await topmost()
      tell(messages(2_403, 100))
      await expect.poll(() => grid.evaluate((element) => element.scrollTop)).toBeLessThan(17_000)
      // What was read stays where it was, although older messages above it are gone.
      expect(await topmost()).toBe(read)
      await page.getByRole('button', { name: 'To the newest' }).click()
      await page.getByText('number 2502', { exact: true }).waitFor()
    })

    it('is walked and opened by keys alone, and leads to the text of a BEP without naming us', async () => {
      const { page } = await openWire({ browser: { viewport: NARROW } })
      await rows(page).last().focus()
      await page.keyboard.press('Home')
      await page.keyboard.press('Enter')
      const open = page.getByRole('treegrid').getByRole('row', { expanded: true })
      await expect.poll(() => open.getAttribute('aria-rowindex')).toBe('2')
      await open.getByText('number', { exact: true }).waitFor()
      const link = open.getByRole('link', { name: 'BEP 3, opens bittorrent.org' })
      expect(await link.getAttribute('href')).toBe('https://www.bittorrent.org/beps/bep_0003.html')
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
      await page.keyboard.press('ArrowLeft')
      await expect.poll(() => open.count()).toBe(0)
    })

    it('goes on after a cut with what the node remembers', async () => {
      const { page, dashboard } = await openWire()
      tell(messages(3, 4))
      await page.getByText('7 messages').waitFor()
      dashboard.cutConnections()
      await page.getByText('3 messages').waitFor()
      expect(wires).toHaveLength(1)
    })
  })
})

function messages(from: number, count: number, leftOut = 0): WireEvent {
  const made = Array.from({ length: count }, (_, index): WireMessage => {
    const number = from + index
    return {
      number,
      atMs: 0,
      direction: number % 2 === 0 ? 'out' : 'in',
      name: number % 2 === 0 ? 'request' : 'piece',
      bep: 3,
      lengthBytes: 17,
      fields: [['number', String(number)]],
    }
  })
  return { kind: 'messages', messages: made, leftOut }
}
