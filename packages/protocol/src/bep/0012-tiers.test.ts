import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundTiers, MAX_TRACKERS_PER_TORRENT, shuffleTiers } from './0012-tiers.ts'

const tiersOf = fc.array(fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), { maxLength: 5 })

test('shuffling keeps each tier’s trackers in that tier', () => {
  fc.assert(
    fc.property(tiersOf, fc.infiniteStream(fc.nat()), (tiers, chance) => {
      const shuffled = shuffleTiers(tiers, (below) => (chance.next().value ?? 0) % below)
      expect(shuffled.map((tier) => tier.toSorted())).toEqual(tiers.map((tier) => tier.toSorted()))
    }),
  )
})

test('every order of a tier comes up, each as often as the others', () => {
  const seen = new Map<string, number>()
  for (let first = 0; first < 3; first++) {
    for (let second = 0; second < 2; second++) {
      const draws = [first, second]
      const [tier] = shuffleTiers([['a', 'b', 'c']], () => draws.shift() ?? 0)
      const order = tier?.join('') ?? ''
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
  }
  expect([...seen.values()]).toEqual([1, 1, 1, 1, 1, 1])
})

test('the limit of trackers counts across tiers', () => {
  const urls = Array.from({ length: MAX_TRACKERS_PER_TORRENT + 1 }, (_, i) => `t${i}`)
  const bounded = boundTiers([urls.slice(0, 60), urls.slice(60)])
  expect(bounded.map((tier) => tier.length)).toEqual([60, 40])
  expect(boundTiers([urls.slice(0, MAX_TRACKERS_PER_TORRENT)]).flat().length).toBe(
    MAX_TRACKERS_PER_TORRENT,
  )
})
