/**
 * npm run fuzz -- [DECODER|all] [--inputs 1000000] [--seed N] [--input N]
 *
 * Feeds each decoder mutated inputs, as many decoders at once as there are processors. A decoder is left at its first
 * input that throws, takes more than 50 ms, allocates or keeps more than 16 MiB, or changes a built-in prototype; then
 * the program exits with 1. The same seed gives the same inputs; `--input` replays one of them.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { allDecoders, type Decoder } from './decoders.ts'
import { makeInput, type TrialReport } from './trial.ts'
import type { WorkerTask } from './worker.ts'

/** An input that is not done by then never will be. */
const HANG_MS = 10_000
const SHOWN_INPUT_BYTES = 2000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    input: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})
const seed = wholeNumber('--seed', values.seed ?? String(process.pid))
const onlyInput = values.input === undefined ? null : wholeNumber('--input', values.input)
const inputCount = onlyInput === null ? wholeNumber('--inputs', values.inputs) : 1
const wanted = positionals[0] ?? 'all'
const decoders = allDecoders().filter(({ name }) => wanted === 'all' || name === wanted)

if (values.list) {
  for (const { name } of decoders) console.log(name)
} else if (decoders.length === 0) {
  console.error(`No decoder is named ${wanted}; --list names them.`)
  process.exitCode = 2
} else {
  console.log(`seed ${seed}, ${inputCount} inputs a decoder`)
  const waiting = decoders.values()
  await Promise.all(Array.from({ length: availableParallelism() }, () => fuzzAll(waiting)))
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    console.error(`${option} takes a whole number of at most nine digits.`)
    process.exit(2)
  }
  return Number(text)
}

/** Several of these share the decoders that wait. */
async function fuzzAll(waiting: Iterable<Decoder>): Promise<void> {
  for (const decoder of waiting) if (!(await fuzz(decoder))) process.exitCode = 1
}

async function fuzz(decoder: Decoder): Promise<boolean> {
  const startMs = performance.now()
  const report = await runInWorker(decoder)
  const seconds = (performance.now() - startMs) / 1000
  const { broken } = report
  const figures = [
    `${report.inputCount} inputs in ${seconds.toFixed(1)} s`,
    `slowest ${report.slowestMs.toFixed(1)} ms`,
    `kept ${(report.growthBytes / 2 ** 20).toFixed(1)} MiB`,
  ]
  console.log(`${broken === null ? 'ok  ' : 'FAIL'} ${decoder.name}: ${figures.join(', ')}`)
  if (broken === null) return true
  const input = makeInput(decoder, seed, broken.inputNumber).bytes
  console.log(`     ${broken.promise}: ${broken.detail}`)
  console.log(`     input ${broken.inputNumber}, ${input.length} bytes: ${shortHex(input)}`)
  console.log(
    `     again: npm run fuzz -- ${decoder.name} --seed ${seed} --input ${broken.inputNumber}`,
  )
  return false
}

function shortHex(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, SHOWN_INPUT_BYTES)).toString('hex')
  return bytes.length > SHOWN_INPUT_BYTES ? `${hex}...` : hex
}

function runInWorker(decoder: Decoder): Promise<TrialReport> {
  const progress = new SharedArrayBuffer(4)
  const firstInput = onlyInput ?? 0
  const task: WorkerTask = { decoderName: decoder.name, seed, firstInput, inputCount, progress }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task })
  return new Promise((resolve, reject) => {
    const current = new Int32Array(progress)
    let lastInput = -1
    const watch = setInterval(() => {
      const inputNumber = Atomics.load(current, 0)
      if (inputNumber !== lastInput || inputNumber === 0) {
        lastInput = inputNumber
        return
      }
      finish({
        inputCount: inputNumber - firstInput + 1,
        slowestMs: HANG_MS,
        growthBytes: 0,
        broken: { promise: 'time', detail: 'never ends', inputNumber, input: new Uint8Array() },
      })
    }, HANG_MS)
    const finish = (report: TrialReport): void => {
      clearInterval(watch)
      void worker.terminate()
      resolve(report)
    }
    worker.once('message', finish)
    worker.once('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
  })
}
