import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellsOf } from './cells.ts'
import { commonStart, LineEditor, LONGEST_INPUT } from './line-editor.ts'

const press = (editor: LineEditor, ...names: readonly string[]): void => {
  for (const name of names) editor.onKey({ name, text: Array.from(name).length === 1 ? name : '' })
}

describe('a line being typed', () => {
  it('is edited at its caret, as readline does', () => {
    const editor = new LineEditor('one two')
    press(editor, 'C-w', 'x', 'Home', 'y', 'Right', 'Delete', 'End', 'Left', 'Backspace')
    expect(editor.text).toBe('yoex')
    press(editor, 'C-a', 'C-k')
    expect(editor.text).toBe('')
  })

  it('erases by whole characters', () => {
    const editor = new LineEditor('ae\u0301👩‍👩‍👧‍👦')
    press(editor, 'Backspace')
    expect(editor.text).toBe('ae\u0301')
    press(editor, 'Backspace')
    expect(editor.text).toBe('a')
  })

  it('takes spaces, but of what is pasted only the first line, without controls', () => {
    const editor = new LineEditor()
    editor.onKey({ name: 'Space', text: ' ' })
    editor.paste('\n a\u001b[2Jb\nrm -rf')
    expect(editor.text).toBe('  a[2Jb')
  })

  it('holds as much as its limit, and no more', () => {
    const editor = new LineEditor('x'.repeat(LONGEST_INPUT))
    expect(editor.text).toHaveLength(LONGEST_INPUT)
    press(editor, 'y')
    expect(editor.text).toHaveLength(LONGEST_INPUT)
    expect(new LineEditor('x'.repeat(LONGEST_INPUT + 1)).text).toHaveLength(LONGEST_INPUT)
  })

  it('keeps its caret in sight, whatever is in it', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 4, max: 40 }), (before, after, cells) => {
        const editor = new LineEditor()
        editor.set(before, after)
        const spans = editor.spans(cells, true)
        const at = spans.findIndex(({ role }) => role === 'caret')
        const used = spans.slice(0, at + 1).reduce((sum, { text }) => sum + cellsOf(text), 0)
        expect(used).toBeLessThanOrEqual(cells)
      }),
    )
  })
})

describe('completing', () => {
  it('goes as far as all that may be meant agree', () => {
    const editor = new LineEditor('down>5 & up')
    editor.completeWord(['uploaded', 'up-limit', 'upper'])
    expect(editor.text).toBe('down>5 & up')
    editor.set('x | swarm')
    editor.completeWord(['swarm-seeds', 'swarm-peers', 'state'])
    expect(editor.text).toBe('x | swarm-')
    editor.completeWord([])
    expect(editor.text).toBe('x | swarm-')
  })

  it('texts begin with what they have in common', () => {
    expect(commonStart(['/a/bc', '/a/bd'])).toBe('/a/b')
    expect(commonStart([])).toBe('')
  })
})
