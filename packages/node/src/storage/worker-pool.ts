import { Worker } from 'node:worker_threads'
import type { Job, JobResult, NumberedJob, NumberedResult } from './jobs.ts'

export interface WorkerPoolOptions {
  readonly workers: number
  /** Called when a worker died; its jobs were answered with `failed`. */
  readonly onCrash?: (error: Error | null) => void
  /** For tests: another script than the storage worker. */
  readonly script?: URL
}

/**
 * A few threads that hash and touch files. A job never throws and always gets an answer: when its worker dies, `failed`
 * with errno `worker-died`; after `close`, `failed` with errno `closed`. Threads start with the first job and are
 * started anew after a crash. Commits go out at once; of scans, only a few wait in each thread, so that a long recheck
 * never holds up a download.
 */
export class WorkerPool {
  readonly #threads: Thread[]
  readonly #waitingScans: Waiting[] = []
  #isClosed = false

  constructor(options: WorkerPoolOptions) {
    const script = options.script ?? STORAGE_WORKER
    const onCrash = options.onCrash ?? (() => {})
    this.#threads = Array.from(
      { length: Math.max(1, options.workers) },
      () => new Thread(script, onCrash, () => this.#sendScans()),
    )
  }

  run(job: Job): Promise<JobResult> {
    return new Promise((resolve) => {
      if (this.#isClosed) {
        resolve(CLOSED)
        return
      }
      if (job.kind === 'commit') {
        this.#idlest().send(job, resolve)
        return
      }
      this.#waitingScans.push({ job, resolve })
      this.#sendScans()
    })
  }

  /** Starts the threads, where they do not run yet: the first job then need not wait for that. */
  warm(): void {
    if (!this.#isClosed) for (const thread of this.#threads) thread.warm()
  }

  /** Lets running jobs end, refuses the rest, and ends the threads. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiting of this.#waitingScans.splice(0)) waiting.resolve(CLOSED)
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #idlest(): Thread {
    return this.#threads.reduce((best, next) => (next.loadBytes < best.loadBytes ? next : best))
  }

  #sendScans(): void {
    let thread = this.#freeForScan()
    while (thread !== undefined) {
      const next = this.#waitingScans.shift()
      if (next === undefined) return
      thread.send(next.job, next.resolve)
      thread = this.#freeForScan()
    }
  }

  #freeForScan(): Thread | undefined {
    let best: Thread | undefined
    for (const thread of this.#threads) {
      if (thread.scanCount >= SCANS_PER_THREAD && thread.scanBytes >= SCAN_BYTES) continue
      if (best === undefined || thread.loadBytes < best.loadBytes) best = thread
    }
    return best
  }
}

/** One is worked on while the next waits at the thread's door; small ones may be more, up to so many bytes. */
export const SCANS_PER_THREAD = 2
const SCAN_BYTES: number = 1024 * 1024
/** Small pieces that come in the same turn share a message up to this size. */
const BATCH_BYTES = 1024 * 1024

const STORAGE_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
)
const CLOSED: JobResult = { kind: 'failed', errno: 'closed', index: -1 }
const DIED: JobResult = { kind: 'failed', errno: 'worker-died', index: -1 }

interface Waiting {
  readonly job: Job
  readonly resolve: (result: JobResult) => void
}

interface Running extends Waiting {
  readonly loadBytes: number
}

class Thread {
  loadBytes = 0
  scanCount = 0
  scanBytes = 0
  readonly #script: URL
  readonly #onCrash: (error: Error | null) => void
  readonly #onFree: () => void
  readonly #running = new Map<number, Running>()
  #worker: Worker | null = null
  #nextId = 0
  #batch: NumberedJob[] = []
  #batchBytes = 0
  #whenIdle: (() => void) | null = null

  constructor(script: URL, onCrash: (error: Error | null) => void, onFree: () => void) {
    this.#script = script
    this.#onCrash = onCrash
    this.#onFree = onFree
  }

  send(job: Job, resolve: (result: JobResult) => void): void {
    const id = this.#nextId++
    const loadBytes = bytesOf(job)
    this.#running.set(id, { job, resolve, loadBytes })
    this.loadBytes += loadBytes
    if (job.kind === 'scan') {
      this.scanCount++
      this.scanBytes += loadBytes
    }
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush())
    this.#batch.push({ id, job })
    this.#batchBytes += loadBytes
    if (this.#batchBytes >= BATCH_BYTES) this.#flush()
  }

  warm(): void {
    if (this.#worker !== null) return
    try {
      this.#worker = this.#start()
      this.#worker.unref()
    } catch {
      // The first job will be told why.
    }
  }

  async close(): Promise<void> {
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #flush(): void {
    if (this.#batch.length === 0) return
    const jobs = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    try {
      this.#worker ??= this.#start()
      this.#worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(jobs)
    } catch (error) {
      this.#fail(error instanceof Error ? error : null)
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { name: 'pigeon-storage' })
    let cause: Error | null = null
    worker.on('message', (results: readonly NumberedResult[]) => this.#settle(results))
    worker.on('error', (error: unknown) => {
      cause = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#fail(cause)
    })
    return worker
  }

  #settle(results: readonly NumberedResult[]): void {
    for (const { id, result } of results) this.#finish(id, result)
    if (this.#running.size > 0) return
    this.#worker?.unref()
    this.#whenIdle?.()
  }

  #finish(id: number, result: JobResult): void {
    const running = this.#running.get(id)
    if (running === undefined) return
    this.#running.delete(id)
    this.loadBytes -= running.loadBytes
    running.resolve(result)
    if (running.job.kind === 'scan') {
      this.scanCount--
      this.scanBytes -= running.loadBytes
      this.#onFree()
    }
  }

  #fail(cause: Error | null): void {
    this.#onCrash(cause)
    for (const id of [...this.#running.keys()]) this.#finish(id, DIED)
    this.#whenIdle?.()
  }
}

function bytesOf(job: Job): number {
  if (job.kind === 'commit') return job.lengthBytes
  let sum = 0
  for (const run of job.runs) sum += run.lengthBytes
  return sum
}
