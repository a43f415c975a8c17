import { afterEach, expect, it, vi } from 'vitest'
import { catchStopSignals } from './stop-signals.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('asks at the first signal and ends the process at the second, as a shell expects', async () => {
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  const signals = catchStopSignals()
  process.emit('SIGHUP', 'SIGHUP')
  expect(await signals.first).toBe('SIGHUP')
  expect(() => process.emit('SIGHUP', 'SIGHUP')).toThrow('exit 129')
  signals.release()
  expect(process.listenerCount('SIGHUP')).toBe(0)
})
