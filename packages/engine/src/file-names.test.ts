import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NAME_LIMITS, assignPaths, nameKey, safeComponent, utf8Bytes } from './file-names.ts'

/** What each hostile or awkward component becomes. Changing a line changes where users' files lie: never do it lightly. */
const GOLDEN: readonly (readonly [name: string, safe: string])[] = [
  ['plain.txt', 'plain.txt'],
  ['Grüße 你好 🎈.mp4', 'Grüße 你好 🎈.mp4'],
  [' leading', ' leading'],
  ['.profile', '.profile'],
  ['', '_'],
  ['.', '_'],
  ['..', '_'],
  ['...', '_'],
  [' ', '_'],
  ['. .', '_'],
  ['../etc', '..etc'],
  ['..\\..\\evil', '....evil'],
  ['/etc/passwd', 'etcpasswd'],
  ['C:\\Windows', 'CWindows'],
  ['\\\\server\\share', 'servershare'],
  ['a\0b', 'ab'],
  ['a\u001b[31mred', 'a[31mred'],
  ['a\u0085\u009fb', 'ab'],
  ['a\u202egpj.exe', 'agpj.exe'],
  ['.\u200b.', '_'],
  ['a\u061c\u200f\u2064\u2069\ufeffb', 'ab'],
  ['a\u2028b\u2029', 'ab'],
  ['a<b>c:d"e|f?g*h', 'abcdefgh'],
  ['file:stream', 'filestream'],
  ['dot.', 'dot'],
  ['dots...', 'dots'],
  ['space ', 'space'],
  ['both. . ', 'both'],
  ['CON', 'CON_'],
  ['con', 'con_'],
  ['con.txt', 'con_.txt'],
  ['con.tar.gz', 'con_.tar.gz'],
  ['CON .txt', 'CON_ .txt'],
  ['PRN', 'PRN_'],
  ['aux', 'aux_'],
  ['NUL.', 'NUL_'],
  ['n\u200bul', 'nul_'],
  ['COM0', 'COM0_'],
  ['com9.log', 'com9_.log'],
  ['COM¹', 'COM¹_'],
  ['LPT5', 'LPT5_'],
  ['CLOCK$', 'CLOCK$_'],
  ['conin$', 'conin$_'],
  ['console', 'console'],
  ['COM10', 'COM10'],
  ['\ud800x', '\ufffdx'],
  [`${'x'.repeat(300)}.mkv`, `${'x'.repeat(236)}.mkv`],
  ['é'.repeat(200), 'é'.repeat(120)],
  ['🎈'.repeat(61), '🎈'.repeat(60)],
  [`${'x'.repeat(239)}. y`, `${'x'.repeat(237)}. y`],
  [`x.${'y'.repeat(300)}`, `x.${'y'.repeat(238)}`],
]

describe('one name', () => {
  it.each(GOLDEN)('%j becomes %j', (name, safe) => {
    expect(safeComponent(name)).toBe(safe)
  })

  it('of exactly 240 bytes stays, of 241 is cut', () => {
    expect(safeComponent('x'.repeat(240))).toHaveLength(240)
    expect(safeComponent('x'.repeat(241))).toHaveLength(240)
    expect(NAME_LIMITS.componentBytes).toBe(240)
  })

  it('that is safe already does not change', () => {
    for (const [, safe] of GOLDEN) expect(safeComponent(safe)).toBe(safe)
  })
})

describe('names that some disk takes for one', () => {
  it.each([
    ['A', 'a'],
    ['straße', 'STRASSE'],
    ['ß', 'ẞ'],
    ['İ', 'i'],
    ['ı', 'I'],
    ['ς', 'Σ'],
    ['é', 'e\u0301'],
    ['Å', '\u212b'],
    ['ﬀ', 'FF'],
    ['ΐ', '\u1fd3'],
    ['ǆ', 'Ǆ'],
  ])('%s and %s have one key', (a, b) => {
    expect(nameKey(a)).toBe(nameKey(b))
  })

  it('does not mix up what differs', () => {
    expect(nameKey('a')).not.toBe(nameKey('ä'))
    expect(nameKey('a b')).not.toBe(nameKey('ab'))
  })
})

