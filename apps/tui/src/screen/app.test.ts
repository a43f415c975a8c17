import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { expectFit, KEY, type ShownApp, showApp } from '../testing/show-app.ts'

const RENAMED = /renamed by the te/

const MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`
/** In the order of the list. */
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
    [20, 6],
    [200, 10],
  ])('fits %i columns and %i rows, whatever the names are', async (columns, rows) => {
    await app.resize(columns, rows)
    await app.sees(/Name/)
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
    await app.press('jjj', / /)
    await app.press('d', /Remove from the list/)
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
    await app.press('g', /El cóndor/)
  })
})

describe('the details', () => {
  it.each([
    ['1', /Info-hash +[0-9a-f]{40}/],
    ['2', /Get +Done +Size +File/],
    ['4', /failing +2\. udp:\/\/tracker\.example:6969\n +torrent not registered/],
    ['5', /of \d+ pieces/],
    ['6', /warn +The tracker udp:\/\/tracker\.example:6969 does not answer/],
  ])('tab %s says what it is for', async (key, pattern) => {
    await app.press(KEY.enter, /1 Overview/)
    await app.press(key, pattern)
    expectFit(app.frame(), 80, 24)
  })

  it('lists peers, and scrolls no further than there are', async () => {
    await app.press(KEY.enter, /1 Overview/)
    await app.press('3', /Peer +Has +Down\/s↓ +Up\/s +Flags +From +Via +Client/)
    await app.press('G', /▌[^\n]*\nListening/)
    await app.press('k', /▌[^\n]*\n [^\n]*\nListening/)
    expectFit(app.frame(), 80, 24)
  })

  it.each([60, 80, 100, 160])('fits %i columns on every tab', async (columns) => {
    await app.resize(columns, 15)
    await app.press(KEY.enter, /1 Overview/)
    for (const key of ['2', '3', '4', '5', '6', '1']) {
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
  const added = { do: 'add', source: { kind: 'magnet', uri: MAGNET } }

  it('shows what a magnet is before it adds it', async () => {
    await app.press('a', /Add a magnet link/)
    await app.press(`${MAGNET}\r`, /Add this\?/)
    expect(app.frame()).toMatch(/btih:abab/)
    expect(control.commands).toEqual([])
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toEqual([added])
  })

  it('puts the cursor on what was added, wherever it stands in the list', async () => {
    const before = new Set(control.torrents.map(({ id }) => id))
    await app.paste(MAGNET, /Add this\?/)
    await app.press(KEY.enter, /Added\./)
    await app.sees(/15 torrents/)
    const torrent = control.torrents.find(({ id }) => !before.has(id))
    await app.press(KEY.enter, new RegExp(`Info-hash +${torrent?.infoHashV1}`))
  })

  it('takes a bare info-hash for a magnet', async () => {
    await app.press('a', /Add a magnet link/)
    await app.press(`${'ab'.repeat(20)}\r`, /Add this\?/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toEqual([added])
  })

  it('asks about what is pasted, of which nothing is a command', async () => {
    await app.paste(`\n${MAGNET}\nddyq:rm -rf /\n`, /Add this\?/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toEqual([added])
  })

  it('shows the name and the trackers of a magnet, with nothing in them obeyed', async () => {
    const name = encodeURIComponent('evil \u001b[2J\u202egnp')
    await app.paste(`${MAGNET}&dn=${name}&tr=udp%3A%2F%2Ft.example`, /evil ␛\[2J�gnp/)
    expect(app.frame()).toMatch(/1 tracker/)
    expectFit(app.frame(), 80, 24)
  })

  it('reads a .torrent file, with quotes around its path as terminals paste it, and lets choose its files', async () => {
    const folder = makeFolder()
    const path = join(folder.path, 'a file.torrent')
    writeFileSync(path, 'de')
    await app.paste(`'${path}'`, /Add this\?/)
    folder.remove()
    expect(app.frame()).toMatch(/in 6 files; 2 trackers/)
    await app.press('\u001b[B', /all 6 files/)
    await app.press(' ', /choose …/)
    await app.press(KEY.enter, /6 of 6 files/)
    await app.press(' ', /0 of 6 files/)
    await app.press(KEY.enter, /No file is chosen/)
    await app.press('jjjj', /0 of 6/)
    await app.press(' ', /1 of 6 files/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toMatchObject([
      {
        do: 'add',
        source: { kind: 'metainfo', base64: 'ZGU=' },
        wantedFiles: [expect.any(Number)],
      },
    ])
  })

  it('adds it where, how and when the form says', async () => {
    await app.paste(MAGNET, /Add this\?/)
    await app.press('/srv/x', /srv\/x/)
    await app.press(`${KEY.down} ${KEY.down} `, /pause once they are known/)
    await app.press(`${KEY.down} `, /films/)
    await app.press(`${KEY.down}a, b`, /a, b/)
    await app.press(KEY.enter, /Added\./)
    expect(control.commands).toEqual([
      {
        ...added,
        folder: '/srv/x',
        category: 'films',
        tags: ['a', 'b'],
        isFirst: true,
        stopAt: 'metadata',
      },
    ])
  })

  it.each([
    ['/nonexistent/x.torrent', /\/nonexistent\/x\.torrent is not there\. Give a magnet/],
    ['/', /\/ is a folder\. Share it instead/],
    ['   ', /There is nothing to add/],
  ])('says what is wrong with %j', async (text, answer) => {
    await app.press('a', /Add a magnet link/)
    await app.press(`${text}\r`, answer)
    expect(control.commands).toEqual([])
  })

  it('says why the node refuses one, and keeps what was typed', async () => {
    control.run = () =>
      Promise.resolve({
        ok: false,
        ids: [],
        problem: { code: 'already-added', message: 'It is there already.', help: 'Look again.' },
      })
    await app.paste(MAGNET, /Add this\?/)
    await app.press(KEY.enter, /It is there already\. Look again\./)
    expect(app.frame()).toContain('Add this?')
  })

  it('goes back with Esc, and nothing is added', async () => {
    await app.paste(MAGNET, /Add this\?/)
    await app.press(KEY.escape, /Listening for peers/)
    expect(control.commands).toEqual([])
  })

  it('erases by whole characters and shows no control that was pasted', async () => {
    await app.press('a', /Add a magnet link/)
    await app.paste('ab👩‍👩‍👧‍👦\u001b\u202e', /│ ab👩/)
    expectFit(app.frame(), 80, 24)
    await app.press('\u007f', /│ ab👩�👩/)
    await app.press('\u007f', /│ ab {3}/)
  })
})

describe('sharing', () => {
  it('hands the absolute path to the node, with what the form says', async () => {
    await app.press('S', /Share a file or folder/)
    await app.press('/srv/some folder', /some folder/)
    await app.press('\u001b[Budp://t.example/a udp://u.example/b', /u\.example/)
    await app.press('\u001b[B ', /Trackers only \(private\) +yes/)
    await app.press(KEY.enter, /Shared\./)
    expect(control.commands).toEqual([
      {
        do: 'share',
        path: '/srv/some folder',
        trackers: ['udp://t.example/a', 'udp://u.example/b'],
        isPrivate: true,
      },
    ])
  })

  it("leaves a path on another node's machine as it is", async () => {
    app.unmount()
    app = await showApp(control, { isRemote: true })
    await app.press('S', /on the node's machine/)
    await app.press('~/x\r', /Shared\./)
    expect(control.commands).toContainEqual({ do: 'share', path: '~/x' })
  })

  it('completes paths on the machine of the node', async () => {
    await app.press('S', /Share a file or folder/)
    await app.press('/home/ana/F\t', /\/home\/ana\/Films\//)
  })

  it('says how far the hashing is, and breaks it off', async () => {
    const job = {
      id: 'j1',
      kind: 'share',
      path: '/srv/x',
      doneBytes: 512,
      totalBytes: 1024,
    } as const
    control.changeSession({ jobs: [{ ...job, startedAtMs: 0 }] })
    await app.sees(/Hashing \/srv\/x: 50\.0% of 1\.00 KiB/)
    await app.press('X', /Break off hashing/)
    await app.press(KEY.enter, /Broken off/)
    expect(control.commands).toEqual([{ do: 'cancel-job', job: 'j1' }])
  })
})

describe('removing', () => {
  const removals = (): unknown[] => control.commands.filter((each) => each.do === 'remove')

  it('keeps the files unless that is asked for twice', async () => {
    await app.press('d', /remove, and keep the files/)
    await app.press('y', /Its files are kept/)
    expect(removals()).toMatchObject([{ deleteData: false }])
  })

  it('deletes the files after D and y', async () => {
    await app.press('d', /Remove from the list/)
    await app.press('D', /Delete the files from disk too/)
    await app.press('y', /Removed, with its files/)
    expect(removals()).toMatchObject([{ deleteData: true }])
  })

  it('does nothing on Enter, n or Esc', async () => {
    await app.press('d', /Remove from the list/)
    await app.press(KEY.enter, /Remove from the list/)
    await app.press('n', /Listening/)
    await app.press('d', /Remove from the list/)
    await app.press('D', /Delete the files/)
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
    await app.press('?', /k Up +one up/)
    expectFit(app.frame(), columns, rows)
    await app.press('q', /Name +State/)
  })
})

describe('what goes wrong', () => {
  it('says so when the line to the node breaks, and when it is back', async () => {
    control.goOffline({ code: 'offline', message: 'The node is gone.', help: 'It is tried again.' })
    await app.sees(/The node is gone\. It is tried again\./)
    expect(app.frame()).toContain('OFFLINE')
    control.goOnline()
    await app.sees(/Listening for peers on 0\.0\.0\.0:6881/)
  })

  it('shows the problem of the selected torrent whole, on two lines where one is too short', async () => {
    await app.resize(60, 15)
    await app.press('jjjjjjjj', /full\.\s+Free\s+some\s+space, then resume the torrent\./)
    expectFit(app.frame(), 60, 15)
  })
})
