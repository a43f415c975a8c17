import { describe, expect, it } from 'vitest'
import { joinWords, LINE_CHARACTERS, quoteWord, splitWords } from './words.ts'

describe('splitWords', () => {
  it.each([
    ['', ['']],
    ['pause', ['pause']],
    ['pause  debian ', ['pause', 'debian', '']],
    ['rename "Debian 12" x', ['rename', 'Debian 12', 'x']],
    ["rename 'Debian 12'", ['rename', 'Debian 12']],
    ['add --comment="a b"', ['add', '--comment=a b']],
    ['list name~"big buck" & x', ['list', 'name~"big buck"', '&', 'x']],
    ["pause Ana's", ['pause', "Ana's"]],
    ['pause a\\ b', ['pause', 'a b']],
    ['pause ""', ['pause', '']],
  ])('takes %j apart', (line, words) => {
    expect(splitWords(line).words).toEqual(words)
  })

  it.each([
    ['pa', 0],
    ['pause de', 6],
    ['pause ', 6],
    ['rename "Deb', 7],
  ])('says where in %j the last word begins', (line, lastAt) => {
    expect(splitWords(line).lastAt).toBe(lastAt)
  })

  it('says that a quote was not closed', () => {
    expect([splitWords('rename "Deb').isOpen, splitWords('rename "Deb"').isOpen]).toEqual([
      true,
      false,
    ])
  })

  it('reads a line of the greatest length, and cuts one that is longer', () => {
    const [word] = splitWords('x'.repeat(LINE_CHARACTERS)).words
    expect(word).toHaveLength(LINE_CHARACTERS)
    expect(splitWords('x'.repeat(LINE_CHARACTERS + 1)).words[0]).toHaveLength(LINE_CHARACTERS)
  })
})

describe('joinWords', () => {
  it.each([
    [['pause', 'a b', 'say "x"', 'back\\slash', "Ana's", '', '夢 の']],
    [['-x', '--y=a b']],
    [['&', '|', '#1', '*']],
  ])('makes a line of %j that comes apart again', (words) => {
    expect(splitWords(joinWords(words)).words).toEqual(words)
  })

  it('leaves words alone that need no quotes', () => {
    expect(quoteWord('progress<100')).toBe('progress<100')
  })
})
