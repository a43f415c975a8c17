/**
 * A storage worker: hashes, writes and reads on a thread of its own. Synchronous by intent, for nothing else runs here.
 * Knows only Node and `perform`'s words, so that the same file runs from source and from the build.
 */
import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type {
  CommitJob,
  Job,
  JobResult,
  NumberedJob,
  NumberedResult,
  Run,
  ScanJob,
} from './jobs.ts'

/** One read of a scan, small enough to stay in the processor's cache until it is hashed. */
const STEP_BYTES = 256 * 1024

const step = new Uint8Array(STEP_BYTES)
const zeros = new Uint8Array(64 * 1024)

/** The file that the last run named by path: the next run often goes on in it. */
let lastPath: string | null = null
let lastFd = -1

parentPort?.on('message', (jobs: readonly NumberedJob[]) => {
  const results: NumberedResult[] = []
  for (const { id, job } of jobs) results.push({ id, result: perform(job) })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(results)
})

function perform(job: Job): JobResult {
  return job.kind === 'commit' ? commit(job) : scan(job)
}

function commit(job: CommitJob): JobResult {
  const bytes = new Uint8Array(job.shared, 0, job.lengthBytes)
  if (job.check !== null) {
    const digest = hash(job.check.algorithm, bytes, 'buffer')
    if (!digest.equals(job.check.digest)) return { kind: 'mismatch' }
  }
  for (const [index, write] of job.writes.entries()) {
    try {
      writeAll(bytes, write)
    } catch (error) {
      return failed(error, index)
    }
  }
  return { kind: 'ok' }
}

function writeAll(bytes: Uint8Array, write: CommitJob['writes'][number]): void {
  let done = 0
  while (done < write.lengthBytes) {
    done += writeSync(
      write.fd,
      bytes,
      write.pieceOffset + done,
      write.lengthBytes - done,
      write.fileOffset + done,
    )
  }
}

function scan(job: ScanJob): JobResult {
  let totalBytes = 0
  for (const run of job.runs) totalBytes += run.lengthBytes
  // What fits is gathered and hashed in one call; anything longer goes through an incremental hash.
  const sink = totalBytes <= STEP_BYTES ? null : createHash(job.algorithm)
  let gatheredBytes = 0
  for (const [index, run] of job.runs.entries()) {
    let doneBytes = 0
    while (doneBytes < run.lengthBytes) {
      const room = STEP_BYTES - gatheredBytes
      const wanted = Math.min(run.lengthBytes - doneBytes, room)
      let gotBytes: number
      try {
        gotBytes = readRun(run, doneBytes, gatheredBytes, wanted)
      } catch (error) {
        return failed(error, index)
      }
      if (gotBytes === 0) return { kind: 'missing', index }
      doneBytes += gotBytes
      gatheredBytes += gotBytes
      if (gatheredBytes === STEP_BYTES && sink !== null) {
        sink.update(step)
        gatheredBytes = 0
      }
    }
  }
  const rest = step.subarray(0, gatheredBytes)
  const digest = sink === null ? hash(job.algorithm, rest, 'buffer') : sink.update(rest).digest()
  if (job.digest === null) return { kind: 'digest', digest: new Uint8Array(digest) }
  return digest.equals(job.digest) ? { kind: 'ok' } : { kind: 'mismatch' }
}

function readRun(run: Run, skipBytes: number, at: number, lengthBytes: number): number {
  if (run.from === null) {
    const zeroBytes = Math.min(lengthBytes, zeros.length)
    step.set(zeros.subarray(0, zeroBytes), at)
    return zeroBytes
  }
  const fd = typeof run.from === 'number' ? run.from : openByPath(run.from)
  return readSync(fd, step, at, lengthBytes, run.fileOffset + skipBytes)
}

function openByPath(path: string): number {
  if (path === lastPath) return lastFd
  if (lastPath !== null) closeSync(lastFd)
  lastPath = null
  // Non-blocking, or a named pipe in the place of a file would hang the thread.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (!fstatSync(fd).isFile()) {
    closeSync(fd)
    throw Object.assign(new Error('not a regular file'), { code: 'EISDIR' })
  }
  lastPath = path
  lastFd = fd
  return fd
}

function failed(error: unknown, index: number): JobResult {
  const isNamed = typeof error === 'object' && error !== null && 'code' in error
  return { kind: 'failed', errno: isNamed ? String(error.code) : String(error), index }
}
