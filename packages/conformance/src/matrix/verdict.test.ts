import { describe, expect, it } from 'vitest'
import {
  type Check,
  type Outcome,
  type Verdict,
  countVerdicts,
  exitCode,
  judge,
  reasonOf,
} from './verdict.ts'

const met: Check = { what: 'bytes', isMet: true, seen: 'equal' }
const unmet: Check = { what: 'evidence', isMet: false, seen: 'nothing' }
const observed = (...checks: Check[]): Outcome => ({
  kind: 'observed',
  observation: { checks, payloadBytes: 1 },
})
const known = [{ check: 'evidence', reason: 'it never does this', isIntermittent: false }]

describe('verdicts', () => {
  it('pass only when every demand is met', () => {
    expect(judge(observed(met), [])).toBe('PASS')
    expect(judge(observed(met, unmet), [])).toBe('FAIL')
    expect(reasonOf(observed(met, unmet))).toBe('evidence: nothing')
  })

  it('do not pass without any evidence', () => {
    expect(judge(observed(), [])).toBe('FAIL')
  })

  it('expect a known deviation, but nothing besides it', () => {
    expect(judge(observed(met, unmet), known)).toBe('XFAIL')
    expect(judge(observed({ ...met, isMet: false }, unmet), known)).toBe('FAIL')
  })

  it('break the run when a known deviation has gone', () => {
    expect(judge(observed(met, { ...unmet, isMet: true }), known)).toBe('XPASS')
  })

  it('let a deviation that comes and goes stay away', () => {
    const intermittent = known.map((entry) => ({ ...entry, isIntermittent: true }))
    expect(judge(observed(met, { ...unmet, isMet: true }), intermittent)).toBe('PASS')
    expect(judge(observed(met, unmet), intermittent)).toBe('XFAIL')
  })

  it('never make a pass of what was not run', () => {
    expect(judge({ kind: 'unsupported', why: '' }, [])).toBe('UNSUPPORTED')
    expect(judge({ kind: 'error', why: '' }, known)).toBe('ERROR')
  })

  it.each<[Verdict[], number]>([
    [['PASS', 'XFAIL', 'UNSUPPORTED'], 0],
    [['PASS', 'FAIL'], 1],
    [['PASS', 'XPASS'], 1],
    [['PASS', 'ERROR'], 3],
    [['UNSUPPORTED', 'XFAIL'], 4],
    [[], 4],
  ])('%j end with exit code %i', (verdicts, code) => {
    expect(exitCode(countVerdicts(verdicts))).toBe(code)
  })
})
