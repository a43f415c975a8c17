import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('who wants to be alone waits for those inside, and those who come later wait for it', async () => {
  const gate = new Gate()
  const log: string[] = []
  await gate.enter()
  const alone = gate.alone(async () => {
    log.push('alone begins')
    await turns()
    log.push('alone ends')
    return 5
  })
  const later = gate.enter().then(() => log.push('later enters'))
  await turns()
  expect(log).toEqual([])
  gate.leave()
  expect(await alone).toBe(5)
  await later
  expect(log).toEqual(['alone begins', 'alone ends', 'later enters'])
})

test('two who want to be alone go one after the other, also when the first fails', async () => {
  const gate = new Gate()
  const log: string[] = []
  const first = gate.alone(async () => {
    log.push('first')
    await turns()
    throw new Error('planted')
  })
  const second = gate.alone(async () => log.push('second'))
  await expect(first).rejects.toThrow('planted')
  await second
  await gate.enter()
  expect(log).toEqual(['first', 'second'])
})
