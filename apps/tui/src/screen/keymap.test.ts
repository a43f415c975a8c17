import { describe, expect, it } from 'vitest'
import { ACTIONS, type Action, actionNames, Keymap, type Place } from './keymap.ts'
import { isKeyName, keysOf, mouseOf } from './keys.ts'
import { STRINGS } from './strings.ts'

/** What counts at the same time: a key may do one thing only. */
const TOGETHER: readonly (readonly Place[])[] = [
  ['list', 'torrents', 'moving', 'everywhere'],
  ['torrents', 'moving', 'everywhere'],
  ['network', 'moving', 'everywhere'],
  ['wire', 'moving', 'everywhere'],
]
const press = (name: string) => ({ name, text: '' })

describe('the table of keys', () => {
  it.each(TOGETHER.map((places) => [places.join(', '), places] as const))(
    'gives no key two meanings among %s',
    (_, places) => {
      const keys = actionNames()
        .filter((name) => places.includes(ACTIONS[name].place))
        .flatMap((name) => [...ACTIONS[name].keys])
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
    },
  )

  it.each(actionNames())('%s has a key that may be named, a hint and a meaning', (name) => {
    expect(ACTIONS[name].keys.filter((key) => !isKeyName(key))).toEqual([])
    expect(STRINGS.hints[name]).not.toBe('')
    expect(STRINGS.meanings[name]).not.toBe('')
  })

  it('leaves 1 to 6 to the tabs and Esc to going back', () => {
    const keys = actionNames().flatMap((name): readonly string[] => ACTIONS[name].keys)
    for (const key of ['1', '6', 'Esc']) expect(keys).not.toContain(key)
  })
})

describe('a keymap', () => {
  const changed = new Map<Action, readonly string[]>([['pause', ['x', 'd']]])

  it('gives an action other keys, and takes those from what had them at the same place', () => {
    const keymap = new Keymap(changed)
    expect(keymap.actionOf(press('x'), ['torrents'])).toBe('pause')
    expect(keymap.actionOf(press('d'), ['torrents'])).toBe('pause')
    expect(keymap.actionOf(press('p'), ['torrents'])).toBeNull()
    expect(keymap.keysOf('remove')).toEqual(['Delete'])
    expect(keymap.hint('pause')).toBe('x pause')
  })

  it('asks the special place first', () => {
    const keymap = new Keymap()
    expect(keymap.actionOf(press('s'), ['detail', 'list'])).toBe('sort-peers')
    expect(keymap.actionOf(press('s'), ['list', 'detail'])).toBe('sort')
  })
})

const NO_KEY = {
  ...{ upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false },
  ...{ pageUp: false, home: false, end: false, return: false, escape: false, ctrl: false },
  ...{ shift: false, tab: false, backspace: false, delete: false, meta: false, super: false },
  ...{ hyper: false, capsLock: false, numLock: false },
}

describe('keys as they come', () => {
  it.each([
    ['jj\r', {}, ['j', 'j', 'Enter']],
    [' \t', {}, ['Space', 'Tab']],
    ['', { tab: true, shift: true }, ['S-Tab']],
    ['d', { ctrl: true }, ['C-d']],
    ['x', { meta: true }, ['M-x']],
    ['', { escape: true, meta: true }, ['Esc']],
    ['', {}, ['F1']],
    ['夢e\u0301', {}, ['夢', 'e\u0301']],
  ])('%j with %j is %j', (input, flags, names) => {
    expect(keysOf(input, { ...NO_KEY, ...flags }).map(({ name }) => name)).toEqual(names)
  })

  it('reads reports of the mouse, and lets those pass that mean nothing', () => {
    expect(mouseOf('[<0;5;7M')).toEqual({ kind: 'click', column: 4, row: 6 })
    expect(mouseOf('[<64;1;1M')).toMatchObject({ kind: 'wheel-up' })
    expect(mouseOf('[<65;1;1M')).toMatchObject({ kind: 'wheel-down' })
    expect(mouseOf('[<0;5;7m')).toBe('ignored')
    expect(mouseOf('[<2;5;7M')).toBe('ignored')
    expect(mouseOf('q')).toBeNull()
  })
})
