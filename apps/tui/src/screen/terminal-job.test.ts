import { afterEach, describe, expect, it, vi } from 'vitest'
import { homingStdout } from './terminal-job.ts'

afterEach(() => vi.restoreAllMocks())

describe('entering the alternate screen', () => {
  it('clears the line that says it opens, and begins in the first cell', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    homingStdout().write('Opening pigeon ...\r')
    homingStdout().write('\u001b[?1049hframe')
    const written = write.mock.calls.map(([text]) => text)
    expect(written).toEqual(['Opening pigeon ...\r', '\r\u001b[K\u001b[?1049h\u001b[Hframe'])
  })
})
