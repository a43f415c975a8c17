/// <reference lib="dom" />
/** The list, its forms and its settings as they look: accessible, nothing too wide, everything large enough. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from './testing/browser.ts'
import { drop } from './testing/hand-in.ts'
import { NARROW, openBench, type PageBench, WIDE } from './testing/open-page.ts'

const title = browserMissing === null ? 'the page' : `the page (not tested: ${browserMissing})`

/** What is looked at, in turn on one page. */
const SCENES: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
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
    ['wide and light', WIDE, 'light', null],
    ['wide and dark', WIDE, 'dark', null],
    ['narrow and light', NARROW, 'light', null],
    ['narrow and dark', NARROW, 'dark', null],
    ['wide with more contrast', WIDE, 'light', 'contrast'],
  ] as const)('breaks no rule of accessibility, %s', async (_, viewport, colorScheme, theme) => {
    // One in each state is enough to be looked at.
    const { page, dashboard, complaints } = await bench.open({
      torrentCount: 9,
      browser: { viewport, colorScheme },
    })
    await page.getByRole('grid').waitFor()
    if (theme !== null)
      await page.evaluate(
        (value) => localStorage.setItem('pigeon-preferences', `{"theme":"${value}"}`),
        theme,
      )
    for (const [name, act] of SCENES) {
      await page.goto(dashboard.origin)
      await page.getByRole('grid').waitFor()
      await act(page)
      expect(await violations(page), name).toEqual([])
      expect(await sidewaysScroll(page), `${name} is too wide`).toBe(0)
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
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, label:has(input), a')]
        .filter((element) => element.closest('.list-head') === null)
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44))
        .map(({ element }) => element.outerHTML.slice(0, 80)),
    )
    expect(small).toEqual([])
  })
})

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    // What passes is counted nowhere, and costs the most.
    .options({ resultTypes: ['violations'] })
    .analyze()
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 140)}`))
}

/** By how much the page, or a question over it, is wider than the screen. */
function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.backdrop, .page-body')]
      .map((element) => element.scrollWidth - element.clientWidth)
      .reduce((widest, each) => Math.max(widest, each), 0),
  )
}