describe('all names of a torrent', () => {
  function assign(...paths: readonly string[]): readonly string[] {
    return assignPaths(
      'root',
      paths.map((path) => ({ path: path.split('/') })),
    )
  }

  it('numbers what would fall together', () => {
    expect(assign('a.txt', 'A.TXT', 'a?.txt', 'b')).toEqual([
      'root/a (2).txt',
      'root/A.TXT',
      'root/a (3).txt',
      'root/b',
    ])
  })

  it('lets a name keep its number that came with one', () => {
    expect(assign('x', 'X', 'x (2)')).toEqual(['root/x (3)', 'root/X', 'root/x (2)'])
  })

  it('numbers files with the very same name in their order', () => {
    expect(assign('x', 'x', 'x')).toEqual(['root/x', 'root/x (2)', 'root/x (3)'])
  })

  it('joins folders that mean the same', () => {
    expect(assign('Dir/a', 'dir/b', 'dir/A')).toEqual([
      'root/Dir/a',
      'root/Dir/b',
      'root/Dir/A (2)',
    ])
  })

  it('never makes a file of a folder', () => {
    expect(assign('a', 'a/b', 'A/c/d', 'a/C')).toEqual([
      'root/a (2)',
      'root/A/b',
      'root/A/c/d',
      'root/A/C (2)',
    ])
  })

  it('takes what has no name', () => {
    expect(
      assignPaths('root', [{ path: [] }, { path: [''] }, { path: ['..', '..', 'x'] }]),
    ).toEqual(['root/_ (2)', 'root/_ (3)', 'root/_/_/x'])
  })

  it('leaves out the deepest folders beyond 64 components', () => {
    const folders = Array.from({ length: 62 }, () => 'd')
    expect(assign([...folders, 'f'].join('/'))[0]?.split('/')).toHaveLength(64)
    const tooDeep = assign([...folders, 'e', 'f'].join('/'))[0]
    expect(tooDeep?.split('/')).toHaveLength(64)
    expect(tooDeep?.endsWith('d/f')).toBe(true)
  })

  it('keeps a whole path within 1024 bytes', () => {
    const folders = Array.from({ length: 10 }, (_, at) => `${at}`.repeat(200))
    const path = assign([...folders, `${'n'.repeat(230)}.txt`].join('/'))[0] ?? ''
    expect(utf8Bytes(path)).toBeLessThanOrEqual(NAME_LIMITS.pathBytes)
    expect(path.endsWith('.txt')).toBe(true)
  })

  it('tells twenty thousand files of one name apart', () => {
    const wishes = Array.from({ length: 20_000 }, () => ({ path: ['x'.repeat(300)] }))
    const paths = assignPaths('root', wishes)
    expect(new Set(paths).size).toBe(20_000)
    expect(Math.max(...paths.slice(-10).map(utf8Bytes))).toBeLessThanOrEqual(245)
  })
})

const HOSTILE_PARTS = [
  '..',
  '.',
  '',
  '/',
  '\\',
  '\0',
  ':',
  '*',
  '?',
  '"',
  '<',
  '>',
  '|',
  ' ',
  'CON',
  'nul',
  'COM1',
  'LPT9',
  'CLOCK$',
  'a',
  'A',
  'ß',
  'SS',
  'İ',
  'i',
  'é',
  'e\u0301',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\u001b[2J',
  '~',
  '$HOME',
  'C:',
  '\\\\?\\',
  '../',
  '..\\',
  '.txt',
  'x'.repeat(260),
  '🎈'.repeat(70),
  '\n',
  '\r',
  '%2e%2e',
  '\u2215',
  '\uff0f',
]

const hostileName = fc
  .array(fc.constantFrom(...HOSTILE_PARTS), { minLength: 0, maxLength: 4 })
  .map((parts) => parts.join(''))
const hostilePath = fc.oneof(
  { weight: 9, arbitrary: fc.array(hostileName, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(hostileName, { minLength: 60, maxLength: 70 }) },
)

describe('any names at all', () => {
  it('stay in their folder on every system, unique and within the limits', () => {
    fc.assert(
      fc.property(
        hostileName,
        fc.array(hostilePath, { minLength: 1, maxLength: 12 }),
        (root, paths) => {
          const rootName = safeComponent(root)
          const named = assignPaths(
            rootName,
            paths.map((path) => ({ path })),
          )
          const keys = new Set<string>()
          for (const path of named) {
            judgePath(path, rootName)
            keys.add(path.split('/').map(nameKey).join('/'))
          }
          expect(keys.size).toBe(paths.length)
          for (const key of keys) {
            const parents = key.split('/').slice(0, -1)
            while (parents.length > 0) {
              expect(keys.has(parents.join('/'))).toBe(false)
              parents.pop()
            }
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it('come out the same in whatever order the files are listed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.array(hostileName, { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 8,
          selector: (path) => path.join('\0'),
        }),
        fc.infiniteStream(fc.nat()),
        (paths, chance) => {
          const there = assignPaths(
            'r',
            paths.map((path) => ({ path })),
          )
          const order = paths.map((_, at) => [chance.next().value, at] as const)
          order.sort((a, b) => a[0] - b[0])
          const shuffled = order.map(([, at]) => ({ path: paths[at] ?? [] }))
          const back = assignPaths('r', shuffled)
          for (const [place, [, at]] of order.entries()) expect(back[place]).toBe(there[at])
        },
      ),
      { numRuns: 150 },
    )
  })
})

function judgePath(path: string, rootName: string): void {
  expect(utf8Bytes(path)).toBeLessThanOrEqual(NAME_LIMITS.pathBytes)
  const names = path.split('/')
  expect(names[0]).toBe(rootName)
  expect(names.length).toBeGreaterThan(1)
  expect(names.length).toBeLessThanOrEqual(NAME_LIMITS.depth)
  for (const [system, folder] of [
    [posix, '/down/loads'],
    [win32, 'C:\\down\\loads'],
  ] as const) {
    const full = system.resolve(folder, path)
    expect(full.startsWith(folder + system.sep)).toBe(true)
    expect(full.slice(folder.length + 1).split(system.sep)).toEqual(names)
  }
  for (const name of names) {
    expect(utf8Bytes(name)).toBeLessThanOrEqual(NAME_LIMITS.componentBytes)
    expect(name).not.toMatch(
      /[. ]$|[\\:*?"<>|\u202e\u200b\ufeff]|^(con|nul|com1|lpt9|clock\$)(\.|$)/i,
    )
    expect(Array.from(name).every((character) => (character.codePointAt(0) ?? 0) >= 0x20)).toBe(
      true,
    )
  }
}
