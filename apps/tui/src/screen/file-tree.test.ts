import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileRows } from './file-rows.ts'
import { type TreeFile, treeRows } from './file-tree.ts'

const file = (index: number, path: string, fields: Partial<TreeFile> = {}): TreeFile => ({
  ...{ index, path, lengthBytes: 10, doneBytes: 5, priority: 'normal' },
  ...fields,
})
const FILES = [
  file(0, 'top/a'),
  file(1, 'top/sub/b', { priority: 'skip' }),
  file(2, 'top/sub/c'),
  file(3, 'top/long/chain/of/d'),
]

describe('the tree of files', () => {
  it('sums up what is below a folder, and joins folders that hold only one', () => {
    const shown = treeRows(FILES, new Set()).map(({ depth, name, priority, lengthBytes }) => [
      depth,
      name,
      priority,
      lengthBytes,
    ])
    expect(shown).toEqual([
      [0, 'top', 'mixed', 40],
      [1, 'sub', 'mixed', 20],
      [2, 'b', 'skip', 10],
      [2, 'c', 'normal', 10],
      [1, 'long/chain/of', 'normal', 10],
      [2, 'd', 'normal', 10],
      [1, 'a', 'normal', 10],
    ])
  })

  it('leaves out what is in folded folders', () => {
    const rows = treeRows(FILES, new Set(['top/sub']))
    expect(rows.map(({ name }) => name)).not.toContain('b')
    expect(rows.find(({ name }) => name === 'sub')?.files).toEqual([1, 2])
  })

  it('holds every file once, whatever their paths are', () => {
    const path = fc.array(fc.constantFrom('', 'a', 'b', '..', 'é'), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(fc.array(path, { maxLength: 20 }), (paths) => {
        const files = paths.map((parts, index) => file(index, parts.join('/')))
        const rows = treeRows(files, new Set()).filter(({ kind }) => kind === 'file')
        const indexes = rows.flatMap((row) => row.files).toSorted((one, other) => one - other)
        expect(indexes).toEqual(files.map(({ index }) => index))
      }),
    )
  })
})

describe('the cursor over it', () => {
  it('stays on its file while the files change, and goes up to the folder that it folds', () => {
    const rows = new FileRows()
    rows.show(FILES)
    rows.moveTo(3)
    expect(rows.current?.name).toBe('c')
    rows.show([file(9, 'top/sub/aa'), ...FILES])
    expect(rows.current?.name).toBe('c')
    rows.fold('fold')
    expect(rows.current?.name).toBe('sub')
    rows.fold('fold')
    expect(rows.rows.map(({ name }) => name)).not.toContain('c')
    rows.fold('unfold')
    expect(rows.rows.map(({ name }) => name)).toContain('c')
  })

  it('begins folded where there are very many files', () => {
    const rows = new FileRows()
    rows.show(
      Array.from({ length: 20_000 }, (_, index) => file(index, `top/${index % 7}/${index}`)),
    )
    expect(rows.rows).toHaveLength(8)
  })
})
