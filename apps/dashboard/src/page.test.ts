/// <reference lib="dom" />
/** The page in a real browser, over a made-up node: each journey of its users, and what may never happen there. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, buildPage, launchBrowser } from './testing/browser.ts'
import { type FakeDashboard, openFakeDashboard } from './testing/fake-dashboard.ts'

const V1 = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const MAGNET = `magnet:?xt=urn:btih:${V1}&dn=pasted`
/** A step may take this long on a machine that has much else to do; it ends as soon as it is done. */
const STEP_MS = 60_000
const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 390, height: 844 }

if (browserMissing !== null) {
  console.warn(`The page is NOT tested: ${browserMissing}.`)
  it('has a browser for the tests of the page', () => {
    // Where everything has to be proven, a missing browser is a failure and not an excuse.
    expect(process.env['CI'] === undefined ? null : browserMissing).toBeNull()
  })
}

const title = browserMissing === null ? 'the page' : `the page (not tested: ${browserMissing})`

describe.skipIf(browserMissing !== null)(title, { timeout: 120_000 }, () => {
  let browser: Browser
  let built: { readonly folder: string; remove(): void }
  const open: (() => Promise<void>)[] = []

  beforeAll(async () => {
    built = await buildPage()
    browser = await launchBrowser()
  }, 120_000)
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close()
  })
  afterAll(async () => {
    await browser?.close()
    built?.remove()
  })

  async function openPage(
    options: BrowserContextOptions & {
      torrentCount?: number
      before?: (dash: FakeDashboard) => void
    } = {},
  ): Promise<{ page: Page; dashboard: FakeDashboard; complaints: string[] }> {
    const { torrentCount = 14, before, ...contextOptions } = options
    const dashboard = await openFakeDashboard({ pageFolder: built.folder, torrentCount })
    open.push(() => dashboard.close())
    before?.(dashboard)
    const context = await browser.newContext({
      viewport: WIDE,
      // Nothing that is tested moves, and endless animations cost a browser without a GPU dear.
      reducedMotion: 'reduce',
      ...contextOptions,
    })
    open.push(() => context.close())
    const page = await context.newPage()
    page.setDefaultTimeout(STEP_MS)
    const complaints = await watchFor(page)
    await page.goto(dashboard.server.newLink())
    return { page, dashboard, complaints }
  }

  /** Notes everything that must not happen on a page: errors, dialogs, what the security policy stopped. */
  async function watchFor(page: Page): Promise<string[]> {
    const complaints: string[] = []
    await page.exposeFunction('complain', (text: string) => complaints.push(text))
    await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
      complain('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`)
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('console', (line) => {
      if (/Content Security Policy|Trusted ?Type/i.test(line.text())) complaints.push(line.text())
    })
    return complaints
  }

  const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name })
  const DEBIAN = 'debian-12.7.0-amd64-netinst.iso'

  describe('the way in', () => {
    it('opens the list with the link, takes the secret out of the address, and the link works once', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      expect(page.url()).toBe(`${dashboard.origin}/`)

      const link = dashboard.server.newLink()
      const other = await (await browser.newContext()).newPage()
      await other.goto(link)
      await other.getByRole('grid').waitFor()
      const third = await (await browser.newContext()).newPage()
      await third.goto(link)
      await third.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
      await third.getByText('press l then Enter').waitFor()
      expect(third.url()).not.toContain('#')
      await other.context().close()
      await third.context().close()
    })

    it('keeps the session over a reload and in a second tab, and ends it on request', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      await page.reload()
      await page.getByRole('grid').waitFor()
      const tab = await page.context().newPage()
      await tab.goto(dashboard.origin)
      await tab.getByRole('grid').waitFor()
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Log out' }).click()
      await page.getByRole('heading', { name: 'Log in to Pigeon' }).waitFor()
      await tab.getByRole('heading', { name: 'Your session has ended' }).waitFor()
    })

    it('takes a new link in a tab that shows the old one', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      await page.goto(`${dashboard.origin}/login#wrong`)
      await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
      await page.goto(dashboard.server.newLink())
      await page.getByRole('grid').waitFor()
    })
  })

  describe('adding', () => {
    it('takes a pasted magnet, asks once, and adds it', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      await paste(page, MAGNET)
      const dialog = page.getByRole('dialog', { name: 'Add torrents' })
      await dialog.waitFor()
      expect(await dialog.getByLabel('Links').inputValue()).toBe(MAGNET)
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toEqual([
        {
          do: 'add',
          source: { kind: 'magnet', uri: MAGNET },
          isPaused: false,
          isSequential: false,
        },
      ])
      await page.getByText('1 torrent added').waitFor()
    })

    it('leaves alone what is pasted into a field, and what cannot be added', async () => {
      const { page } = await openPage()
      await page.getByRole('grid').waitFor()
      await paste(page, 'just some words')
      await page.getByLabel('Search by name').focus()
      await paste(page, MAGNET)
      expect(await page.getByRole('dialog').count()).toBe(0)
    })

    it('takes dropped .torrent files and adds every one', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      await drop(page, { files: ['one.torrent', 'two.torrent'] })
      await page.getByRole('button', { name: 'Add 2 torrents' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toMatchObject([
        { do: 'add', source: { kind: 'metainfo', base64: btoa('one.torrent') } },
        { do: 'add', source: { kind: 'metainfo', base64: btoa('two.torrent') } },
      ])
    })

    it('takes dropped text, and says so when a drop is nothing to add', async () => {
      const { page } = await openPage()
      await page.getByRole('grid').waitFor()
      await drop(page, { files: ['holiday.jpg'] })
      await page.getByText('That was nothing that can be added').waitFor()
      await drop(page, { text: V1 })
      expect(await page.getByLabel('Links').inputValue()).toBe(V1)
    })

    it('adds by the dialog with a folder of its own, paused', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByLabel('Links').fill(`${V1}\nhttps://example.org/a.torrent`)
      await page.getByLabel('Save in').fill('/srv/iso')
      await page.getByLabel(/Add paused/).check()
      await page.getByRole('button', { name: 'Add 2 torrents' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toMatchObject([
        { source: { kind: 'magnet' }, folder: '/srv/iso', isPaused: true },
        { source: { kind: 'url', url: 'https://example.org/a.torrent' }, folder: '/srv/iso' },
      ])
    })

    it('says in the form what is wrong, and keeps what failed in it', async () => {
      const problem = {
        code: 'bad-magnet',
        message: 'The link names no info-hash.',
        help: 'Copy it whole.',
      }
      const { page } = await openPage({
        before: ({ control }) => {
          const run = control.run.bind(control)
          control.run = (command) =>
            command.do === 'add' && command.source.kind === 'magnet'
              ? Promise.resolve({ ok: false, problem, ids: [] })
              : run(command)
        },
      })
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('button', { name: 'Add', exact: true }).last().click()
      await page.getByText('Nothing to add yet').waitFor()
      await page.getByLabel('Links').fill('what is this')
      await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('Not a magnet link, info-hash or web address: what is this').waitFor()
      await page.getByLabel('Links').fill(`${V1} https://example.org/a.torrent`)
      await page.getByRole('button', { name: 'Add 2 torrents' }).click()
      await page.getByText('The link names no info-hash. Copy it whole.').waitFor()
      expect(await page.getByLabel('Links').inputValue()).toBe(V1)
    })
  })

  it('shares a folder, says what is wrong with its path, and gives the link to hand on', async () => {
    const { page, dashboard } = await openPage({ torrentCount: 0 })
    await page.getByRole('button', { name: 'Share a folder' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Share' }).click()
    await dialog.getByText('Write which file or folder to share.').waitFor()
    await dialog.getByLabel(/Path on/).fill('Pictures')
    await dialog.getByRole('button', { name: 'Share' }).click()
    await dialog.getByText('Write the whole path').waitFor()
    await dialog.getByLabel(/Path on/).fill('/home/ana/Pictures')
    await dialog
      .getByRole('textbox', { name: 'Trackers' })
      .fill('http://a.example/announce\nudp://b.example:1')
    await dialog.getByRole('button', { name: 'Share' }).click()
    await dialog.getByText('It is shared').waitFor()
    expect(dashboard.control.commands).toEqual([
      {
        do: 'share',
        path: '/home/ana/Pictures',
        trackers: ['http://a.example/announce', 'udp://b.example:1'],
        isPrivate: false,
      },
    ])
    const id = dashboard.control.torrents[0]?.id ?? ''
    expect(await dialog.getByLabel('Magnet link').inputValue()).toContain(id)
    await dialog.getByRole('button', { name: 'Show it in the list' }).click()
    await page.getByRole('tab', { name: 'Overview' }).waitFor()
    expect(page.url()).toBe(`${dashboard.origin}/t/${id}`)
  })

  describe('the list', () => {
    it('pauses, resumes and rechecks', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('button', { name: `Pause ${DEBIAN}` }).click()
      await row(page, DEBIAN).getByText('Paused').waitFor()
      await page.getByRole('button', { name: `Resume ${DEBIAN}` }).click()
      await row(page, DEBIAN).getByText('Downloading').waitFor()
      await page.getByRole('button', { name: `Actions for ${DEBIAN}` }).click()
      await page.getByRole('menuitem', { name: 'Check the data again' }).click()
      await row(page, DEBIAN).getByText('Checking').waitFor()
      expect(dashboard.control.commands.map((command) => command.do)).toEqual([
        'pause',
        'resume',
        'recheck',
      ])
    })

    it('asks before removing, and never deletes data unless that was asked for as well', async () => {
      const { page, dashboard } = await openPage()
      const remove = async (name: string): Promise<void> => {
        await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
        await page.getByRole('menuitem', { name: 'Remove…' }).click()
      }
      await remove(DEBIAN)
      const question = page.getByRole('alertdialog')
      expect(await question.getByLabel(/Delete the downloaded files/).isChecked()).toBe(false)
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
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      await page.locator('[role=row][tabindex="0"]').focus()
      await page.keyboard.press('End')
      const last = page.locator('[role=row]:focus')
      expect(await last.getAttribute('aria-rowindex')).toBe('15')
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowDown')
      expect(await page.locator('[role=row]:focus').getAttribute('aria-rowindex')).toBe('3')
      await page.keyboard.press('Enter')
      await page.getByRole('tab', { name: 'Overview' }).waitFor()
      await page.keyboard.press('Space')
      await expect.poll(() => dashboard.control.commands.length).toBe(1)
      await page.keyboard.press('Delete')
      await page.getByRole('alertdialog').waitFor()
    })

    it('draws only what is in sight of ten thousand, and finds one by its name', async () => {
      const { page } = await openPage({ torrentCount: 10_000 })
      await page.getByRole('grid').waitFor()
      expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001')
      expect(await page.locator('.row').count()).toBeLessThan(40)
      await page.getByLabel('Search by name').fill('netinst zzz')
      await page.getByText('No torrent matches').waitFor()
      await page.getByRole('button', { name: 'Show all' }).click()
      await page.locator('.row').first().waitFor()
    })

    it('sorts by a column, says so, and goes back to the newest first', async () => {
      const { page } = await openPage()
      const size = page.getByRole('columnheader', { name: 'Size' })
      const sorts: (string | null)[] = []
      for (let turn = 0; turn < 3; turn += 1) {
        await size.getByRole('button').click()
        sorts.push(await size.getAttribute('aria-sort'))
      }
      expect(sorts).toEqual(['descending', 'ascending', 'none'])
    })

    it('shows rates in the title', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      dashboard.control.step()
      await expect.poll(() => page.title()).toMatch(/^↓ [\d.]+ MiB\/s · ↑ [\d.]+ MiB\/s · Pigeon$/)
    })

    it('says what to do where something is wrong', async () => {
      const { page } = await openPage()
      await page.getByRole('button', { name: /Needs help/ }).click()
      await page.getByText('is full. Free some space, then resume the torrent.').waitFor()
    })
  })

  describe('the details', () => {
    async function openDetails(viewport = WIDE) {
      const opened = await openPage({ viewport })
      await opened.page
        .getByRole('row')
        .filter({ hasText: DEBIAN })
        .click({ position: { x: 50, y: 20 } })
      await opened.page.getByRole('tab', { name: 'Overview' }).waitFor()
      return opened
    }

    it('show each part, and each has an address of its own', async () => {
      const { page, dashboard } = await openDetails()
      const id = dashboard.control.torrents[0]?.id ?? ''
      const parts = [
        ['Peers', '198.51.100.1:51413'],
        ['Trackers', 'torrent not registered'],
        ['Pieces', 'pieces verified'],
        ['Log', 'does not answer'],
      ] as const
      for (const [name, text] of parts) {
        await page.getByRole('tab', { name }).click()
        await page.getByText(text).first().waitFor()
        expect(page.url()).toBe(`${dashboard.origin}/t/${id}/${name.toLowerCase()}`)
      }
      await page.reload()
      await page.getByRole('tab', { name: 'Log', selected: true }).waitFor()
      await page.goBack()
      await page.getByRole('button', { name: 'Close the details' }).waitFor({ state: 'detached' })
    })

    it('choose files and their priority', async () => {
      const { page, dashboard } = await openDetails()
      const id = dashboard.control.torrents[0]?.id ?? ''
      await page.getByRole('tab', { name: 'Files' }).click()
      await page.getByLabel(`Download ${DEBIAN}/readme.txt`).uncheck()
      await page.getByText('4 of 6 files wanted').waitFor()
      await page.getByLabel(`Priority of ${DEBIAN}/empty file`).selectOption('high')
      await page.getByRole('button', { name: 'All', exact: true }).click()
      await page.getByText('6 of 6 files wanted').waitFor()
      expect(dashboard.control.commands).toMatchObject([
        { do: 'set-files', id, files: [{ index: 0, priority: 'skip' }] },
        { do: 'set-files', id, files: [{ index: 1, priority: 'high' }] },
        { do: 'set-files', id, files: [{ index: 0, priority: 'normal' }, { index: 2 }] },
      ])
    })

    it('take the place of the list on a phone, and give it back', async () => {
      const { page } = await openDetails(NARROW)
      expect(await page.getByRole('grid').isVisible()).toBe(false)
      await page.getByRole('button', { name: 'Back to the list' }).click()
      await page.getByRole('grid').waitFor()
    })

    it('save the .torrent file', async () => {
      const { page } = await openDetails()
      const download = page.waitForEvent('download')
      await page
        .getByRole('button', { name: `Actions for ${DEBIAN}` })
        .last()
        .click()
      await page.getByRole('menuitem', { name: 'Save .torrent file' }).click()
      expect((await download).suggestedFilename()).toBe(`${DEBIAN}.torrent`)
    })
  })

  describe('the line', () => {
    it('that is cut is said to be cut, and taken up again with what changed meanwhile', async () => {
      const { page, dashboard } = await openPage()
      await row(page, DEBIAN).getByText('Downloading').waitFor()
      const id = dashboard.control.torrents[0]?.id ?? ''
      await page.context().setOffline(true)
      await page.evaluate(() => dispatchEvent(new Event('offline')))
      dashboard.cutConnections()
      await page.getByText('No connection to pigeon-web.').waitFor()
      expect(await row(page, DEBIAN).isVisible()).toBe(true)
      await dashboard.control.run({ do: 'pause', ids: [id] })
      await page.context().setOffline(false)
      await row(page, DEBIAN).getByText('Paused').waitFor()
      await page.getByText('No connection to pigeon-web.').waitFor({ state: 'detached' })
    })

    it('to another node that is down is told with its reason', async () => {
      const { page, dashboard } = await openPage()
      await page.getByRole('grid').waitFor()
      const help = 'Check that it runs.'
      dashboard.control.goOffline({ code: 'refused', message: 'nas:7373 does not answer.', help })
      await page.getByText(`No connection to the node. nas:7373 does not answer. ${help}`).waitFor()
      dashboard.control.goOnline()
      await page.getByText('nas:7373').waitFor({ state: 'detached' })
    })
  })

  describe('what others wrote', () => {
    const PAYLOADS = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(1)>',
      '<iframe srcdoc="<script>parent.alert(1)</script>">',
      '<a href="javascript:alert(1)">x</a>',
      '{{constructor.constructor("alert(1)")()}}',
      '<style>*{display:none}</style>',
      '<base href=//evil.example>',
      '</title><script>alert(1)</script>',
      '<form action=//evil.example><input autofocus onfocus=alert(1)>',
      '__proto__',
      '<math><mtext><script>alert(1)</script>',
    ]

    it('is shown as text, letter by letter, and nothing of it runs or loads', async () => {
      const { page, dashboard, complaints } = await openPage({
        torrentCount: PAYLOADS.length,
        before: ({ control }) => {
          for (const [index, name] of PAYLOADS.entries()) {
            const problem = { code: 'x', message: name, help: name }
            const id = control.torrents[index]?.id ?? ''
            control.change(id, { name, folder: name, ...(index === 1 ? { problem } : {}) })
          }
        },
      })
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      for (const [index, name] of PAYLOADS.entries()) {
        const cell = page.locator(`.row .name >> text=${JSON.stringify(name)}`).first()
        expect(await cell.textContent()).toBe(name)
        if (index > 2) continue
        await cell.click()
        for (const tab of ['Overview', 'Files', 'Peers', 'Trackers', 'Log'])
          await page.getByRole('tab', { name: tab }).click()
      }
      expect(await page.locator('script:not([src]), iframe, base, img, form').count()).toBe(0)
      expect(requests.filter((url) => !url.startsWith(dashboard.origin))).toEqual([])
      expect(complaints).toEqual([])
    })
  })

  describe('for everybody', () => {
    /** What is looked at, in turn on one page. */
    const SCENES: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
      ['the list', () => Promise.resolve()],
      ['the overview', (page) => openTab(page, 'Overview', 'Info-hash (v1)')],
      ['the files', (page) => openTab(page, 'Files', 'files wanted')],
      ['the peers', (page) => openTab(page, 'Peers', '198.51.100.1:51413')],
      ['the trackers', (page) => openTab(page, 'Trackers', 'Tier 1')],
      ['the pieces', (page) => openTab(page, 'Pieces', 'pieces verified')],
      ['the log', (page) => openTab(page, 'Log', 'does not answer')],
      [
        'the menu of a torrent',
        async (page) => {
          await page
            .getByRole('button', { name: `Actions for ${DEBIAN}` })
            .first()
            .click()
          await page.getByRole('menu').waitFor()
        },
      ],
      [
        'the form for adding, with a complaint',
        async (page) => {
          await page.getByRole('button', { name: 'Add', exact: true }).click()
          await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
          await page.getByRole('alert').waitFor()
        },
      ],
      [
        'the form for sharing',
        async (page) => {
          await page.getByRole('button', { name: 'Share', exact: true }).click()
          await page.getByRole('dialog').waitFor()
        },
      ],
      [
        'the question before removing',
        async (page) => {
          await page.locator('[role=row][tabindex="0"]').focus()
          await page.keyboard.press('Delete')
          await page.getByRole('alertdialog').getByRole('checkbox').check()
        },
      ],
    ]

    async function openTab(page: Page, tab: string, text: string): Promise<void> {
      await row(page, DEBIAN).click({ position: { x: 50, y: 20 } })
      await page.getByRole('tab', { name: tab }).click()
      await page.getByText(text).first().waitFor()
    }

    async function backToList(page: Page): Promise<void> {
      for (const role of ['menu', 'dialog', 'alertdialog'] as const)
        if ((await page.getByRole(role).count()) > 0) {
          await page.keyboard.press('Escape')
          await page.getByRole(role).waitFor({ state: 'detached' })
        }
      const leave = page.getByRole('button', { name: /Back to the list|Close the details/ })
      if ((await leave.count()) > 0) await leave.first().click()
    }

    it.each([
      ['wide and light', WIDE, 'light'],
      ['wide and dark', WIDE, 'dark'],
      ['narrow and light', NARROW, 'light'],
      ['narrow and dark', NARROW, 'dark'],
    ] as const)(
      'breaks no rule of accessibility, %s',
      { timeout: 600_000 },
      async (_, viewport, colorScheme) => {
        const { page, dashboard, complaints } = await openPage({
          viewport,
          colorScheme,
        })
        await page.getByRole('grid').waitFor()
        for (const [name, act] of SCENES) {
          await act(page)
          expect(await violations(page, colorScheme), name).toEqual([])
          expect(await sidewaysScroll(page), `${name} is too wide`).toBe(0)
          await backToList(page)
        }
        await page.getByLabel('Search by name').fill('nothing like this')
        expect(await violations(page, colorScheme), 'nothing found').toEqual([])
        for (const { id } of dashboard.control.torrents)
          await dashboard.control.run({ do: 'remove', ids: [id], deleteData: false })
        await page.getByText('Nothing here yet').waitFor()
        expect(await violations(page, colorScheme), 'the first visit').toEqual([])
        await page.goto(`${dashboard.origin}/login#wrong`)
        await page.getByText('To get a new link').waitFor()
        expect(await violations(page, colorScheme), 'the way in').toEqual([])
        expect(complaints).toEqual([])
      },
    )

    it('has targets of at least 44 pixels on a phone', async () => {
      const { page } = await openPage({ viewport: NARROW, hasTouch: true, isMobile: true })
      await page.getByRole('grid').waitFor()
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, input, a')]
          .filter((element) => element.closest('.list-head') === null)
          .map((element) => ({ element, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44))
          .map(({ element }) => element.outerHTML.slice(0, 80)),
      )
      expect(small).toEqual([])
    })
  })
})

/** In the dark, only colours differ from what was looked at in the light. */
async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  if (colorScheme === 'dark') axe.withRules('color-contrast')
  const { violations: found } = await axe.analyze()
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`))
}

/** By how much the page is wider than the screen. */
function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
}

async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    const target = document.activeElement ?? document.body
    const options = { clipboardData, bubbles: true, cancelable: true }
    target.dispatchEvent(new ClipboardEvent('paste', options))
  }, text)
}

/** Drops files of these names, their content the name, or a text. */
async function drop(page: Page, what: { files?: string[]; text?: string }): Promise<void> {
  await page.evaluate(({ files = [], text }) => {
    const dataTransfer = new DataTransfer()
    for (const name of files) dataTransfer.items.add(new File([name], name))
    if (text !== undefined) dataTransfer.setData('text/plain', text)
    for (const kind of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(
        new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }),
      )
  }, what)
}
