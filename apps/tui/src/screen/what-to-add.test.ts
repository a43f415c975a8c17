import { homedir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { pathOf, whatToAdd } from './what-to-add.ts'

describe('what a user wants to add', () => {
  it.each([
    ['MAGNET:?xt=urn:btih:x', { kind: 'magnet', uri: 'MAGNET:?xt=urn:btih:x' }],
    ['https://a.example/x.torrent', { kind: 'url', url: 'https://a.example/x.torrent' }],
    ['A'.repeat(32), { kind: 'magnet', uri: `magnet:?xt=urn:btih:${'A'.repeat(32)}` }],
  ])('%s', async (text, source) => {
    expect(await whatToAdd(text)).toEqual(source)
  })

  it('is said to be unreadable with its path fit to show', async () => {
    expect(await whatToAdd('/nonexistent/\u001b[2J\u202ex')).toMatchObject({
      code: 'unreadable',
      message: '/nonexistent/␛[2J�x is not there.',
    })
  })
})

describe('a path', () => {
  it.each([
    ['~/x', `${homedir()}/x`],
    ['~other/x', `${process.cwd()}/~other/x`],
    ["'/a b/c'", '/a b/c'],
    ['"/a b/c"', '/a b/c'],
    ['file:///a%20b/c', '/a b/c'],
    ['/a/../b', '/b'],
    ['rel', `${process.cwd()}/rel`],
  ])('%s is %s', (text, path) => {
    expect(pathOf(text)).toBe(path)
  })
})
