import { FakeControl } from '@pigeon/control/testing/fake-control'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DrivenScreen, driveScreen, expectSound, settled } from '../testing/drive-screen.ts'
import { COPIED_MAGNETS } from './actions.ts'
import { Keymap } from './keymap.ts'
import { Forgetful } from './remembered.ts'

let control: FakeControl
let on: DrivenScreen
beforeEach(async () => {
  control = new FakeControl({ torrentCount: 40 })
  on = await driveScreen(control)
})
afterEach(() => on.stop())

const kinds = (): readonly string[] => control.commands.map((command) => command.do)
const idsOf = (index: number): readonly string[] => {
  const command = control.commands[index]
  return command !== undefined && 'ids' in command ? command.ids : []
}

describe('whatever names, peers and messages say', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      '\u001b]0;title\u0007\u001b[2J\u009b31m',
      '\u202e\u2066reversed\u2069',
      `e${'\u0301'.repeat(400)}`,
      '👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪'.repeat(20),
      '\u{1f469}\u200d'.repeat(99),
      'שלום مكتبة',
      '\u200b\u200b\u2060',
      'ﷺ'.repeat(60),
    ),
  )
  const size = fc.record({
    width: fc.integer({ min: 20, max: 220 }),
    height: fc.integer({ min: 5, max: 60 }),
  })

  it('no line is wider than the terminal, and none carries a control', async () => {
    const [torrent] = control.torrents
    const id = torrent?.id ?? ''
    await fc.assert(
      fc.asyncProperty(
        hostile,
        size,
        fc.constantFrom('', 'Enter', 'd', '/', 'a', 'n'),
        async (text, shape, key) => {
          // Not made fit to show, as a control that is no good might leave it.
          control.change(id, {
            name: text,
            folder: text,
            category: text,
            tags: [text],
            tracker: text,
            problem: { code: 'x', message: text, help: text },
          })
          control.changeSession({ node: text, listening: text })
          on.screen.resize(shape)
          await on.type('g')
          if (key !== '') await on.type(key)
          expectSound(on.screen)
          await on.type('Esc')
          await on.type('Esc')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('the same holds for every tab of the details', async () => {
    const detail = await control.detail(control.torrents[0]?.id ?? '')
    if (detail === null) throw new Error('the made-up torrent is there')
    await fc.assert(
      fc.asyncProperty(hostile, size, async (text, shape) => {
        control.detail = () =>
          Promise.resolve({
            ...detail,
            comment: text,
            createdBy: text,
            webSeeds: [text],
            files: detail.files.map((file) => ({ ...file, path: `${text}/${file.path}` })),
            peers: detail.peers.map((peer) => ({ ...peer, client: text, address: text })),
            trackers: detail.trackers.map((tracker) => ({ ...tracker, url: text, message: text })),
            log: [{ atMs: 0, level: 'error', text }],
          })
        on.screen.resize(shape)
        await on.type('Enter')
        for (const tab of ['1', '2', '3', '4', '5', '6']) {
          await on.type(tab)
          expectSound(on.screen)
        }
        await on.type('Esc')
      }),
      { numRuns: 25 },
    )
  })

  it('no keys, in any order and any window, break the frame', async () => {
    const keys = fc.constantFrom(
      ...[
        'j',
        'k',
        'G',
        'g',
        'Space',
        'v',
        '*',
        'Enter',
        'Esc',
        'Tab',
        '1',
        '2',
        '4',
        '5',
        '/',
        's',
        'C',
      ],
      ...[
        'a',
        'S',
        'l',
        'L',
        'c',
        'T',
        'm',
        'n',
        'd',
        'D',
        'y',
        'p',
        '?',
        '+',
        '-',
        'i',
        'e',
        'x',
        'PgDn',
        't',
      ],
    )
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { maxLength: 25 }), size, async (typed, shape) => {
        on.screen.resize(shape)
        for (const key of typed) {
          await on.type(key)
          expectSound(on.screen)
        }
        for (let times = 0; times < 8; times += 1) await on.type('Esc')
      }),
      { numRuns: 40 },
    )
  })
})

