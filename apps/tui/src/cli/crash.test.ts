import { expect, it } from 'vitest'
import { crashReport } from './crash.ts'

it('a crash is told with nothing in it that a terminal obeys, and in a bounded number of lines', () => {
  const error = new Error(`from a peer: \u001b[2J\u009b31m\u202e\r${'\n'.repeat(500)}`)
  const lines = crashReport(error)
  expect(lines.length).toBeLessThan(40)
  expect(lines.join('')).toContain('from a peer: ␛[2J')
  expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u)
})

it.each([[undefined], [null], ['text'], [Object.create(null)]])('%j is told too', (thrown) => {
  expect(crashReport(thrown)[0]).toContain('Bug in Pigeon')
})
