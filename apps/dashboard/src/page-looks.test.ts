/// <reference lib="dom" />
/** The list, its forms and its settings as they look: accessible, nothing too wide, everything large enough. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { showIn, violations } from './testing/axe.ts'
import { browserMissing } from './testing/browser.ts'
import type { FakeDashboard } from './testing/fake-dashboard.ts'
import { drop } from './testing/hand-in.ts'
import { NARROW, openBench, type PageBench, WIDE } from './testing/open-page.ts'

const title = browserMissing === null ? 'the page' : `the page (not tested: ${browserMissing})`

/** What is looked at, in turn on one page. */
const SCENES: readonly (readonly [string, (page: Page, at: FakeDashboard) => Promise<void>])[] = [
  ['the list', () => Promise.resolve()],
  ['a selection', (page) => page.getByRole('row').nth(2).getByRole('checkbox').check()],
  [
    'the menu of a torrent',
    async (page) => {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click()
      await page.getByRole('menu').waitFor()
    },
  ],
  [
    'the form for adding, with a file and a complaint',
    async (page) => {
      await drop(page, { files: ['one.torrent'] })
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'None', exact: true }).click()
      await dialog.getByRole('button', { name: 'Browse…' }).click()
      await dialog.getByRole('button', { name: 'Choose this folder' }).waitFor()
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('Choose at least one file.').waitFor()
    },
  ],
  [
    'the form for sharing',
    async (page) => {
      await page.keyboard.press('s')
      await page.getByRole('dialog').waitFor()
    },
  ],
  [
    'the question before removing',
    async (page) => {
      await page.locator('[role=row][tabindex="0"]').focus()
      await page.keyboard.press('Shift+Delete')
      await page.getByRole('alertdialog').getByText('will be gone for good').waitFor()
    },
  ],
  ['the limits', (page) => choose(page, 'Limits and goals…')],
  ['the tags', (page) => choose(page, 'Tags…')],
  [
    'the keys',
    async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  ],
  [
    'help for the filter',
    async (page) => {
      await page.getByRole('button', { name: 'How to filter' }).click()
      await page.getByRole('dialog').waitFor()
    },
  ],
  [
    'nothing found',
    async (page) => {
      await page.getByRole('searchbox', { name: 'Filter' }).fill('nothing like this')
      await page.getByText('No torrent matches').waitFor()
    },
  ],
  [
    'the settings',
    async (page) => {
      await page.keyboard.press(',')
      await page.getByText('Switch them by the clock').click()
      await page.getByRole('button', { name: 'Change films' }).click()
    },
  ],
  [
    'the network, and an answer of the DHT',
    async (page) => {
      await page.keyboard.press('n')
      await page.getByText('No router answers').waitFor()
      await page.getByText('Put a value').click()
      await page.getByRole('textbox', { name: 'Text' }).fill('hello')
      await page.keyboard.press('Enter')
      await page.getByText('17 nodes keep it').waitFor()
    },
  ],
  [
    'a network that nobody tells, and a wrong question',
    async (page, { control }) => {
      const told = control.network.bind(control)
      control.network = () => Promise.resolve({ code: 'x', message: 'No.', help: 'Ask again.' })
      await page.keyboard.press('n')
      await page.getByText('The node does not tell about its network.').waitFor()
      control.network = told
      await page.getByText('Reachable.').waitFor()
      await page.getByRole('button', { name: 'Ping' }).click()
      await page.getByText('Write a host and a port').waitFor()
    },
  ],
  [
    'a wire, and all fields of a message',
    async (page, { origin, control }) => {
      await page.goto(`${origin}/t/${control.torrents[0]?.id}/peers/1`)
      await page.getByRole('row', { name: /extended-handshake/ }).click()
      await page.getByText('ut_metadata 2, ut_pex 1', { exact: true }).waitFor()
    },
  ],
]

async function choose(page: Page, action: string): Promise<void> {
  await page
    .getByRole('button', { name: /^Actions for/ })
    .nth(1)
    .click()
  await page.getByRole('menuitem', { name: action }).click()
  await page.getByRole('dialog').waitFor()
}

describe.skipIf(browserMissing !== null)(title, { timeout: 300_000 }, () => {
  let bench: PageBench
  beforeAll(async () => {
    bench = await openBench()
  }, 120_000)
  afterEach(() => bench.tidy())
  afterAll(() => bench?.close())

  it.each([
    ['wide, also dark and with more contrast', WIDE, ['dark', 'contrast']],
    ['narrow, also dark', NARROW, ['dark']],
  ] as const)('breaks no rule of accessibility, %s', async (_, viewport, looks) => {
    // One in each state is enough to be looked at.
    const { page, dashboard, complaints } = await bench.open({
      torrentCount: 9,
      browser: { viewport },
      before: ({ control }) =>
        control.changeSession({
          isTrackerOn: true,
          isPortMappingOn: true,
          configured: ['isDhtOn'],
        }),
    })
    await page.getByRole('grid').waitFor()
    for (const [name, act] of SCENES) {
      await page.goto(dashboard.origin)
      await page.getByRole('grid').waitFor()
      await act(page, dashboard)
      expect(await violations(page), name).toEqual([])
      expect(await sidewaysScroll(page), `${name} is too wide`).toBe(0)
      expect(await bodyScroll(page), `${name} is taller than the screen`).toBe(0)
      for (const look of looks) {
        await showIn(page, look)
        expect(await violations(page, { areColoursAlone: true }), `${name}, ${look}`).toEqual([])
      }
      await showIn(page, 'light')
    }
    expect(complaints).toEqual([])
  })

  it('is a first visit that says what to do, and breaks no rule either', async () => {
    const { page } = await bench.open({ torrentCount: 0 })
    await page.getByText('Nothing here yet').waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('has targets of at least 44 pixels on a phone', async () => {
    const { page } = await bench.open({
      browser: { viewport: NARROW, hasTouch: true, isMobile: true },
    })
    await page.getByRole('grid').waitFor()
    expect(await smallTargets(page)).toEqual([])
    await page.keyboard.press('n')
    await page.getByText('Reachable.').waitFor()
    expect(await smallTargets(page)).toEqual([])
    await page.goBack()
    await page.locator('[role=row][tabindex="0"]').press('Enter')
    await page.getByRole('tab', { name: 'Peers' }).click()
    await page
      .getByRole('button', { name: /^Inspect the wire/ })
      .first()
      .waitFor()
    expect(await smallTargets(page)).toEqual([])
    await page
      .getByRole('button', { name: /^Inspect the wire/ })
      .first()
      .click()
    await page.getByText('7 messages').waitFor()
    expect(await smallTargets(page)).toEqual([])
  })
})

/** By how much the page, or a question over it, is wider than the screen. */
function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.backdrop, .page-body')]
      .map((element) => element.scrollWidth - element.clientWidth)
      .reduce((widest, each) => Math.max(widest, each), 0),
  )
}

function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, label:has(input), .net-switch label, a')]
      .filter((element) => element.closest('.list-head') === null)
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44))
      .map(({ element }) => element.outerHTML.slice(0, 80)),
  )
}

/** The page is as high as the screen: what is longer scrolls within it. */
function bodyScroll(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
  )
}