describe('ten thousand torrents', () => {
  it('are shown a window at a time, from either end', async () => {
    const many = await driveScreen(new FakeControl({ torrentCount: 10_000 }), {
      width: 120,
      height: 40,
    })
    expect(many.text()).toContain('All 10000')
    await many.type('G')
    expectSound(many.screen)
    await many.type('* d')
    expect(many.text()).toContain('Remove 10000 torrents from the list?')
    many.stop()
  })
})

describe('a magnet whose files are to be chosen', () => {
  it('stops at its metadata, and its files open', async () => {
    await on.paste(`magnet:?xt=urn:btih:${'ab'.repeat(20)}`)
    await on.type('Down Right Enter')
    expect(control.commands).toMatchObject([{ do: 'add', stopAt: 'metadata' }])
    expect(on.text()).toContain('2 Files')
    expect(on.text()).toContain('Once its files are here')
  })
})

describe('status tabs', () => {
  it('show those of a status, with how many there are', async () => {
    const seeding = control.torrents.filter(({ state }) => state === 'seeding')
    expect(on.text()).toContain(`3 Seed ${seeding.length}`)
    await on.type('3 *')
    expect(on.text()).toContain(`${seeding.length} selected`)
    await on.type('p')
    expect(new Set(idsOf(0))).toEqual(new Set(seeding.map(({ id }) => id)))
  })

  it('turn with Tab and S-Tab', async () => {
    await on.type('S-Tab *')
    const errors = control.torrents.filter(({ state }) => state === 'error').length
    expect(on.text()).toContain(`${errors} selected`)
    await on.type('Esc Tab *')
    expect(on.text()).toContain('40 selected')
  })
})

describe('the filter', () => {
  it('is live, counts, and stays after Enter until Esc', async () => {
    await on.type('/')
    await on.write('seeding')
    const seeding = control.torrents.filter(({ state }) => state === 'seeding').length
    expect(on.text()).toContain(`${seeding} of 40`)
    // Letters are typed into it: the footer names no key that is one.
    const footer = (): string => on.text().split('\n').at(-1) ?? ''
    expect(footer()).toMatch(/^Enter keeps it/)
    await on.type('Enter')
    expect(footer()).toContain('a add')
    expect(on.text()).toContain(`/seeding  ${seeding} of 40`)
    await on.type('Esc')
    expect(on.text()).not.toContain('/seeding')
  })

  it('shows where it is wrong', async () => {
    await on.type('/')
    await on.write('ratio>x & a')
    const lines = on.text().split('\n')
    const at = lines.findIndex((line) => line.startsWith('/ratio'))
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('x'))
    expect(lines[at - 1]).toContain('"x" is out of place')
  })

  it('leaves what is selected but not shown alone', async () => {
    await on.type('*')
    await on.type('/')
    await on.write('error')
    const errors = control.torrents.filter(({ state }) => state === 'error')
    await on.type('Enter r')
    expect(idsOf(0)).toHaveLength(errors.length)
  })
})

describe('selecting', () => {
  it('takes one after the other with Space', async () => {
    await on.type('Space Space j Space r')
    expect(idsOf(0)).toHaveLength(3)
  })

  it('takes a range with v, whichever way it goes', async () => {
    await on.type('j j j v k k r')
    expect(idsOf(0)).toHaveLength(3)
    await on.type('Esc v j j j j r')
    expect(idsOf(1)).toHaveLength(5)
  })

  it('takes all that are shown with *, and none the second time', async () => {
    await on.type('* r * r')
    expect(idsOf(0)).toHaveLength(40)
    expect(idsOf(1)).toHaveLength(1)
  })
})

