import { expect, test } from 'vitest'
import { mayUsePeerSource } from './0027-private.ts'

test('"it MUST ONLY announce itself to the private tracker, and MUST ONLY initiate connections to peers returned from the private tracker"', () => {
  const sources = ['tracker', 'incoming', 'user', 'dht', 'pex', 'lsd', 'magnet'] as const
  const allowed = sources.filter((source) => mayUsePeerSource(true, source))
  expect(allowed).toEqual(['tracker', 'incoming', 'user'])
  expect(sources.every((source) => mayUsePeerSource(false, source))).toBe(true)
})
