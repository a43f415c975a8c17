/** Commands that make torrents on the node's machine, and look after that work. */
import type { Job, Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { formatBytes, formatDateTime, formatPercent } from '@pigeon/control/units'
import { jsonLine } from '../output.ts'
import { type Around, hasFlag, type NodeAction, pictureOf, textFlag, textFlags } from './around.ts'
import { report } from './perform.ts'
import { printTable } from './table.ts'
import { namesIn, readSize } from './values.ts'

export const share: NodeAction = async (around, given) => {
  const [path = ''] = given.args
  const size = textFlag(given, 'pieceLength')
  const pieceLength = size === undefined ? null : readSize(size)
  if (pieceLength !== null && isProblem(pieceLength)) return pieceLength
  const trackers = textFlags(given, 'tracker') ?? []
  const tags = namesIn(textFlags(given, 'tag') ?? [])
  const [comment, category] = [textFlag(given, 'comment'), textFlag(given, 'category')]
  const stopSaying = sayProgress(around, path)
  const result = await around.control.run({
    do: 'share',
    path,
    ...(trackers.length === 0 ? {} : { trackers: [...trackers] }),
    ...(pieceLength === null ? {} : { pieceLength: pieceLength.value }),
    ...(hasFlag(given, 'private') ? { isPrivate: true } : {}),
    ...(comment === undefined ? {} : { comment }),
    ...(category === undefined ? {} : { category }),
    ...(tags.length === 0 ? {} : { tags }),
  })
  stopSaying()
  return report(around, given, result, `Shared as ${result.ids.join(', ')}.`)
}

/** Of the hashing, at most so often; a tenth of it at least. */
const SAY_MS = 2_000

/** Says how far the job is; breaks it off when the signal comes. Answers how to end both. */
function sayProgress(around: Around, path: string): () => void {
  let saidMs = Date.now()
  let job: Job | undefined
  const stop = around.control.watch((update) => {
    if (update.kind === 'offline' || update.session === null) return
    job = update.session.jobs.findLast((each) => each.path === path)
    if (job === undefined || job.totalBytes === null || Date.now() - saidMs < SAY_MS) return
    saidMs = Date.now()
    around.note(`hashed ${formatBytes(job.doneBytes)} of ${formatBytes(job.totalBytes)}`)
  })
  const breakOff = (): void => {
    if (job !== undefined) void around.control.run({ do: 'cancel-job', job: job.id })
  }
  around.signal.addEventListener('abort', breakOff, { once: true })
  return () => {
    stop()
    around.signal.removeEventListener('abort', breakOff)
  }
}

export const jobs: NodeAction = async (around, given) => {
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  const { jobs: all } = picture.session
  if (hasFlag(given, 'json')) for (const job of all) around.print(jsonLine(job))
  else if (all.length === 0) around.note('No job runs.')
  else {
    const rows = all.map((job) => [
      job.path,
      job.id,
      job.kind,
      job.totalBytes === null ? 'counting' : formatPercent(job.doneBytes / (job.totalBytes || 1)),
      formatDateTime(job.startedAtMs),
    ])
    const titles = ['path', 'job', 'kind', 'done', 'since']
    printTable(around, titles, rows)
  }
  return null satisfies Problem | null
}

export const cancel: NodeAction = async (around, given) => {
  const [job = ''] = given.args
  const result = await around.control.run({ do: 'cancel-job', job })
  return report(around, given, result, `Broken off: ${job}.`)
}
