/** One trial in a thread of its own, so that the program notices an input that never ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { allDecoders } from './decoders.ts'
import { runTrial } from './trial.ts'

/** What `main.ts` hands over. */
export interface WorkerTask {
  readonly decoderName: string
  readonly seed: number
  readonly firstInput: number
  readonly inputCount: number
  /** The number of the input that is being decoded. */
  readonly progress: SharedArrayBuffer
}

// Only `main.ts` starts this file, and hands over just that.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const task = workerData as WorkerTask
const decoder = allDecoders().find(({ name }) => name === task.decoderName)
if (decoder === undefined) throw new Error(`No decoder is named ${task.decoderName}`)
const progress = new Int32Array(task.progress)
const report = runTrial(decoder, {
  ...task,
  isMeasured: true,
  onInput: (inputNumber) => Atomics.store(progress, 0, inputNumber),
})
// A thread's port has no origin, unlike a window's.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(report)
