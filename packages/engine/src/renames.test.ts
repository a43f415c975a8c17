import { describe, expect, it } from 'vitest'
import type { StorageLayout } from './layout.ts'
import { addRename, applyRename, planRename } from './renames.ts'

function layout(...paths: readonly string[]): StorageLayout {
  return {
    id: 'a'.repeat(40),
    pieceLength: 16,
    pieceCount: paths.length,
    totalBytes: paths.length * 16,
    files: paths.map((path, fileIndex) => ({
      fileIndex,
      path,
      lengthBytes: 16,
      offset: fileIndex * 16,
      isPad: path.includes('/.pad/'),
    })),
    rootName: paths[0]?.split('/')[0] ?? '',
  }
}

const SHOW = layout('Show/one/a.mkv', 'Show/one/b.mkv', 'Show/two/a.mkv', 'Show/.pad/3')

function renamed(before: StorageLayout, path: string, name: string): readonly string[] {
  const plan = planRename(before, path, name)
  if (!('rename' in plan)) return [plan.fault]
  return applyRename(before, plan.rename).files.map((file) => file.path)
}

describe('a rename', () => {
  it('of a file leaves all others', () => {
    expect(renamed(SHOW, 'Show/one/a.mkv', 'c.mkv').slice(0, 3)).toEqual([
      'Show/one/c.mkv',
      'Show/one/b.mkv',
      'Show/two/a.mkv',
    ])
  })

  it('of a folder takes all that is in it along', () => {
    expect(renamed(SHOW, 'Show/one', 'Season 1').slice(0, 3)).toEqual([
      'Show/Season 1/a.mkv',
      'Show/Season 1/b.mkv',
      'Show/two/a.mkv',
    ])
  })

  it('of the topmost changes the root', () => {
    expect(applyRename(SHOW, { path: 'Show', name: 'Other' })).toMatchObject({ rootName: 'Other' })
    expect(renamed(SHOW, 'Show', 'Other')).toContain('Other/two/a.mkv')
  })

  it.each([
    ['Show/one', 'two', 'name-taken'],
    ['Show/one', 'TWO', 'name-taken'],
    ['Show/one/a.mkv', 'B.MKV', 'name-taken'],
    ['Show/three', 'x', 'no-such-path'],
    ['Show/.pad', 'x', 'no-such-path'],
    ['Show/on', 'x', 'no-such-path'],
    ['Show/one', 'a/b', 'bad-name'],
    ['Show/one', '..', 'bad-name'],
    ['Show/one', ' ', 'bad-name'],
  ])('of %s to %s is refused: %s', (path, name, fault) => {
    expect(renamed(SHOW, path, name)).toEqual([fault])
  })

  it('may change nothing but case', () => {
    expect(renamed(SHOW, 'Show/one', 'ONE')).toContain('Show/ONE/a.mkv')
  })

  it('goes through the rules for names', () => {
    expect(renamed(SHOW, 'Show/one/a.mkv', 'what? CON:.')).toContain('Show/one/what CON')
  })

  it('keeps paths within their limit, and no further', () => {
    const long = `R/${'d'.repeat(200)}/${'e'.repeat(200)}/${'f'.repeat(200)}/${'g'.repeat(200)}`
    const deep = layout(`${long}/x`, `${long}/y`)
    const room = 1024 - long.length - 1
    expect(renamed(deep, `${long}/x`, 'z'.repeat(room))).toHaveLength(2)
    expect(renamed(deep, `${long}/x`, 'z'.repeat(room + 1))).toEqual(['path-too-long'])
  })
})

describe('steps', () => {
  it('that rename the same thing again become one', () => {
    const twice = addRename([{ path: 'R/a', name: 'b' }], { path: 'R/b', name: 'c' })
    expect(twice).toEqual([{ path: 'R/a', name: 'c' }])
    expect(addRename(twice, { path: 'R/c', name: 'a' })).toEqual([])
  })

  it('that rename another thing follow', () => {
    expect(addRename([{ path: 'R', name: 'S' }], { path: 'S/a', name: 'b' })).toHaveLength(2)
  })
})
