import { expect, it, vi } from 'vitest'
import { runSwarm } from './swarm-run.ts'

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000

async function play(seed: number): Promise<readonly string[]> {
  const lines: string[] = []
  const result = await runSwarm({
    seed,
    leechers: 4,
    liars: 1,
    sizeBytes: 2_000_000,
    limitMs: 60 * MINUTE,
    say: (line) => lines.push(line),
  })
  expect(result.broken).toEqual([])
  expect(result.isComplete).toBe(true)
  return [...lines, `${result.atMs} ${result.events}`]
}

it('keeps all promises through crashes, broken lines and lies, and plays the same again', async () => {
  expect(await play(1)).toEqual(await play(1))
  await play(2)
})
