/** Feeds mutated inputs to one decoder and reports the first that breaks a promise. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Decoder } from './decoders.ts'
import { mutate } from './mutate.ts'
import { seededRandom } from './random.ts'

export interface TrialOptions {
  readonly seed: number
  /** The first input's number; with `inputCount` 1, one input alone. */
  readonly firstInput: number
  readonly inputCount: number
  /** Whether to judge time and memory too, which only a machine with little else to do can. */
  readonly isMeasured: boolean
  /** Told of each input before it is decoded. */
  readonly onInput?: (inputNumber: number, bytes: Uint8Array) => void
}

export interface TrialReport {
  readonly inputCount: number
  readonly slowestMs: number
  readonly growthBytes: number
  readonly broken: BrokenPromise | null
}

export interface BrokenPromise {
  readonly promise: 'throw' | 'time' | 'allocation' | 'growth' | 'prototype'
  readonly detail: string
  readonly inputNumber: number
  readonly input: Uint8Array
}

export const MAX_INPUT_MS = 50
export const MAX_GROWTH_BYTES: number = 16 * 1024 * 1024
/** A collection or cold code may slow one run; a slow decoder is slow each time. */
const CONFIRMING_RUNS = 4

export function makeInput(decoder: Decoder, seed: number, inputNumber: number): SeededInput {
  const random = seededRandom(seed, inputNumber)
  const base = random.pick(decoder.seeds)
  return { bytes: mutate(base, random.pick(decoder.seeds), random), options: base.options }
}

type SeededInput = { readonly bytes: Uint8Array } & Pick<Decoder['seeds'][0], 'options'>

export function runTrial(decoder: Decoder, options: TrialOptions): TrialReport {
  const prototypes = prototypeKeys()
  const before = options.isMeasured ? usedBytesAfterCollection() : 0
  let slowestMs = 0
  let broken: BrokenPromise | null = null
  let inputCount = 0
  while (inputCount < options.inputCount && broken === null) {
    const inputNumber = options.firstInput + inputCount++
    const input = makeInput(decoder, options.seed, inputNumber)
    options.onInput?.(inputNumber, input.bytes)
    const cost = options.isMeasured ? confirmedCost(decoder, input) : measure(decoder, input)
    slowestMs = Math.max(slowestMs, cost.spentMs)
    const found = judge(cost, options.isMeasured)
    if (found !== null) broken = { ...found, inputNumber, input: input.bytes }
  }
  const last = { inputNumber: options.firstInput + inputCount - 1, input: new Uint8Array() }
  if (broken === null && prototypeKeys() !== prototypes) {
    broken = { promise: 'prototype', detail: 'a built-in prototype was changed', ...last }
  }
  const growthBytes = options.isMeasured ? usedBytesAfterCollection() - before : 0
  if (broken === null && growthBytes > MAX_GROWTH_BYTES) {
    broken = { promise: 'growth', detail: `${growthBytes} bytes are kept`, ...last }
  }
  return { inputCount, slowestMs, growthBytes, broken }
}

interface Cost {
  /** Of the processor, not of the clock: other programs cannot make a decoder look slow. */
  readonly spentMs: number
  readonly allocatedBytes: number
  readonly thrown: string | null
}

function measure(decoder: Decoder, input: SeededInput): Cost {
  const usedBefore = usedBytes()
  const spentBefore = process.threadCpuUsage()
  let thrown: string | null = null
  try {
    decoder.decode(input.bytes, input.options)
  } catch (error) {
    thrown = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const { user, system } = process.threadCpuUsage(spentBefore)
  return { spentMs: (user + system) / 1000, allocatedBytes: usedBytes() - usedBefore, thrown }
}

/** What an input really costs: one that costs too much is run again, and its best run counts. */
function confirmedCost(decoder: Decoder, input: SeededInput): Cost {
  const cost = measure(decoder, input)
  const isDear = cost.spentMs > MAX_INPUT_MS || cost.allocatedBytes > MAX_GROWTH_BYTES
  if (!isDear || cost.thrown !== null) return cost
  const runs = Array.from({ length: CONFIRMING_RUNS }, () => measure(decoder, input))
  const spentMs = Math.min(...runs.map((run) => run.spentMs))
  const allocatedBytes = Math.min(...runs.map((run) => run.allocatedBytes))
  return { spentMs, allocatedBytes, thrown: null }
}

function judge(cost: Cost, isMeasured: boolean): Pick<BrokenPromise, 'promise' | 'detail'> | null {
  if (cost.thrown !== null) return { promise: 'throw', detail: cost.thrown }
  if (!isMeasured) return null
  if (cost.spentMs > MAX_INPUT_MS) {
    return { promise: 'time', detail: `takes ${cost.spentMs.toFixed(1)} ms` }
  }
  return cost.allocatedBytes > MAX_GROWTH_BYTES
    ? { promise: 'allocation', detail: `allocates ${cost.allocatedBytes} bytes` }
    : null
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

function usedBytesAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return usedBytes()
}

/** Everything that a hostile key could have planted. */
function prototypeKeys(): string {
  const prototypes = [Object.prototype, Array.prototype, Map.prototype, Function.prototype]
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join(' ')).join('\n')
}
