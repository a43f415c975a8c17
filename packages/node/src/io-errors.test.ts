import { expect, test } from 'vitest'
import { diskProblem, errnoOf, networkProblem } from './io-errors.ts'

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EIO', 'disk-error'],
  ['EROFS', 'read-only'],
  ['EACCES', 'no-permission'],
  ['EPERM', 'no-permission'],
  ['EMFILE', 'too-many-files'],
  ['ENFILE', 'too-many-files'],
  ['ENOENT', 'not-found'],
  ['ENOTDIR', 'not-a-folder'],
  ['EEXIST', 'would-overwrite'],
  ['ELOOP', 'through-link'],
  ['EVERYTHING', 'disk-error'],
] as const)('%s on disk is %s, says what was tried, and helps', (errno, code) => {
  const error = Object.assign(new Error('x'), { code: errno })
  const problem = diskProblem(error, 'write /a/b')
  expect(problem.code).toBe(code)
  expect(problem.message).toMatch(new RegExp(`^cannot write /a/b: .+ \\(${errno}\\)$`))
  expect(problem.help).not.toBe('')
})

test.each([
  ['EADDRINUSE', 'address-in-use'],
  ['EADDRNOTAVAIL', 'address-unavailable'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ETIMEDOUT', 'timed-out'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENOTFOUND', 'name-not-found'],
] as const)('%s in the network is %s', (errno, code) => {
  expect(networkProblem(errno, 'reach 1.2.3.4:5').code).toBe(code)
})

test('whatever is thrown has a name', () => {
  for (const thrown of [undefined, null, 5, {}, { code: 5 }, new Error('x')]) {
    expect(errnoOf(thrown)).toBe('unknown')
    expect(diskProblem(thrown, 'read x').code).toBe('disk-error')
  }
})
