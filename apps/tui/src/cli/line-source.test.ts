import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { LineSource, WAITING_LINES } from './line-source.ts'

describe('lines of an input', () => {
  it('come in order, also those that came before anybody wanted them', async () => {
    const input = new PassThrough()
    const lines = new LineSource(input)
    const first = lines.next()
    input.end('one\ntwo\nthree')
    expect([await first, await lines.next(), await lines.next()]).toEqual(['one', 'two', 'three'])
    expect([await lines.next(), await lines.next()]).toEqual([null, null])
  })

  it.each([WAITING_LINES, WAITING_LINES * 3])(
    'come all where %i are written at once',
    async (count) => {
      const input = new PassThrough()
      const lines = new LineSource(input)
      const typed = Array.from({ length: count }, (_, index) => `line ${index}`)
      input.end(`${typed.join('\n')}\n`)
      const read: string[] = []
      for (let line = await lines.next(); line !== null; line = await lines.next()) read.push(line)
      expect(read).toEqual(typed)
    },
  )

  it('end for whoever waits when it is closed', async () => {
    const lines = new LineSource(new PassThrough())
    const waiting = lines.next()
    lines.close()
    expect(await waiting).toBeNull()
  })
})
