import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { isUtf8, readScreenSettings } from './screen-settings.ts'
import { readTomlLines, TOML_LINES } from './toml-lines.ts'

const UTF8 = { LANG: 'en_GB.UTF-8' }

let folder: ReturnType<typeof makeFolder>
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

const read = (env: Readonly<Record<string, string>> = UTF8) =>
  readScreenSettings({ config: folder.path }, env)
const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text)

describe('settings of the screen', () => {
  it('are quiet without files', () => {
    expect(read()).toMatchObject({ theme: 'dark', isAscii: false, hasMouse: false, notify: 'none' })
    expect(read().warnings).toEqual([])
  })

  it('come from the file, and from the environment first', () => {
    write('screen.toml', 'theme = "light"\nmouse = true # please\nnotify = "bell"\n')
    expect(read()).toMatchObject({ theme: 'light', hasMouse: true, notify: 'bell' })
    expect(read({ ...UTF8, PIGEON_THEME: 'mono' })).toMatchObject({ theme: 'mono' })
  })

  it('obey NO_COLOR whatever else is said', () => {
    expect(read({ ...UTF8, NO_COLOR: '1', PIGEON_THEME: 'dark' }).theme).toBe('mono')
    expect(read({ ...UTF8, NO_COLOR: '' }).theme).toBe('dark')
  })

  it('name the line of what cannot be', () => {
    write('screen.toml', '# mine\ntheme = "pink"\ncolour = "red"\nwhat\n')
    const { warnings } = read()
    expect(warnings).toHaveLength(3)
    expect(warnings.join('\n')).toMatch(/line 4: this is not of the form/)
    expect(warnings.join('\n')).toMatch(/line 3: there is no setting called "colour"/)
    expect(warnings.join('\n')).toMatch(/line 2: theme is one of dark, light/)
  })
})

describe('the keymap file', () => {
  it('gives actions other keys, and says which lines are wrong', () => {
    write('keymap.toml', 'pause = ["x", "C-p"]\nfly = "f"\nremove = "Ctrl+D"\n')
    const { keymap, warnings } = read()
    expect(keymap.keysOf('pause')).toEqual(['x', 'C-p'])
    expect(keymap.keysOf('remove')).toEqual(['d', 'Delete'])
    expect(warnings.join('\n')).toMatch(/line 2: there is no action called "fly"/)
    expect(warnings.join('\n')).toMatch(/line 3: "Ctrl\+D" is no key/)
  })

  it('cannot take away the last way out', () => {
    write('keymap.toml', 'quit = []\n')
    expect(read().keymap.keysOf('quit')).toEqual(['C-c'])
  })

  it('obeys nothing in what it quotes', () => {
    write('keymap.toml', '"\u001b[2J" = "x"\n')
    expect(read().warnings.join()).not.toMatch(/\p{Cc}/u)
  })
})

describe('isUtf8', () => {
  it.each([
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
    [{}, false],
  ])('of %j is %j', (env, answer) => expect(isUtf8(env)).toBe(answer))
})

describe('readTomlLines', () => {
  it.each([
    ['a = "x"', ['x']],
    ["a = 'x\\'", ['x\\']],
    ['a = "\\"\\\\"', ['"\\']],
    ['a = ["x", \'y\',]  # both', ['x', 'y']],
    ['a = []', []],
    ['a = true', ['true']],
    ['"a b" = "x"', ['x']],
  ])('reads %s', (text, values) => {
    expect(readTomlLines(text)).toMatchObject({ entries: [{ values, line: 1 }], faults: [] })
  })

  it.each(['a', 'a = x', 'a = "x', 'a = ["x"', 'a = "x" y', '[table]', 'a = 1\n'])(
    'says that %j is none',
    (text) => {
      expect(readTomlLines(text).faults).toHaveLength(1)
    },
  )

  it('says what stands there twice', () => {
    expect(readTomlLines('a = "x"\na = "y"').faults).toMatchObject([{ line: 2 }])
  })

  it('reads as many lines as its limit, and no more', () => {
    const lines = Array.from({ length: TOML_LINES + 1 }, (_, index) => `a${index} = "x"`)
    expect(readTomlLines(lines.join('\n')).entries).toHaveLength(TOML_LINES)
    expect(readTomlLines(lines.slice(1).join('\n')).entries).toHaveLength(TOML_LINES)
  })
})
