import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bepsPage } from '../testing/beps-page.ts'
import { BEPS } from './registry.ts'

const SOURCE = new URL('../', import.meta.url)
const VECTORS = new URL('../../vectors/', import.meta.url)
const PAGE = new URL('../../../../docs/beps.md', import.meta.url)

describe('the registry of BEPs', () => {
  test('has one row a BEP, in order', () => {
    const numbers = BEPS.map(({ number }) => number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  })

  test.each(BEPS.map((row) => [row.number, row] as const))(
    'BEP %i has its modules and vectors',
    (_, row) => {
      const missing = row.modules.filter((path) => !existsSync(new URL(path, SOURCE)))
      expect(missing).toEqual([])
      if (row.status === 'planned') return
      expect(row.modules).not.toEqual([])
      const files = readdirSync(new URL(`${row.vectors ?? ''}/`, VECTORS))
      expect(files.filter((name) => name.endsWith('.json'))).not.toEqual([])
    },
  )

  test('says what is missing where a BEP is not whole', () => {
    const silent = BEPS.filter(({ status, note }) => status !== 'whole' && note === '')
    expect(silent).toEqual([])
  })

  test('knows every module and every folder of vectors that there is', () => {
    const modules = readdirSync(new URL('bep/', SOURCE))
      .filter((name) => /^\d{4}-/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => `bep/${name}`)
    const known = BEPS.flatMap((row) => row.modules)
    expect(modules.filter((path) => !known.includes(path))).toEqual([])
    const folders = readdirSync(VECTORS).filter((name) => name.startsWith('bep-'))
    expect(folders).toEqual(BEPS.map(({ vectors }) => vectors).filter((name) => name !== null))
  })

  test('names each BEP module after its own number', () => {
    for (const { number, modules } of BEPS) {
      const numbers = modules.flatMap((path) => /^bep\/(\d{4})-/.exec(path)?.[1] ?? [])
      expect(numbers.every((digits) => Number(digits) === number)).toBe(true)
    }
  })

  test('is what docs/beps.md was printed from', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(bepsPage(BEPS))
  })
})
