/// <reference lib="dom" />
/** The way in and the list in a real browser: by mouse, by keys and on a phone. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from './testing/browser.ts'
import { NARROW, openBench, type PageBench } from './testing/open-page.ts'

const DEBIAN = 'debian-12.7.0-amd64-netinst.iso'

if (browserMissing !== null) {
  console.warn(`The page is NOT tested: ${browserMissing}.`)
  it('has a browser for the tests of the page', () => {
    // Where everything has to be proven, a missing browser is a failure and not an excuse.
    expect(process.env['CI'] === undefined ? null : browserMissing).toBeNull()
  })
}

const title = browserMissing === null ? 'the page' : `the page (not tested: ${browserMissing})`

describe.skipIf(browserMissing !== null)(title, { timeout: 120_000 }, () => {
  let bench: PageBench
  beforeAll(async () => {
    bench = await openBench()
  }, 120_000)
  afterEach(() => bench.tidy())
  afterAll(() => bench?.close())

  async function openList(options: Parameters<PageBench['open']>[0] = {}) {
    const opened = await bench.open(options)
    await opened.page.getByRole('grid').waitFor()
    return opened
  }

  const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name })
  const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter' })
  const focused = (page: Page) => page.locator('[role=row]:focus')

  describe('the way in', () => {
    it('opens the list with the link, takes the secret out of the address, and the link works once', async () => {
      const { page, dashboard } = await openList()
      expect(page.url()).toBe(`${dashboard.origin}/`)
      const link = dashboard.server.newLink()
      const other = await (await bench.browser.newContext()).newPage()
      await other.goto(link)
      await other.getByRole('grid').waitFor()
      const third = await (await bench.browser.newContext()).newPage()
      await third.goto(link)
      await third.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
      expect(third.url()).not.toContain('#')
      await other.context().close()
      await third.context().close()
    })

    it('speaks the language of the browser, or the one that was chosen', async () => {
      const { page } = await openList({ browser: { locale: 'de-DE' } })
      await page.getByRole('button', { name: 'Hinzufügen' }).waitFor()
      await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('de')
      await page.keyboard.press(',')
      await page.getByLabel('Sprache').selectOption('en')
      await page.getByRole('heading', { name: 'Settings' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Settings' }).waitFor()
    })
  })

  describe('the list', () => {
    it('pauses, resumes and rechecks', async () => {
      const { page, dashboard } = await openList()
      await page.getByRole('button', { name: `Pause ${DEBIAN}` }).click()
      await row(page, DEBIAN).getByText('Paused').waitFor()
      await page.getByRole('button', { name: `Resume ${DEBIAN}` }).click()
      await row(page, DEBIAN).getByText('Downloading').waitFor()
      await page.getByRole('button', { name: `Actions for ${DEBIAN}` }).click()
      await page.getByRole('menuitem', { name: 'Check the data again' }).click()
      await row(page, DEBIAN).getByText('Checking').waitFor()
      const done = dashboard.control.commands.map((command) => command.do)
      expect(done).toEqual(['pause', 'resume', 'recheck'])
    })

    it('selects by boxes, by Ctrl, by Shift and all, and acts on what is selected', async () => {
      const { page, dashboard } = await openList()
      const rows = page.locator('.row')
      await rows.nth(0).getByRole('checkbox').check()
      await rows.nth(2).click({ modifiers: ['ControlOrMeta'], position: { x: 90, y: 10 } })
      await page.getByText('2 selected').waitFor()
      await rows.nth(5).click({ modifiers: ['Shift'], position: { x: 90, y: 10 } })
      await page.getByText('4 selected').waitFor()
      await expect.poll(() => rows.nth(3).getAttribute('aria-selected')).toBe('true')
      await page.getByRole('button', { name: 'Clear the selection' }).click()
      await page.keyboard.press('ControlOrMeta+a')
      await page.getByText('14 selected').waitFor()
      await page.getByRole('toolbar').getByRole('button', { name: 'Pause' }).click()
      await expect.poll(() => dashboard.control.commands.length).toBe(1)
      expect(dashboard.control.commands).toMatchObject([{ do: 'pause', ids: { length: 14 } }])
    })

    it('shows by a right click all that can be done, for the row under it', async () => {
      const { page, dashboard } = await openList()
      await row(page, DEBIAN).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Category' }).hover()
      await page.getByRole('menuitemradio', { name: 'linux' }).click()
      await expect.poll(() => dashboard.control.commands.length).toBe(1)
      await row(page, DEBIAN).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Rename…' }).click()
      await page.getByLabel('New name').fill('a better name')
      await page.keyboard.press('Enter')
      await row(page, 'a better name').waitFor()
      const id = dashboard.control.torrents[0]?.id ?? ''
      expect(dashboard.control.commands).toEqual([
        { do: 'set-category', ids: [id], category: 'linux' },
        { do: 'rename', id, name: 'a better name' },
      ])
    })

    it('asks for limits and tags, and changes only what was touched', async () => {
      const { page, dashboard } = await openList()
      await page.getByRole('row').nth(1).getByRole('checkbox').check()
      await page.getByRole('row').nth(2).getByRole('checkbox').check()
      const toolbar = page.getByRole('toolbar')
      await toolbar.getByRole('button', { name: 'Limits and goals…' }).click()
      await page.getByLabel('Download at most', { exact: true }).selectOption('at')
      await page.getByLabel('Download at most (KiB/s)').fill('512')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await toolbar.getByRole('button', { name: 'Tags…' }).click()
      await page.getByLabel('New tag').fill('seen')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      const [limits, tags] = dashboard.control.commands
      expect(limits).toMatchObject({ do: 'set-limits', limits: { down: 524_288, up: null } })
      expect(tags).toMatchObject({ do: 'tag', ids: { length: 2 }, add: ['seen'], remove: [] })
    })

    it('says why instead of greying out', async () => {
      const { page } = await openList()
      await page.keyboard.press('ControlOrMeta+a')
      await page.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: 'Rename…' }).click()
      await page.getByText('only one at a time can be renamed').waitFor()
    })

    it('asks before removing, and never deletes data unless that was asked for as well', async () => {
      const { page, dashboard } = await openList()
      const remove = async (name: string): Promise<void> => {
        await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
        await page.getByRole('menuitem', { name: 'Remove…' }).click()
      }
      await remove(DEBIAN)
      const question = page.getByRole('alertdialog')
      await expect
        .poll(() => question.getByLabel(/Delete the downloaded files/).isChecked())
        .toBe(false)
      await page.keyboard.press('Escape')
      await question.waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toEqual([])
      await remove(DEBIAN)
      await question.getByRole('button', { name: 'Remove', exact: true }).click()
      await row(page, DEBIAN).waitFor({ state: 'detached' })
      await remove('a')
      await question.getByLabel(/Delete the downloaded files/).check()
      await question.getByText('will be gone for good').waitFor()
      await question.getByRole('button', { name: 'Remove and delete files' }).click()
      await question.waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toMatchObject([
        { do: 'remove', deleteData: false },
        { do: 'remove', deleteData: true },
      ])
    })

    it('is worked by keys alone', async () => {
      const { page, dashboard } = await openList()
      await page.locator('[role=row][tabindex="0"]').focus()
      await page.keyboard.press('End')
      await expect.poll(() => focused(page).getAttribute('aria-rowindex')).toBe('15')
      await page.keyboard.press('Home')
      await page.keyboard.press('Space')
      await page.keyboard.press('Shift+ArrowDown')
      await page.getByText('2 selected').waitFor()
      await expect.poll(() => focused(page).getAttribute('aria-rowindex')).toBe('3')
      await page.keyboard.press('Shift+Delete')
      const question = page.getByRole('alertdialog')
      await expect
        .poll(() => question.getByLabel(/Delete the downloaded files/).isChecked())
        .toBe(true)
      await page.keyboard.press('Escape')
      await question.waitFor({ state: 'detached' })
      await page.keyboard.press('p')
      await expect.poll(() => dashboard.control.commands.length).toBe(1)
      await page.keyboard.press('Escape')
      await page.getByText('2 selected').waitFor({ state: 'detached' })
      await page.keyboard.press('Enter')
      await page.getByRole('tab', { name: 'Overview' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: 'Overview' }).waitFor({ state: 'detached' })
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    })

    it('has one row for the Tab key, with its buttons, also after the list was scrolled away from it', async () => {
      const { page } = await openList({ torrentCount: 200 })
      const tab = async (): Promise<string> => {
        await page.keyboard.press('Tab')
        return page.evaluate(() => {
          const element = document.activeElement
          return element?.closest('.rows-inner') ? element.tagName : 'outside'
        })
      }
      const last = page.getByRole('columnheader').getByRole('button').last()
      await page.locator('.row').nth(3).focus()
      await last.focus()
      expect([await tab(), await tab(), await tab(), await tab()]).toEqual([
        'DIV',
        'BUTTON',
        'BUTTON',
        'outside',
      ])
      await page.getByRole('grid').evaluate((list) => list.scrollTo(0, 5_000))
      await page.locator('[aria-rowindex="95"]').waitFor()
      await last.focus()
      expect(await tab()).toBe('DIV')
      await filter(page).focus()
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => focused(page).getAttribute('role')).toBe('row')
    })

    it('filters in the language of all clients, says what is wrong with it, and keeps it in the address', async () => {
      const { page } = await openList()
      await page.keyboard.press('ControlOrMeta+f')
      expect(await filter(page).evaluate((field) => field === document.activeElement)).toBe(true)
      await page.keyboard.type('tag:family !error')
      await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('tag:family !error')
      await page.getByText('4 of 14').waitFor()
      await filter(page).fill('ratio>')
      await page.getByText('The filter ends too early').waitFor()
      await page.reload()
      await filter(page).fill('')
      await page.getByRole('button', { name: /^films/ }).click()
      await page.getByRole('button', { name: /^Downloading/ }).click()
      await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
      const { search } = new URL(page.url())
      expect(search).toBe('?status=downloading&category=films&sort=-size')
      await page.reload()
      const films = page.getByRole('button', { name: /^films/ })
      await films.waitFor()
      await expect.poll(() => films.getAttribute('aria-pressed')).toBe('true')
      await page.getByRole('button', { name: 'Show all' }).click()
      await page.getByText('14 torrents').waitFor()
    })

    it('draws only what is in sight of ten thousand, finds one by its name, and stays smooth while all change', async () => {
      const { page, dashboard } = await openList({ torrentCount: 10_000 })
      await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001')
      await expect.poll(() => page.locator('.row').count()).toBeLessThan(40)
      await filter(page).fill('netinst zzz')
      await page.getByText('No torrent matches').waitFor()
      await page.getByRole('button', { name: 'Show all' }).last().click()
      await page.locator('.row').first().waitFor()
      dashboard.control.step()
      await page.locator('[role=row][tabindex="0"]').focus()
      await page.keyboard.press('End')
      await expect.poll(() => focused(page).getAttribute('aria-rowindex')).toBe('10001')
      await expect.poll(() => page.locator('.row').count()).toBeLessThan(40)
    })

    it('sorts by a column, says so, and goes back to the newest first', async () => {
      const { page } = await openList()
      const size = page.getByRole('columnheader', { name: 'Size' })
      const sorts: (string | null)[] = []
      for (let turn = 0; turn < 3; turn += 1) {
        await size.getByRole('button').click()
        sorts.push(await size.getAttribute('aria-sort'))
      }
      expect(sorts).toEqual(['descending', 'ascending', 'none'])
    })

    it('shows the columns that were chosen, in their order, and remembers them', async () => {
      const { page } = await openList()
      await page.getByRole('button', { name: 'Columns and density' }).click()
      await page.getByLabel('Tags', { exact: true }).check()
      await page.getByLabel('Size', { exact: true }).uncheck()
      await page.getByRole('button', { name: 'Move Down forward' }).click()
      await page.keyboard.press('Escape')
      await page.reload()
      await page.getByRole('grid').waitFor()
      const heads = await page.getByRole('columnheader').allTextContents()
      expect(heads.filter(Boolean).slice(0, 3)).toEqual(['Name', 'Down', 'Progress'])
      expect(heads).toContain('Tags')
      expect(heads).not.toContain('Size')
    })

    it('shows rates in the title', async () => {
      const { page, dashboard } = await openList()
      dashboard.control.step()
      await expect.poll(() => page.title()).toMatch(/^↓ [\d.]+ MiB\/s · ↑ [\d.]+ MiB\/s · Pigeon$/)
    })
  })

  describe('the settings', () => {
    it('save what was changed, say what is wrong and what lasts until a restart only', async () => {
      const { page, dashboard } = await openList({
        before: ({ control }) => control.changeSession({ configured: ['maxActive'] }),
      })
      await page.keyboard.press(',')
      await page.getByText('a change here lasts until it is restarted').waitFor()
      const speed = page.getByRole('region', { name: 'Speed' })
      await speed.getByLabel('Download at most').fill('much')
      await speed.getByRole('button', { name: 'Save' }).click()
      await speed.getByText('Write a number').waitFor()
      await speed.getByLabel('Download at most').fill('2048')
      await speed.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved').waitFor()
      const alternative = page.getByRole('region', { name: 'Alternative limits' })
      await alternative.getByLabel('Switch them by the clock').check()
      await alternative.getByRole('button', { name: 'Sun' }).click()
      await alternative.getByLabel('From').fill('09:30')
      await alternative.getByRole('button', { name: 'Save' }).click()
      await expect.poll(() => dashboard.control.commands.length).toBe(2)
      expect(dashboard.control.commands).toEqual([
        { do: 'set-session', downLimit: 2_097_152 },
        {
          do: 'set-session',
          altSchedule: {
            days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
            fromMinute: 570,
            toMinute: 1320,
          },
        },
      ])
    })

    it('make, change and remove categories', async () => {
      const { page, dashboard } = await openList({ browser: { viewport: NARROW } })
      await page.goto(`${dashboard.origin}/settings`)
      await page.getByRole('button', { name: 'New category' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('books')
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('button', { name: 'Change books' }).click()
      await page.getByLabel('Upload at most (KiB/s)').fill('100')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('↑ 100 KiB/s').waitFor()
      await page.getByRole('button', { name: 'Remove films' }).click()
      await page.getByText('4 torrents stay in the list').waitFor()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('button', { name: 'Change films' }).waitFor({ state: 'detached' })
      const done = dashboard.control.commands.map((command) => command.do)
      expect(done).toEqual(['save-category', 'save-category', 'remove-category'])
    })
  })
})
