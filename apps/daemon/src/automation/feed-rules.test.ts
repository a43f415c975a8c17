import { expect, it } from 'vitest'
import { ruleFor } from './feed-rules.ts'

function takes(
  title: string,
  include: readonly string[],
  exclude: readonly string[] = [],
): boolean {
  return ruleFor(title, [{ include: [...include], exclude: [...exclude] }]) !== null
}

it.each([
  ['Some.Linux-13_amd64.ISO', ['linux', 'amd64'], [], true],
  ['Some Linux 13 arm64', ['linux', 'amd64'], [], false],
  ['Some.Linux.13.BETA', ['linux'], ['beta'], false],
  ['a house', ['us'], [], false],
  ['Name 1080p WEB x', ['1080p web'], [], true],
  ['Name WEB 1080p x', ['1080p web'], [], false],
  ['Straße ÉTÉ', ['été'], [], true],
  ['日本語 タイトル', ['日本語'], [], true],
  ['anything', [], [], true],
  ['', [], [], true],
  ['', ['x'], [], false],
])('of "%s" with %j but not %j: %s', (title, include, exclude, expected) => {
  expect(takes(title, include, exclude)).toBe(expected)
})

it('the first rule that takes it counts', () => {
  const rules = [
    { include: ['a'], exclude: ['b'], number: 0 },
    { include: ['a'], exclude: [], number: 1 },
    { include: [], exclude: [], number: 2 },
  ]
  expect([
    ruleFor('a', rules)?.number,
    ruleFor('a b', rules)?.number,
    ruleFor('b', rules)?.number,
  ]).toEqual([0, 1, 2])
})