describe('order and columns', () => {
  it('are chosen from menus and remembered', async () => {
    const remembered = new Forgetful()
    const one = await driveScreen(control, { remembered })
    await one.type('s g Enter')
    expect(remembered.state.sort).toBe('name')
    await one.type('s g Enter')
    expect(remembered.state.sort).toBe('-name')
    expect(one.text()).toContain('Name↓')
    expect(one.text()).toContain('✓ State'.slice(2))
    await one.type('C j Space Esc')
    expect(remembered.state.columns).not.toContain('state')
    expect(one.text()).not.toMatch(/Name↓ +State/)
    one.stop()
  })
})

describe('keys for torrents', () => {
  it.each([
    ['p', { do: 'pause' }],
    ['F', { do: 'resume', isForced: true }],
    ['R', { do: 'recheck' }],
    ['r', { do: 'reannounce' }],
    ['K', { do: 'queue', to: 'up' }],
    ['J', { do: 'queue', to: 'down' }],
    ['{', { do: 'queue', to: 'top' }],
    ['}', { do: 'queue', to: 'bottom' }],
    ['o', { do: 'set-sequential', isSequential: true }],
    ['t', { do: 'set-session', isAlternativeOn: true }],
  ])('%s does %j', async (key, command) => {
    await on.type(`j ${key}`)
    expect(control.commands).toMatchObject([command])
  })

  it('m moves to the folder that is typed', async () => {
    await on.type('m C-u')
    await on.write('/srv/other')
    await on.type('Enter')
    expect(control.commands).toMatchObject([{ do: 'move', folder: '/srv/other' }])
  })

  it('n renames', async () => {
    await on.type('n C-u')
    await on.write('better')
    await on.type('Enter')
    expect(control.commands).toMatchObject([{ do: 'rename', name: 'better' }])
  })

  it('l sets limits and goals, and says which is no amount', async () => {
    await on.type('l')
    await on.write('500k')
    await on.type('Down Down')
    await on.write('many')
    await on.type('Enter')
    expect(on.text()).toContain('Seed to ratio: "many" cannot be read.')
    await on.type('C-u')
    await on.write('1.5')
    await on.type('Down')
    await on.write('never')
    await on.type('Enter')
    expect(control.commands).toMatchObject([
      { do: 'set-limits', limits: { down: 512_000, up: null, ratio: 1.5, seedMs: 'never' } },
    ])
  })

  it('c chooses a category, or makes one', async () => {
    await on.type('c Down')
    await on.write('iso')
    await on.type('Enter')
    expect(control.commands).toMatchObject([
      { do: 'save-category', name: 'iso' },
      { do: 'set-category', category: 'iso' },
    ])
  })

  it('T changes tags: those that all have in common can be taken away', async () => {
    const before = control.torrents.toSorted((one, other) => one.addedAtMs - other.addedAtMs)[0]
      ?.tags
    expect(before).toEqual(['iso'])
    await on.type('T C-u')
    await on.write('a,b')
    await on.type('Enter')
    expect(control.commands).toMatchObject([{ do: 'tag', add: ['a', 'b'], remove: ['iso'] }])
  })

  it('L sets the limits of all and the schedule', async () => {
    await on.type('L')
    await on.write('2M')
    await on.type('Down Down Down Down Down')
    await on.write('mon-fri 08:00-18:30')
    await on.type('Enter')
    expect(control.commands).toMatchObject([
      {
        do: 'set-session',
        downLimit: 2 * 1024 * 1024,
        altSchedule: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 480, toMinute: 1110 },
      },
    ])
  })

  it('y hands the magnet to the terminal, and only when asked', async () => {
    expect(on.signals).toEqual([])
    await on.type('y')
    const magnet = (await control.detail(control.torrents[0]?.id ?? ''))?.magnet.slice(0, 20) ?? ''
    const [signal = ''] = on.signals
    expect(signal.startsWith('\u001b]52;c;')).toBe(true)
    expect(signal.endsWith('\u0007')).toBe(true)
    expect(Buffer.from(signal.slice(7, -1), 'base64').toString()).toContain(magnet)
  })

  it('y hands over the magnets of all that are selected, one a line, as many as a terminal takes', async () => {
    await on.type('Space Space Space y')
    const [signal = ''] = on.signals
    const lines = Buffer.from(signal.slice(7, -1), 'base64').toString().split('\n')
    expect(lines).toHaveLength(3)
    expect(new Set(lines).size).toBe(3)
    for (const line of lines) expect(line).toMatch(/^magnet:\?xt=/)
    expect(on.text()).toContain('3 magnet links')
  })

  it.each([
    [COPIED_MAGNETS, 1],
    [COPIED_MAGNETS + 1, 0],
  ])('y, with %i selected, hands over %i text', async (count, texts) => {
    const many = await driveScreen(new FakeControl({ torrentCount: count }))
    await many.type('* y')
    expect(many.signals).toHaveLength(texts)
    if (texts === 0) expect(many.text()).toContain('select fewer')
    many.stop()
  })
})

