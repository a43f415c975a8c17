/**
 * Records in a thread of their own: the same answers as `openRecords` gives, without the main thread ever waiting for
 * the disk. When the thread dies, every call is answered with a problem.
 */
import { Worker } from 'node:worker_threads'
import type { RecordPort, TorrentProgress, TorrentRecord } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'
import type { RecordsAnswer, RecordsCall } from './records-messages.ts'

export interface ThreadedRecords extends RecordPort {
  /** Set when a broken database was found at opening and put aside; the records began anew. */
  readonly setAside: IoProblem | null
  /** After all that was asked before. */
  close(): Promise<void>
}

/** Opens the records of a state folder, or says why that cannot be done. */
export function openRecordsThread(folder: string): Promise<ThreadedRecords | IoProblem> {
  return new Promise((resolve) => {
    const worker = new Worker(SCRIPT, { workerData: { folder }, execArgv: EXEC_ARGV })
    worker.once('error', (error: Error) => resolve(diedProblem(error.message)))
    worker.once('exit', () => resolve(diedProblem('it ended')))
    worker.once('message', (answer: RecordsAnswer) => {
      if (answer.kind === 'opened') resolve(new RecordsHost(worker, answer.setAside))
      else resolve(answer.kind === 'refused' ? answer.problem : diedProblem('it spoke out of turn'))
    })
  })
}

const IS_SOURCE = import.meta.url.endsWith('.ts')
const SCRIPT = new URL(IS_SOURCE ? './records-worker.ts' : './records-worker.js', import.meta.url)
/** From source, the thread resolves its siblings from source too. */
const EXEC_ARGV = IS_SOURCE ? ['--conditions=pigeon-source'] : []

class RecordsHost implements ThreadedRecords {
  readonly setAside: IoProblem | null
  readonly #worker: Worker
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #nextId = 0
  #died: IoProblem | null = null

  constructor(worker: Worker, setAside: IoProblem | null) {
    this.setAside = setAside
    this.#worker = worker
    worker.on('message', (answer: RecordsAnswer) => {
      if (answer.kind !== 'result') return
      this.#waiting.get(answer.id)?.(answer.result)
      this.#waiting.delete(answer.id)
    })
    worker.on('error', (error: Error) => this.#die(error.message))
    worker.on('exit', () => this.#die('it ended'))
  }

  loadAll(): Promise<readonly TorrentRecord[] | IoProblem> {
    return this.#call({ kind: 'loadAll' })
  }

  save(record: TorrentRecord): Promise<IoProblem | null> {
    return this.#call({ kind: 'save', record })
  }

  saveOptions(torrentId: string, optionsJson: string): Promise<IoProblem | null> {
    return this.#call({ kind: 'saveOptions', torrentId, optionsJson })
  }

  saveProgress(torrentId: string, progress: TorrentProgress): Promise<IoProblem | null> {
    return this.#call({ kind: 'saveProgress', torrentId, progress })
  }

  remove(torrentId: string): Promise<IoProblem | null> {
    return this.#call({ kind: 'remove', torrentId })
  }

  async loadSettings(): Promise<string | null> {
    const json = await this.#call<string | null | IoProblem>({ kind: 'loadSettings' })
    return typeof json === 'string' ? json : null
  }

  async loadBlob(name: string): Promise<Uint8Array | null> {
    const bytes = await this.#call<Uint8Array | null | IoProblem>({ kind: 'loadBlob', name })
    return bytes instanceof Uint8Array ? bytes : null
  }

  saveBlob(name: string, bytes: Uint8Array): Promise<IoProblem | null> {
    return this.#call({ kind: 'saveBlob', name, bytes })
  }

  saveSettings(json: string): Promise<IoProblem | null> {
    return this.#call({ kind: 'saveSettings', json })
  }

  async close(): Promise<void> {
    await this.#call({ kind: 'close' })
    await this.#worker.terminate()
  }

  /** The thread answers each call with what its method gives: `T`, or a problem where that is one of its answers. */
  #call<T>(call: RecordsCall): Promise<T> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve) => {
      // The other end runs, for each kind of call, the method of that name.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- so the answer is what that method gives
      const settle = resolve as (result: unknown) => void
      if (this.#died !== null) {
        settle(this.#died)
        return
      }
      this.#waiting.set(id, settle)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage({ id, ...call })
    })
  }

  #die(why: string): void {
    this.#died ??= diedProblem(why)
    for (const settle of this.#waiting.values()) settle(this.#died)
    this.#waiting.clear()
  }
}

function diedProblem(why: string): IoProblem {
  return ioProblem(
    'disk-error',
    `The thread that keeps the records is gone: ${why}`,
    'Start Pigeon again; what was recorded before is safe.',
  )
}
