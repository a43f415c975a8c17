import type { TorrentLimits } from '@pigeon/control/contract'
import { describe, expect, it } from 'vitest'
import { EMPTY_LIMITS, formOfLimits, limitsOf, readNumber } from './limits-form.ts'

const LIMITS: TorrentLimits = {
  down: 512 * 1024,
  up: null,
  ratio: 1.5,
  seedMs: 'never',
  idleMs: 90 * 60_000,
  maxPeers: 40,
  ignoresSession: false,
  priority: 'high',
}

describe('the form of limits', () => {
  it('shows what is set and gives the same back', () => {
    const form = formOfLimits(LIMITS)
    expect(form.down).toEqual({ way: 'at', text: '512' })
    expect(form.idleMs).toEqual({ way: 'at', text: '90' })
    expect(limitsOf(form)).toEqual({ limits: LIMITS })
  })

  it('changes nothing that was not touched', () => {
    expect(limitsOf(EMPTY_LIMITS)).toEqual({ limits: {} })
  })

  it('names the first field that is no number, or that nobody may set so high', () => {
    const at = (text: string) => ({ way: 'at' as const, text })
    expect(limitsOf({ ...EMPTY_LIMITS, up: at('much') })).toEqual({ wrong: 'up' })
    expect(limitsOf({ ...EMPTY_LIMITS, maxPeers: at('1000') })).toEqual({
      limits: { maxPeers: 1000 },
    })
    expect(limitsOf({ ...EMPTY_LIMITS, maxPeers: at('1001') })).toEqual({ wrong: 'maxPeers' })
    expect(limitsOf({ ...EMPTY_LIMITS, maxPeers: at('0') })).toEqual({ wrong: 'maxPeers' })
  })

  it('reads decimals with a point or a comma, and nothing below zero', () => {
    expect(readNumber('1.5')).toBe(1.5)
    expect(readNumber(' 1,5 ')).toBe(1.5)
    for (const text of ['', '-1', '1e9', '1.2.3', '0x10', 'NaN'])
      expect(readNumber(text)).toBe(null)
  })
})