describe('in the details', () => {
  it('+ and - change the priority of a file, or of all below a folder', async () => {
    await on.type('f')
    await on.type('G -')
    await on.type('g -')
    expect(control.commands).toMatchObject([
      { do: 'set-files', files: [{ priority: 'low' }] },
      { do: 'set-files', files: expect.arrayContaining([{ index: 0, priority: 'normal' }]) },
    ])
  })

  it('folds a folder away', async () => {
    await on.type('f')
    const before = on.text()
    await on.type('Enter')
    expect(on.text()).not.toBe(before)
    expect(on.text()).toContain('▸')
  })

  it('n renames the file under the cursor', async () => {
    await on.type('f G n C-u')
    await on.write('other.mp3')
    await on.type('Enter')
    expect(control.commands).toMatchObject([
      { do: 'rename', path: expect.stringContaining('/'), name: 'other.mp3' },
    ])
  })

  it('adds, changes and takes out trackers', async () => {
    await on.type('Enter 4 i')
    await on.write('udp://new.example/announce')
    await on.type('Enter')
    await on.type('e C-u')
    await on.write('udp://changed.example')
    await on.type('Enter')
    await on.type('x Space Enter')
    const tiers = control.commands.map((command) => 'tiers' in command && command.tiers)
    expect(tiers[0]).toEqual([
      ['http://tracker.example:6969/announce'],
      ['udp://tracker.example:6969'],
      ['udp://new.example/announce'],
    ])
    expect(tiers[1]).toContainEqual(['udp://changed.example'])
    expect(tiers[2]).toHaveLength(1)
  })

  it('s orders the peers by the next column', async () => {
    await on.type('Enter 3')
    expect(on.text()).toMatch(/Down\/s↓/)
    await on.type('s')
    expect(on.text()).toMatch(/Up\/s↓/)
  })
})

describe('the command line', () => {
  it('runs what the shell would, for what is selected', async () => {
    await on.type('j :')
    await on.write('pause')
    await on.type('Enter')
    await expect.poll(kinds).toEqual(['pause'])
  })

  it('shows an answer of many lines, and what is wrong with others', async () => {
    await on.type(':')
    await on.write('list')
    await on.type('Enter')
    await expect.poll(() => on.text()).toContain(':list')
    expectSound(on.screen)
    await on.type('q :')
    await on.write('no-such-command')
    await on.type('Enter')
    await expect.poll(() => on.text()).toContain('help')
  })

  it('completes with Tab and remembers what was typed', async () => {
    await on.type(':')
    await on.write('pau')
    await expect.poll(() => on.text()).toMatch(/^│ :pau +│\n│ {2}pause/m)
    await on.type('Tab')
    await expect.poll(() => on.text()).toMatch(/:pause /)
    await on.type('Enter')
    await expect.poll(kinds).toEqual(['pause'])
    await on.type(': Up')
    expect(on.text()).toContain(':pause')
  })

  it('leaves by quit', async () => {
    await on.type(':')
    await on.write('quit')
    await on.type('Enter')
    await expect.poll(() => on.signals).toEqual(['exit'])
  })
})

