import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { expectFit, KEY, type ShownApp, showApp } from '../testing/show-app.ts'

const RENAMED = /renamed by the te/

const MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`
/** In the list, the selected row. Frames of tests have no colours, so the details say which one it is. */
const names = (control: FakeControl): readonly string[] =>
  control.torrents.toSorted((one, other) => one.addedAtMs - other.addedAtMs).map(({ name }) => name)

let control: FakeControl
let app: ShownApp
beforeEach(async () => {
  control = new FakeControl({ torrentCount: 14 })
  app = await showApp(control)
  await app.sees(/14 torrents/)
})
afterEach(() => app.unmount())

describe('the list', () => {
  it('shows each torrent with its state, its progress, its rates and its peers', () => {
    for (const heading of ['Name', 'State', 'Done', 'Size', 'Down', 'Up', 'Peers'])
      expect(app.frame()).toContain(heading)
    expect(app.frame()).toMatch(/مكتبة الكتب العربية\s+metadata\s+0\.0%/)
    expect(app.frame()).toMatch(/seeding\s+100%/)
  })

  it('follows the node', async () => {
    const [torrent] = control.torrents
    control.change(torrent?.id ?? '', { name: 'renamed by the test' })
    await app.sees(RENAMED)
  })

  it.each([
    [80, 24],
    [60, 15],
    [100, 30],
    [160, 40],
    [20, 5],
    [200, 10],
  ])('fits %i columns and %i rows, whatever the names are', async (columns, rows) => {
    await app.resize(columns, rows)
    await app.sees(/q quit/)
    expectFit(app.frame(), columns, rows)
  })

  it('counts one torrent as one', async () => {
    app.unmount()
    app = await showApp(new FakeControl({ torrentCount: 1 }))
    await app.sees(/ 1 torrent /)
  })

  it('says what can be done when nothing is there', async () => {
    app.unmount()
    app = await showApp(new FakeControl({ torrentCount: 0 }))
    await app.sees(/Nothing here yet\./)
    expect(app.frame()).toContain('Press a to add')
  })

  it('keeps the same torrent selected while others come and go', async () => {
    const ordered = names(control)
    await app.press('jjj', / /)
    const above = control.torrents.find(({ name }) => name === ordered[0])
    await control.run({ do: 'remove', ids: [above?.id ?? ''], deleteData: false })
    await app.sees(/13 torrents/)
    await app.press(KEY.enter, /1 Overview/)
    expect(app.frame()).toContain(ordered[3]?.slice(0, 10))
  })

  it('selects the next one when the selected one goes', async () => {
    const ordered = names(control)
    await app.press('jjjd', /Remove from the list/)
    await app.press('y', /Its files are kept/)
    await app.sees(/13 torrents/)
    await app.press(KEY.enter, /1 Overview/)
    expect(app.frame()).toContain(ordered[4]?.slice(0, 10))
  })

  it('does in order what was typed fast', async () => {
    const ordered = names(control)
    await app.press(`jjkj${KEY.enter}`, /1 Overview/)
    expect(app.frame()).toContain(ordered[2]?.slice(0, 10))
  })

  it('shows the end of a list that is longer than the screen', async () => {
    await app.resize(80, 10)
    await app.press('G', /no_break_/)
    await app.press('g', /very long name/)
  })
})

describe('the details', () => {
  it.each([
    ['1', /Info-hash +[0-9a-f]{40}/],
    ['2', /Done +Size +Get +File/],
    ['4', /failing +udp:\/\/tracker\.example:6969\n +torrent not registered/],
    ['5', /warn +The tracker udp:\/\/tracker\.example:6969 does not answer/],
  ])('tab %s says what it is for', async (key, pattern) => {
    await app.press(KEY.enter, /1 Overview/)
    await app.press(key, pattern)
    expectFit(app.frame(), 80, 24)
  })

  it('lists peers, and scrolls no further than there are', async () => {
    await app.press(KEY.enter, /1 Overview/)
    await app.press('3', /Peer +Has +Down +Up +Client/)
    await app.press('G', /2001:db8::28/)
    await app.press('k', /198\.51\.100\./)
    expectFit(app.frame(), 80, 24)
  })

  it.each([60, 80, 100, 160])('fits %i columns on every tab', async (columns) => {
    await app.resize(columns, 15)
    await app.press(KEY.enter, /1 Overview/)
    for (const key of ['2', '3', '4', '5', '1']) {
      await app.press(key, new RegExp(` ${key} `))
      expectFit(app.frame(), columns, 15)
    }
  })

  it('goes back to the list when its torrent is removed elsewhere', async () => {
    await app.press(KEY.enter, /1 Overview/)
    const first = control.torrents.find(({ name }) => name === names(control)[0])
    await control.run({ do: 'remove', ids: [first?.id ?? ''], deleteData: false })
    await app.sees(/Name +State/)
  })

  it('goes back with Esc and with q', async () => {
    await app.press(KEY.enter, /1 Overview/)
    await app.press(KEY.escape, /Name +State/)
    await app.press(KEY.enter, /1 Overview/)
    await app.press('q', /Name +State/)
  })
})

describe('adding', () => {
  it('adds a magnet that was typed', async () => {
    await app.press('a', /Add a magnet link/)
    await app.press(MAGNET, /magnet:/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toContainEqual({ do: 'add', source: { kind: 'magnet', uri: MAGNET } })
  })

  it('selects what was added, wherever it stands in the list', async () => {
    const before = new Set(control.torrents.map(({ id }) => id))
    await app.paste(MAGNET, /abab/)
    await app.press(KEY.enter, /Added\./)
    await app.sees(/15 torrents/)
    const added = control.torrents.find(({ id }) => !before.has(id))
    await app.press(KEY.enter, new RegExp(`Info-hash +${added?.infoHashV1}`))
  })

  it('takes a bare info-hash for a magnet', async () => {
    await app.press('a', /Add a magnet link/)
    await app.press(`${'ab'.repeat(20)}\r`, /Added\./)
    expect(control.commands).toContainEqual({ do: 'add', source: { kind: 'magnet', uri: MAGNET } })
  })

  it('takes what is pasted without being asked, its first line only', async () => {
    await app.paste(`\n${MAGNET}\nrm -rf /\n`, /│ magnet:.*abab/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toContainEqual({ do: 'add', source: { kind: 'magnet', uri: MAGNET } })
  })

  it('reads a .torrent file, with quotes around its path as terminals paste it', async () => {
    const folder = makeFolder()
    const path = join(folder.path, 'a file.torrent')
    writeFileSync(path, 'de')
    await app.paste(`'${path}'`, /a file\.torrent/)
    await app.press(KEY.enter, /Added\./)
    folder.remove()
    expect(control.commands).toContainEqual({
      do: 'add',
      source: { kind: 'metainfo', base64: 'ZGU=' },
    })
  })

  it.each([
    ['/nonexistent/x.torrent', /\/nonexistent\/x\.torrent is not there\. Give a magnet/],
    ['/', /\/ is a folder\. Press s to share it/],
    ['   ', /There is nothing to add/],
  ])('says what is wrong with %j', async (text, answer) => {
    await app.press('a', /Add a magnet link/)
    await app.press(`${text}\r`, answer)
    expect(control.commands).toEqual([])
  })

  it('says why the node refuses one', async () => {
    control.run = () =>
      Promise.resolve({
        ok: false,
        ids: [],
        problem: { code: 'already-added', message: 'It is there already.', help: 'Look again.' },
      })
    await app.paste(MAGNET, /abab/)
    await app.press(KEY.enter, /It is there already\. Look again\./)
  })

  it('goes back with Esc, and nothing is added', async () => {
    await app.paste(MAGNET, /abab/)
    await app.press(KEY.escape, /Listening for peers/)
    expect(control.commands).toEqual([])
  })

  it('erases by whole characters and shows no control that was pasted', async () => {
    await app.paste('ab👩‍👩‍👧‍👦\u001b\u202e', /│ ab👩/)
    expectFit(app.frame(), 80, 24)
    await app.press('\u007f', /│ ab👩�👩/)
    await app.press('\u007f', /│ ab {3}/)
  })
})

describe('sharing', () => {
  it('hands the absolute path to the node', async () => {
    await app.press('s', /Share a file or folder/)
    await app.press('/srv/some folder\r', /Shared\./)
    expect(control.commands).toContainEqual({ do: 'share', path: '/srv/some folder' })
  })

  it("leaves a path on another node's machine as it is", async () => {
    app.unmount()
    app = await showApp(control, { isRemote: true })
    await app.press('s', /on the node's machine/)
    await app.press('~/x\r', /Shared\./)
    expect(control.commands).toContainEqual({ do: 'share', path: '~/x' })
  })
})

describe('removing', () => {
  const removals = (): unknown[] => control.commands.filter((each) => each.do === 'remove')

  it('keeps the files unless that is asked for twice', async () => {
    await app.press('d', /remove it and keep its files/)
    await app.press('y', /Its files are kept/)
    expect(removals()).toMatchObject([{ deleteData: false }])
  })

  it('deletes the files after D and y', async () => {
    await app.press('d', /Remove from the list/)
    await app.press('D', /Delete its files from disk too/)
    await app.press('y', /Removed, with its files/)
    expect(removals()).toMatchObject([{ deleteData: true }])
  })

  it('does nothing on Enter, n or Esc', async () => {
    await app.press('d', /Remove from the list/)
    await app.press(KEY.enter, /Remove from the list/)
    await app.press('n', /Listening/)
    await app.press('d', /Remove from the list/)
    await app.press('D', /Delete its files/)
    await app.press(KEY.escape, /Listening/)
    expect(removals()).toEqual([])
  })

  it('removes the one that it asked about, even if the list has changed under it', async () => {
    const first = control.torrents.find(({ name }) => name === names(control)[0])
    await app.press('d', /Remove from the list/)
    await control.run({ do: 'remove', ids: [first?.id ?? ''], deleteData: false })
    await app.sees(/13 torrents/)
    await app.press('y', /no such torrent/)
    expect(control.torrents).toHaveLength(13)
  })
})

describe('keys', () => {
  it('p pauses what runs and resumes what is paused', async () => {
    await app.press('p', /Paused\./)
    await app.press('p', /Resumed\./)
    expect(control.commands.map((each) => each.do)).toEqual(['pause', 'resume'])
  })

  it('R checks the files again and r asks the trackers', async () => {
    await app.press('R', /Checking what is on disk/)
    await app.press('r', /Asking the trackers/)
    expect(control.commands.map((each) => each.do)).toEqual(['recheck', 'reannounce'])
  })

  it.each([
    [80, 24],
    [60, 15],
    [40, 8],
  ])('? lists them in %i columns and %i rows', async (columns, rows) => {
    await app.resize(columns, rows)
    await app.press('?', /j k ↓ ↑/)
    expectFit(app.frame(), columns, rows)
    await app.press('x', /Name +State/)
  })
})

describe('what goes wrong', () => {
  it('says so when the line to the node breaks, and when it is back', async () => {
    control.goOffline({ code: 'offline', message: 'The node is gone.', help: 'It is tried again.' })
    await app.sees(/The node is gone\. It is tried again\./)
    expect(app.frame()).toContain('offline')
    control.goOnline()
    await app.sees(/Listening for peers on 0\.0\.0\.0:6881/)
  })

  it('shows the problem of the selected torrent whole, on two lines where one is too short', async () => {
    await app.resize(60, 15)
    await app.press('jj', /full\.\s+Free\s+some\s+space, then resume the torrent\./)
    expectFit(app.frame(), 60, 15)
  })
})
