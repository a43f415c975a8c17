/// <reference lib="dom" />
/** Adding and sharing in a real browser: every way in, and what is chosen on it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from './testing/browser.ts'
import { drop, paste } from './testing/hand-in.ts'
import { NARROW, openBench, type PageBench } from './testing/open-page.ts'

const V1 = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const MAGNET = `magnet:?xt=urn:btih:${V1}&dn=pasted`

const title = browserMissing === null ? 'the page' : `the page (not tested: ${browserMissing})`

describe.skipIf(browserMissing !== null)(title, { timeout: 120_000 }, () => {
  let bench: PageBench
  beforeAll(async () => {
    bench = await openBench()
  }, 120_000)
  afterEach(() => bench.tidy())
  afterAll(() => bench?.close())

  describe('adding', () => {
    it('takes a pasted magnet, asks once, and adds it', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      await paste(page, MAGNET)
      const dialog = page.getByRole('dialog', { name: 'Add torrents' })
      await dialog.waitFor()
      await expect.poll(() => dialog.getByLabel('Links').inputValue()).toBe(MAGNET)
      await dialog.getByRole('list', { name: 'What will be added' }).getByText('pasted').waitFor()
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'detached' })
      const source = { kind: 'magnet', uri: MAGNET }
      expect(dashboard.control.commands).toEqual([
        { do: 'add', source, isPaused: false, isSequential: false },
      ])
      await page.getByText('1 torrent added').waitFor()
    })

    it('leaves alone what is pasted into a field, and what cannot be added', async () => {
      const { page } = await bench.open()
      await page.getByRole('grid').waitFor()
      await paste(page, 'just some words')
      await page.getByRole('searchbox', { name: 'Filter' }).focus()
      await paste(page, MAGNET)
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    })

    it('shows what a dropped file holds, and fetches of it what was chosen', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      await drop(page, { files: ['one.torrent'] })
      const dialog = page.getByRole('dialog')
      await dialog.getByText('6 of 6 files').waitFor()
      await dialog.getByRole('checkbox', { name: /readme\.txt$/ }).uncheck()
      await dialog.getByText('5 of 6 files').waitFor()
      await expect.poll(() => dialog.getByText('6 of 6 files').count()).toBe(0)
      await dialog.getByLabel('Category').selectOption('films')
      await expect.poll(() => dialog.getByLabel('Save in').inputValue()).toBe('/home/ana/Films')
      await dialog.getByLabel('Tags').fill('one, two')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toMatchObject([
        {
          do: 'add',
          source: { kind: 'metainfo', base64: btoa('one.torrent') },
          wantedFiles: [1, 2, 3, 4, 5],
          category: 'films',
          tags: ['one', 'two'],
        },
      ])
    })

    it('adds nothing of which no file is wanted', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      await drop(page, { files: ['one.torrent'] })
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'None', exact: true }).click()
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByText('Choose at least one file.').waitFor()
      expect(dashboard.control.commands).toEqual([])
    })

    it('adds every one of several files, and says so when a drop is nothing to add', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      await drop(page, { files: ['holiday.jpg'] })
      await page.getByText('That was nothing that can be added').waitFor()
      await drop(page, { files: ['one.torrent', 'two.torrent'] })
      await page.getByRole('button', { name: 'Add 2 torrents' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toMatchObject([
        { do: 'add', source: { kind: 'metainfo', base64: btoa('one.torrent') } },
        { do: 'add', source: { kind: 'metainfo', base64: btoa('two.torrent') } },
      ])
    })

    it('picks a folder of the node, and starts paused', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      await page.keyboard.press('a')
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Links').fill(`${V1}\nhttps://example.org/a.torrent`)
      await dialog.getByRole('button', { name: 'Browse…' }).click()
      await dialog.getByRole('button', { name: 'Music' }).click()
      await dialog.getByText('/home/ana/Downloads/Music').waitFor()
      await dialog.getByRole('button', { name: 'Choose this folder' }).click()
      await dialog.getByLabel(/Add paused/).check()
      await dialog.getByRole('button', { name: 'Add 2 torrents' }).click()
      await dialog.waitFor({ state: 'detached' })
      const folder = '/home/ana/Downloads/Music'
      expect(dashboard.control.commands).toMatchObject([
        { source: { kind: 'magnet' }, folder, isPaused: true },
        { source: { kind: 'url', url: 'https://example.org/a.torrent' }, folder },
      ])
    })

    it('waits for what a magnet holds, and lets its files be chosen before any is fetched', async () => {
      // The thirteenth of the made-up torrents is one whose metadata is not known yet.
      const options = { torrentCount: 12, browser: { viewport: NARROW } }
      const { page, dashboard } = await bench.open(options)
      await page.getByRole('grid').waitFor()
      await paste(page, MAGNET)
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(/Choose the files of magnets/).check()
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('dialog', { name: 'Waiting for the details' }).waitFor()
      const { control } = dashboard
      expect(control.commands).toMatchObject([{ do: 'add', stopAt: 'metadata' }])
      const id = control.torrents.at(-1)?.id ?? ''
      control.change(id, { hasMetadata: true, state: 'paused', totalBytes: 6, wantedBytes: 6 })
      await page.getByRole('dialog', { name: 'Choose the files' }).waitFor()
      await dialog.getByRole('button', { name: 'Start downloading' }).click()
      await dialog.waitFor({ state: 'detached' })
      expect(control.commands.at(-1)).toEqual({ do: 'resume', ids: [id] })
    })

    it('says in the form what is wrong, and keeps what failed in it', async () => {
      const help = 'Copy it whole.'
      const problem = { code: 'bad-magnet', message: 'The link names no info-hash.', help }
      const { page } = await bench.open({
        before: ({ control }) => {
          const run = control.run.bind(control)
          control.run = (command) =>
            command.do === 'add' && command.source.kind === 'magnet'
              ? Promise.resolve({ ok: false, problem, ids: [] })
              : run(command)
        },
      })
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByText('Nothing to add yet').waitFor()
      await dialog.getByLabel('Links').fill('what is this')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByText('Not a magnet link, info-hash or web address: what is this').waitFor()
      await dialog.getByLabel('Links').fill(`${V1} https://example.org/a.torrent`)
      await dialog.getByRole('button', { name: 'Add 2 torrents' }).click()
      await dialog.getByText(`The link names no info-hash. ${help}`).waitFor()
      await expect.poll(() => dialog.getByLabel('Links').inputValue()).toBe(V1)
    })
  })

  describe('sharing', () => {
    it('picks what to share, says what is wrong, and gives the link to hand on', async () => {
      const { page, dashboard } = await bench.open({ torrentCount: 0 })
      await page.getByRole('button', { name: 'Share a folder' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Share', exact: true }).click()
      await dialog.getByText('Choose which file or folder to share.').waitFor()
      await dialog.getByLabel(/File or folder on/).fill('Pictures')
      await dialog.getByRole('button', { name: 'Share', exact: true }).click()
      await dialog.getByText('Write the whole path').waitFor()
      await dialog.getByLabel(/File or folder on/).fill('')
      await dialog.getByRole('button', { name: 'Browse…' }).click()
      await dialog.getByRole('button', { name: /notes\.txt/ }).click()
      await dialog
        .getByRole('textbox', { name: 'Trackers' })
        .fill('http://a.example/announce\nudp://b.example:1')
      await dialog.getByLabel('Piece size').selectOption('65536')
      await dialog.getByRole('button', { name: 'Share', exact: true }).click()
      await dialog.getByText('It is shared').waitFor()
      expect(dashboard.control.commands).toEqual([
        {
          do: 'share',
          path: '/home/ana/notes.txt',
          trackers: ['http://a.example/announce', 'udp://b.example:1'],
          pieceLength: 65_536,
          isPrivate: false,
        },
      ])
      const id = dashboard.control.torrents[0]?.id ?? ''
      await expect.poll(() => dialog.getByLabel('Magnet link').inputValue()).toContain(id)
      await dialog.getByRole('button', { name: 'Show it in the list' }).click()
      await page.getByRole('tab', { name: 'Overview' }).waitFor()
      expect(page.url()).toBe(`${dashboard.origin}/t/${id}`)
    })

    it('shows how far the hashing is, wherever it was begun, and stops it on request', async () => {
      const { page, dashboard } = await bench.open()
      await page.getByRole('grid').waitFor()
      const job = { id: 'j1', kind: 'share', path: '/srv/films', startedAtMs: 0 } as const
      dashboard.control.changeSession({ jobs: [{ ...job, doneBytes: 0, totalBytes: null }] })
      await page.getByText('Counting the files…').waitFor()
      dashboard.control.changeSession({ jobs: [{ ...job, doneBytes: 50, totalBytes: 200 }] })
      await page.getByText('25.0%').waitFor()
      await page.getByRole('button', { name: 'Stop hashing /srv/films' }).click()
      await page.getByText('Hashing /srv/films').waitFor({ state: 'detached' })
      expect(dashboard.control.commands).toEqual([{ do: 'cancel-job', job: 'j1' }])
    })
  })
})
