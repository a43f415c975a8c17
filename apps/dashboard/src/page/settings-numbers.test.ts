import { describe, expect, it } from 'vitest'
import { readSettings } from './settings-numbers.ts'

describe('the numbers of the settings', () => {
  it('are read in the units of the form, and empty is without', () => {
    const texts = { downLimit: '1,5', upLimit: ' ', ratioGoal: '2.5', seedMsGoal: '0.5' }
    expect(readSettings(texts, ['downLimit', 'upLimit', 'ratioGoal', 'seedMsGoal'])).toEqual({
      command: {
        do: 'set-session',
        downLimit: 1536,
        upLimit: null,
        ratioGoal: 2.5,
        seedMsGoal: 1_800_000,
      },
    })
  })

  it('change nothing that was not typed, nor what another part of the page asks for', () => {
    expect(readSettings({ maxPeers: '7' }, ['maxActive'])).toEqual({
      command: { do: 'set-session' },
    })
  })

  it.each([
    ['', true],
    ['0', true],
    ['1', false],
    ['1000', false],
    ['1001', true],
    ['1.5', true],
  ])('take %j as a number of upload slots unless it is wrong: %s', (text, isWrong) => {
    const read = readSettings({ uploadSlots: text }, ['uploadSlots'])
    expect('wrong' in read).toBe(isWrong)
  })
})