describe('what ends and what does not', () => {
  it('Esc never quits, q does from the list, C-c from anywhere', async () => {
    await on.type('Esc Esc Enter Esc')
    expect(on.signals).toEqual([])
    await on.type('Enter q')
    expect(on.signals).toEqual([])
    await on.type('a C-c')
    expect(on.signals).toEqual(['exit'])
    await on.type('Esc q')
    expect(on.signals).toEqual(['exit', 'exit'])
  })

  it('what was typed ahead of a question does not answer it', async () => {
    on.screen.onKeys(['d', 'y', 'D', 'y'].map((name) => ({ name, text: name })))
    await settled()
    expect(control.commands).toEqual([])
    expect(on.text()).toContain('Remove from the list?')
  })

  it('a letter that quits is a letter where one types', async () => {
    const keymap = new Keymap(new Map([['quit', ['Q']]]))
    const other = await driveScreen(control, { keymap })
    await other.type('a Q')
    expect(other.signals).toEqual([])
    await other.type('Esc Q')
    expect(other.signals).toEqual(['exit'])
    other.stop()
  })

  it.each([':', '/', 'a', 'l', 'd', '?'])('C-z and C-l too, after %s', async (key) => {
    await on.type(key)
    await on.type('C-z C-l')
    expect(on.signals).toEqual(['suspend', 'repaint'])
  })

  it('C-z and C-l are for the terminal', async () => {
    await on.type('C-z C-l')
    expect(on.signals).toEqual(['suspend', 'repaint'])
  })
})

describe('the mouse', () => {
  const click = (row: number, column = 10): void =>
    on.screen.onMouse({ kind: 'click', row, column })

  it('a click moves the cursor, the next one opens', async () => {
    click(5)
    expect(on.text()).toMatch(/Name/)
    click(5)
    await settled()
    expect(on.text()).toContain('1 Overview')
  })

  it('chooses tabs and the order', () => {
    click(1, 12)
    expect(on.screen.lines()[1]?.spans[1]?.role).toBe('chosen')
    click(2, 5)
    expect(on.text()).toContain('Name↑')
    click(2, 5)
    expect(on.text()).toContain('Name↓')
  })

  it('the wheel scrolls', async () => {
    on.screen.onMouse({ kind: 'wheel-down', row: 8, column: 3 })
    await on.type('r')
    const fourth = control.torrents.toSorted((one, other) => one.addedAtMs - other.addedAtMs)[3]
    expect(idsOf(0)).toEqual([fourth?.id])
  })
})

describe('news', () => {
  it('rings when a download ends, where that is asked for', async () => {
    const bell = await driveScreen(control, { notify: 'bell' })
    const loading = control.torrents.find(({ state }) => state === 'downloading')
    control.change(loading?.id ?? '', { finishedAtMs: 1, state: 'seeding' })
    expect(bell.signals).toEqual(['\u0007'])
    expect(on.signals).toEqual([])
    bell.stop()
  })

  it('tells the desktop, with nothing in the name that ends the sequence', async () => {
    const desktop = await driveScreen(control, { notify: 'desktop' })
    const loading = control.torrents.find(({ state }) => state === 'downloading')
    control.change(loading?.id ?? '', { name: 'a\u0007\u001b]52;c;AAAA\u0007' })
    control.change(loading?.id ?? '', { finishedAtMs: 1, state: 'seeding' })
    expect(desktop.signals).toHaveLength(1)
    const [signal = ''] = desktop.signals
    expect(signal.startsWith('\u001b]9;')).toBe(true)
    expect(signal.slice(4, -1)).not.toMatch(/\p{Cc}/u)
    expect(signal.endsWith('\u0007')).toBe(true)
    desktop.stop()
  })
})
