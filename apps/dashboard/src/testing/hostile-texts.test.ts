import { expect, it } from 'vitest'
import { HOSTILE_COUNT, HOSTILE_TEXTS } from './hostile-texts.ts'

it('are three hundred, each of its own', () => {
  expect(new Set(HOSTILE_TEXTS).size).toBe(HOSTILE_COUNT)
})
