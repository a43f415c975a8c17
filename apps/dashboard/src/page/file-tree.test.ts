import type { FileDetail, FilePriority } from '@pigeon/control/contract'
import { expect, it } from 'vitest'
import { buildTree, filesBelow, sumTree, visibleNodes } from './file-tree.ts'

const file = (index: number, path: string, priority: FilePriority = 'normal'): FileDetail => ({
  index,
  path,
  lengthBytes: 100,
  doneBytes: 10 * index,
  priority,
})
const FILES = [file(0, 'top/a/one'), file(1, 'top/a/two', 'high'), file(2, 'top/b', 'skip')]

it('shows a folder’s files only while it is open', () => {
  const tree = buildTree(FILES)
  const names = (...open: string[]) =>
    visibleNodes(tree, new Set(open)).map(({ name, level }) => `${level} ${name}`)
  expect(names()).toEqual(['1 top'])
  expect(names('top')).toEqual(['1 top', '2 a', '2 b'])
  expect(names('top', 'top/a')).toEqual(['1 top', '2 a', '3 one', '3 two', '2 b'])
  expect(names('top/a')).toEqual(['1 top'])
})

it('keeps the torrent’s order, also where a folder comes back later', () => {
  const tree = buildTree([file(0, 'x/1'), file(1, 'y'), file(2, 'x/2')])
  const names = visibleNodes(tree, new Set(['x'])).map(({ name }) => name)
  expect(names).toEqual(['x', '1', '2', 'y'])
})

it('sums up sizes, progress and priorities of folders', () => {
  const tree = buildTree(FILES)
  const sums = sumTree(tree, FILES)
  const of = (path: string) => sums[tree.nodes.findIndex((node) => node.path === path)]
  expect(of('top')).toEqual({
    fileCount: 3,
    lengthBytes: 300,
    doneBytes: 30,
    wantedCount: 2,
    priority: 'mixed',
  })
  expect(of('top/b')?.priority).toBe('skip')
})

it('finds all files below a folder, in order', () => {
  const tree = buildTree(FILES)
  const folder = tree.nodes.find(({ path }) => path === 'top/a')
  expect(folder && filesBelow(tree, folder)).toEqual([0, 1])
})

it('takes a file and a folder of the same name, and names of every kind', () => {
  const tree = buildTree([file(0, '__proto__/constructor'), file(1, 'a'), file(2, 'a/b')])
  expect(visibleNodes(tree, new Set(['__proto__', 'a'])).map(({ path }) => path)).toEqual([
    '__proto__',
    '__proto__/constructor',
    'a',
    'a',
    'a/b',
  ])
})

it('takes two hundred thousand files, and folders as deep as their author liked', () => {
  const many = Array.from({ length: 200_000 }, (_, index) =>
    file(index, `t/${index % 500}/${index}`),
  )
  const tree = buildTree(many)
  expect(sumTree(tree, many)[0]?.fileCount).toBe(200_000)
  expect(visibleNodes(tree, new Set(['t']))).toHaveLength(501)
  const deep = buildTree([file(0, Array.from({ length: 5_000 }, () => 'd').join('/'))])
  expect(sumTree(deep, [file(0, 'd')])[0]?.fileCount).toBe(1)
})
