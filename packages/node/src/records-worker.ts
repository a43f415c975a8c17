/**
 * The thread that owns the database of records: a durable write waits for the disk, and nothing else should wait with it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isIoProblem } from '@pigeon/engine/problem'
import type { RecordsAnswer, RecordsRequest } from './records-messages.ts'
import { openRecords, type Records } from './records.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the host hands over exactly this
const { folder } = workerData as { readonly folder: string }
const records = openRecords(folder)

if (isIoProblem(records)) answer({ kind: 'refused', problem: records })
else {
  answer({ kind: 'opened', setAside: records.setAside })
  parentPort?.on('message', (request: RecordsRequest) => void serve(records, request))
}

async function serve(open: Records, request: RecordsRequest): Promise<void> {
  answer({ kind: 'result', id: request.id, result: await perform(open, request) })
  if (request.kind !== 'close') return
  parentPort?.close()
}

function perform(open: Records, request: RecordsRequest): Promise<unknown> {
  switch (request.kind) {
    case 'loadAll':
      return open.loadAll()
    case 'save':
      return open.save(request.record)
    case 'saveOptions':
      return open.saveOptions(request.torrentId, request.optionsJson)
    case 'saveProgress':
      return open.saveProgress(request.torrentId, request.progress)
    case 'remove':
      return open.remove(request.torrentId)
    case 'loadSettings':
      return open.loadSettings()
    case 'loadBlob':
      return open.loadBlob(request.name)
    case 'saveBlob':
      return open.saveBlob(request.name, request.bytes)
    case 'saveSettings':
      return open.saveSettings(request.json)
    case 'close':
      open.close()
      return Promise.resolve(null)
    default:
      return request satisfies never
  }
}

function answer(message: RecordsAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message)
}
