/// <reference lib="dom" />
/** The details of a torrent in a real browser: each part of them, by mouse, keys and on a phone. */
import { FakeControl } from '@pigeon/control/testing/fake-control'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { showIn, violations } from './testing/axe.ts'
import { browserMissing } from './testing/browser.ts'
import { NARROW, openBench, type PageBench, type PageOptions, WIDE } from './testing/open-page.ts'

const title = browserMissing === null ? 'the details' : `the details (untested: ${browserMissing})`

describe.skipIf(browserMissing !== null)(title, { timeout: 120_000 }, () => {
  let bench: PageBench
  beforeAll(async () => {
    bench = await openBench()
  }, 120_000)
  afterEach(() => bench.tidy())
  afterAll(() => bench?.close())

  async function openTab(tab: string, options: PageOptions = {}) {
    const opened = await bench.open(options)
    const { page, dashboard } = opened
    const [torrent] = dashboard.control.torrents
    const id = torrent?.id ?? ''
    await page.getByRole('grid').waitFor()
    await page.goto(`${dashboard.origin}/t/${id}/${tab}`)
    await page.getByRole('tabpanel').waitFor()
    return { ...opened, id, name: torrent?.name ?? '' }
  }

  const rowOf = (page: Page, name: string) =>
    page.getByRole('treegrid').getByRole('row').filter({ hasText: name })

  describe('files', () => {
    it('are a tree that is walked, opened and chosen by keys alone', async () => {
      const { page, dashboard, id, name } = await openTab('files')
      const commands = () => dashboard.control.commands
      const top = page.getByRole('treegrid').locator('[role=row][tabindex="0"]')
      await top.focus()
      await expect.poll(() => top.getAttribute('aria-expanded')).toBe('true')
      await page.keyboard.press('ArrowLeft')
      await expect.poll(() => page.getByRole('treegrid').getByRole('row').count()).toBe(2)
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
      await expect.poll(() => page.locator('[role=row]:focus').getAttribute('aria-level')).toBe('2')
      await page.keyboard.press('Space')
      await expect.poll(() => commands().length).toBe(1)
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('+')
      await expect.poll(() => commands().length).toBe(2)
      const [one, all] = commands()
      expect(one).toEqual({ do: 'set-files', id, files: [{ index: 0, priority: 'skip' }] })
      expect(all).toMatchObject({ do: 'set-files', files: { length: 6 } })
      await page.keyboard.press('F2')
      await page.getByLabel(`New name of ${name}`).fill('a better name')
      await page.keyboard.press('Enter')
      await rowOf(page, 'a better name').first().waitFor()
      expect(commands().at(-1)).toEqual({ do: 'rename', id, path: name, name: 'a better name' })
    })

    it('of a folder are chosen with it, and say when they differ', async () => {
      const { page, dashboard } = await openTab('files')
      const folder = rowOf(page, 'deep').first()
      await folder.getByRole('combobox').selectOption('high')
      await expect.poll(() => dashboard.control.commands.length).toBe(1)
      const [top] = await page.getByRole('treegrid').getByRole('combobox').all()
      await expect.poll(() => top?.inputValue()).toBe('mixed')
      await folder.getByRole('checkbox').uncheck()
      await expect.poll(() => folder.getByRole('combobox').inputValue()).toBe('skip')
    })

    it('refuse a name with a slash where it was written, and keep the old one on Escape', async () => {
      const { page, dashboard } = await openTab('files')
      await rowOf(page, 'readme.txt').hover()
      await rowOf(page, 'readme.txt')
        .getByRole('button', { name: /^Rename/ })
        .click()
      const field = page.getByLabel(/^New name of/)
      await field.fill('a/b')
      await page.keyboard.press('Enter')
      await page.getByText('A name has 1 to 240 characters').waitFor()
      await field.press('Escape')
      await rowOf(page, 'readme.txt').waitFor()
      expect(dashboard.control.commands).toEqual([])
      // Escape left the field, not the details.
      await expect.poll(() => page.getByRole('tabpanel').count()).toBe(1)
    })

    it('are drawn only where they are in sight, of two hundred thousand too', async () => {
      const { page } = await openTab('files', {
        before: ({ control }) => {
          const detail = control.detail.bind(control)
          control.detail = async (id) => {
            const told = await detail(id)
            if (told === null) return null
            const files = Array.from({ length: 200_000 }, (_, index) => ({
              index,
              path: `all/${index % 100}/${index}.bin`,
              lengthBytes: 1,
              doneBytes: 0,
              priority: 'normal' as const,
            }))
            return { ...told, files }
          }
        },
      })
      await page.getByText(/200,000 of 200,000 files wanted/).waitFor()
      const grid = page.getByRole('treegrid')
      await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('102')
      await expect.poll(() => grid.getByRole('row').count()).toBeLessThan(60)
      await page.getByRole('button', { name: 'Open all folders' }).click()
      await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('200102')
      await expect.poll(() => grid.getByRole('row').count()).toBeLessThan(60)
    })
  })

  describe('peers', () => {
    it('sort by any column, either way', async () => {
      const { page } = await openTab('peers')
      const head = page.getByRole('columnheader', { name: /^Has/ })
      await head.getByRole('button').click()
      await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending')
      const shares = async () =>
        (await page.locator('td.peer-progress').allTextContents()).map(Number.parseFloat)
      const falling = await shares()
      expect(falling).toEqual(falling.toSorted((one, other) => other - one))
      await head.getByRole('button').click()
      await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending')
      expect(await shares()).toEqual(falling.toReversed())
    })

    it('are added by their address, which is checked first', async () => {
      const { page, dashboard, id } = await openTab('peers')
      const field = page.getByLabel('Add a peer')
      await field.fill('example.org:80')
      await field.press('Enter')
      await page.getByText('Write a numeric address').waitFor()
      await field.fill('[2001:db8::7]:6881')
      await field.press('Enter')
      await page.getByText('The peer is tried.').waitFor()
      expect(dashboard.control.commands).toEqual([
        { do: 'add-peer', id, peer: '[2001:db8::7]:6881' },
      ])
    })
  })

  it('change trackers as a text, say which line is wrong, and take one away', async () => {
    const { page, dashboard, id } = await openTab('trackers')
    await page.getByRole('button', { name: 'Change trackers…' }).click()
    const text = page.getByLabel('Trackers, one on each line')
    await expect
      .poll(() => text.inputValue())
      .toBe('http://tracker.example:6969/announce\n\nudp://tracker.example:6969')
    await text.fill('https://a.example/\nnonsense')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Line 2 is no address of a tracker').waitFor()
    await text.fill('https://a.example/\nudp://b.example:1\n\nhttp://c.example/')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Remove http://c.example/' }).click()
    await page.getByText('http://c.example/').waitFor({ state: 'detached' })
    const tier = ['https://a.example/', 'udp://b.example:1']
    expect(dashboard.control.commands).toEqual([
      { do: 'set-trackers', id, tiers: [tier, ['http://c.example/']] },
      { do: 'set-trackers', id, tiers: [tier] },
    ])
  })

  it('draw pieces and availability, and say the same in words', async () => {
    const { page } = await openTab('pieces')
    await page.getByText(/3 pieces are coming in/).waitFor()
    await page.getByText(/Connected peers have 0 to 8 copies of each piece/).waitFor()
    await expect.poll(() => page.getByRole('tabpanel').getByRole('img').count()).toBe(2)
    // A picture is drawn once the browser has said how large it is.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('canvas')].every((canvas) => {
        const { width, height } = canvas
        const pixels = width * height === 0 ? null : canvas.getContext('2d')
        return pixels?.getImageData(0, 0, width, height).data.some((byte) => byte !== 0)
      }),
    )
  })

  it('say at the top what is wrong and what to do', async () => {
    const { page, dashboard } = await bench.open()
    const failed = dashboard.control.torrents.find(({ state }) => state === 'error')
    await page.getByRole('grid').waitFor()
    await page.goto(`${dashboard.origin}/t/${failed?.id}`)
    const alert = page.getByRole('tabpanel').getByRole('alert')
    await alert.getByText('Free some space, then resume the torrent.').waitFor()
    await alert.getByRole('button', { name: 'Resume' }).click()
    await alert.waitFor({ state: 'detached' })
    expect(dashboard.control.commands).toEqual([{ do: 'resume', ids: [failed?.id] }])
  })

  it('are asked for only while somebody looks', async () => {
    const asked: string[] = []
    const { page, dashboard, id } = await openTab('log', {
      before: ({ control }) => {
        const detail = control.detail.bind(control)
        control.detail = (wanted) => {
          asked.push(wanted)
          return detail(wanted)
        }
      },
    })
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(2)
    expect(new Set(asked)).toEqual(new Set([id]))
    await page.getByRole('button', { name: 'Close the details' }).click()
    await page.getByRole('tabpanel').waitFor({ state: 'detached' })
    const before = asked.length
    dashboard.control.step()
    await page.waitForFunction(() => document.title.includes('MiB/s'))
    expect(asked.length - before).toBeLessThanOrEqual(1)
  })

  it('show the speed of what is looked at, with its limit, in words too', async () => {
    const { page } = await openTab('overview', {
      before: ({ control }) => {
        const [torrent] = control.torrents
        if (torrent === undefined) return
        void control.run({ do: 'set-limits', ids: [torrent.id], limits: { down: 1_048_576 } })
        control.step()
      },
    })
    await page.getByRole('img', { name: 'Speed over the last 10 minutes' }).waitFor()
    await page.locator('.uplot canvas').first().waitFor()
    await expect
      .poll(() => page.getByRole('tabpanel').textContent())
      .toMatch(/Down: now [\d.]+ MiB\/s.*Download limit: 1\.00 MiB\/s/)
  })

  describe.each([
    ['wide, light and dark', WIDE],
    ['narrow, light and dark', NARROW],
  ] as const)('%s', (_, viewport) => {
    it('break no rule of accessibility, and fit', { timeout: 300_000 }, async () => {
      const { page, complaints } = await openTab('overview', { browser: { viewport } })
      // The rest of the page has tests of its own.
      const within = '.detail'
      for (const tab of ['Overview', 'Files', 'Peers', 'Trackers', 'Pieces', 'Log']) {
        await page.getByRole('tab', { name: tab }).click()
        await page.getByRole('tab', { name: tab, selected: true }).waitFor()
        expect(await violations(page, { within }), tab).toEqual([])
        expect(await tooWide(page), `${tab} is too wide`).toBe(0)
        await showIn(page, 'dark')
        expect(await violations(page, { within, areColoursAlone: true }), tab).toEqual([])
        await showIn(page, 'light')
      }
      expect(complaints).toEqual([])
    })
  })

  it('stay what the made-up node says', () => {
    // What the tests above lean on.
    const [torrent] = new FakeControl().torrents
    expect(torrent?.state).toBe('downloading')
  })
})

function tooWide(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
}
