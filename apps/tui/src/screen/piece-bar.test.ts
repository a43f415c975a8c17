import { describe, expect, it } from 'vitest'
import { pieceBar, shareBar } from './piece-bar.ts'

const bits = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64')

describe('pieceBar', () => {
  it('has one cell a piece where there is room', () => {
    expect(pieceBar(bits(0b1010_0000), 4, 10)).toBe('█ █ ')
  })

  it('shades what is there in part, and is full or empty only for what is', () => {
    expect(pieceBar(bits(0xff, 0x00), 16, 2)).toBe('█ ')
    expect(pieceBar(bits(0xfe, 0x01), 16, 2)).toBe('▓░')
  })

  it('is empty without pieces, and takes bits that are missing as not there', () => {
    expect(pieceBar('', 0, 10)).toBe('')
    expect(pieceBar('', 3, 10)).toBe('   ')
  })
})

it('shareBar is full only when nothing is missing', () => {
  expect(shareBar(0, 4)).toBe('░░░░')
  expect(shareBar(0.999, 4)).toBe('███░')
  expect(shareBar(1, 4)).toBe('████')
  expect(shareBar(7, 2)).toBe('██')
})
