import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { catchSignals, type Signals } from './signals.ts'

let signals: Signals
let asked: string[]

beforeEach(() => {
  asked = []
  signals = catchSignals()
})

afterEach(() => {
  signals.release()
  vi.restoreAllMocks()
})

function handle(): void {
  signals.handle({ reload: () => asked.push('reload'), report: () => asked.push('report') })
}

describe('signals', () => {
  it('ask to stop at the first and end the process at the second, as a shell expects', async () => {
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`)
    })
    process.emit('SIGTERM', 'SIGTERM')
    expect(await signals.stop).toBe('SIGTERM')
    expect(() => process.emit('SIGINT', 'SIGINT')).toThrow('exit 130')
    expect(() => process.emit('SIGTERM', 'SIGTERM')).toThrow('exit 143')
  })

  it('ask to reload and to report, as often as they come, but not once it stops', () => {
    handle()
    process.emit('SIGHUP', 'SIGHUP')
    process.emit('SIGUSR1', 'SIGUSR1')
    process.emit('SIGHUP', 'SIGHUP')
    process.emit('SIGTERM', 'SIGTERM')
    process.emit('SIGHUP', 'SIGHUP')
    expect(asked).toEqual(['reload', 'report', 'reload'])
  })

  it('are not lost when they come too early', () => {
    process.emit('SIGHUP', 'SIGHUP')
    process.emit('SIGUSR1', 'SIGUSR1')
    handle()
    expect(asked).toEqual(['reload'])
  })

  it('get their usual meaning back', () => {
    signals.release()
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) {
      expect(process.listenerCount(signal)).toBe(0)
    }
  })
})
