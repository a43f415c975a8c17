import { describe, expect, test, vi } from 'vitest'
import { allDecoders } from '../fuzz/decoders.ts'
import { makeInput, runTrial } from '../fuzz/trial.ts'
import { toHex } from './bytes.ts'

// A busy machine must not fail what is only slow there.
vi.setConfig({ testTimeout: 60_000 })

const SEED = 20_260_101
const INPUTS = 2000

describe('the short form of `npm run fuzz`', () => {
  test.each(allDecoders().map((decoder) => [decoder.name, decoder] as const))(
    '%s takes hostile bytes without a throw and leaves the prototypes alone',
    (_, decoder) => {
      const options = { seed: SEED, firstInput: 0, inputCount: INPUTS, isMeasured: false }
      const { broken, inputCount } = runTrial(decoder, options)
      expect(broken === null ? null : { ...broken, input: toHex(broken.input) }).toBeNull()
      expect(inputCount).toBe(INPUTS)
    },
  )
})

describe('the fuzzer itself', () => {
  const [first] = allDecoders()

  test('gives the same inputs for the same seed, and others for another', () => {
    if (first === undefined) throw new Error('no decoder')
    const inputs = (seed: number): string[] =>
      Array.from({ length: 50 }, (_, n) => toHex(makeInput(first, seed, n).bytes))
    expect(inputs(1)).toEqual(inputs(1))
    expect(inputs(1)).not.toEqual(inputs(2))
    expect(new Set(inputs(1)).size).toBeGreaterThan(25)
  })

  test.each([
    [
      'throw',
      () => {
        throw new Error('x')
      },
    ],
    ['prototype', () => Reflect.set(Object.prototype, 'planted', 1)],
  ])('notices a decoder that breaks the promise of %s', (promise, decode) => {
    if (first === undefined) throw new Error('no decoder')
    const options = { seed: 1, firstInput: 0, inputCount: 10, isMeasured: false }
    const report = runTrial({ ...first, decode }, options)
    Reflect.deleteProperty(Object.prototype, 'planted')
    expect(report.broken?.promise).toBe(promise)
  })
})
