import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFolder } from '../testing/run-pigeon.ts'
import { HISTORY_LINES, RememberedFile } from './remembered.ts'

let folder: ReturnType<typeof makeFolder>
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

const file = (): string => join(folder.path, 'new', 'screen.json')

it('is there again at the next start', () => {
  new RememberedFile(file()).change({ sort: '-ratio', columns: ['done'], history: ['pause'] })
  expect(new RememberedFile(file()).state).toEqual({
    sort: '-ratio',
    columns: ['done'],
    history: ['pause'],
  })
  expect(readdirSync(join(folder.path, 'new'))).toEqual(['screen.json'])
})

it('creates nothing before something changes', () => {
  expect(new RememberedFile(file()).state.history).toEqual([])
  expect(readdirSync(folder.path)).toEqual([])
})

it.each(['', '{', '[]', 'null', '{"columns":[1],"sort":5,"history":{}}'])(
  'is as good as none where the file says %j',
  (text) => {
    const path = join(folder.path, 'screen.json')
    writeFileSync(path, text)
    expect(new RememberedFile(path).state).toMatchObject({ columns: null, history: [] })
  },
)

it('keeps as many command lines as its limit, the last ones', () => {
  const remembered = new RememberedFile(file())
  const lines = Array.from({ length: HISTORY_LINES + 1 }, (_, index) => `line ${index}`)
  remembered.change({ history: lines.slice(1) })
  expect(remembered.state.history).toHaveLength(HISTORY_LINES)
  remembered.change({ history: lines })
  expect(remembered.state.history).toHaveLength(HISTORY_LINES)
  expect(remembered.state.history.at(-1)).toBe(`line ${HISTORY_LINES}`)
})

it('works where nothing can be written', () => {
  writeFileSync(join(folder.path, 'new'), 'a file where the folder should be')
  const remembered = new RememberedFile(file())
  remembered.change({ sort: 'name' })
  expect(remembered.state.sort).toBe('name')
  expect(readFileSync(join(folder.path, 'new'), 'utf8')).toContain('a file')
})
