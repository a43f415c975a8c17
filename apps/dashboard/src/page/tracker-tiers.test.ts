import { expect, it } from 'vitest'
import { MAX_IN_TIER, MAX_TIERS, readTiers, textOfTiers, tiersOf } from './tracker-tiers.ts'

it('writes tiers with an empty line between them, and reads them back', () => {
  const tiers = tiersOf([
    { url: 'udp://b.example:1', tier: 1 },
    { url: 'http://a.example/announce', tier: 0 },
    { url: 'https://c.example/', tier: 0 },
  ])
  const text = 'http://a.example/announce\nhttps://c.example/\n\nudp://b.example:1'
  expect(textOfTiers(tiers)).toBe(text)
  expect(readTiers(`\n\n${text}\n\n\n`)).toEqual({ ok: true, tiers })
})

it('takes a tracker once, and none at all', () => {
  const twice = readTiers('http://a.example/\nhttp://a.example/\n\nhttp://a.example/')
  expect(twice).toEqual({ ok: true, tiers: [['http://a.example/']] })
  expect(readTiers(' \n ')).toEqual({ ok: true, tiers: [] })
})

it.each([
  'ftp://a.example/',
  'a.example',
  'javascript:alert(1)',
  'http://',
  `http://a/${'x'.repeat(2048)}`,
])('tells the line of what is no tracker: %s', (line) => {
  expect(readTiers(`http://a.example/\n\n${line}`)).toMatchObject({ ok: false, line: 3 })
})

it('takes as many as the control does, and not one more', () => {
  const lines = (count: number, gap: string) =>
    Array.from({ length: count }, (_, index) => `http://t${index}.example/`).join(gap)
  expect(readTiers(lines(MAX_TIERS, '\n\n')).ok).toBe(true)
  expect(readTiers(lines(MAX_TIERS + 1, '\n\n'))).toEqual({ ok: false, kind: 'many' })
  expect(readTiers(lines(MAX_IN_TIER, '\n')).ok).toBe(true)
  expect(readTiers(lines(MAX_IN_TIER + 1, '\n'))).toEqual({ ok: false, kind: 'many' })
})
