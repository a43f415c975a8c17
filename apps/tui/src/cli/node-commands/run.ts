/** Commands that pause, resume, remove, check, announce and queue torrents. */
import { isProblem, problem } from '@pigeon/control/problems'
import { formatBytes } from '@pigeon/control/units'
import type { CommandResult, Problem, TorrentSummary } from '@pigeon/control/contract'
import { type Around, type Given, hasFlag, type NodeAction } from './around.ts'
import { changeAll, countOrName, report, runForAll, torrentsGiven } from './perform.ts'

export const pause: NodeAction = (around, given) =>
  changeAll(around, given, given.args, 'Paused', (ids) => ({ do: 'pause', ids }))

export const resume: NodeAction = (around, given) => {
  const { force } = given.flags
  const forced = typeof force === 'boolean' ? { isForced: force } : {}
  return changeAll(around, given, given.args, 'Resumed', (ids) => ({
    do: 'resume',
    ids,
    ...forced,
  }))
}

export const recheck: NodeAction = (around, given) =>
  changeAll(around, given, given.args, 'Checking', (ids) => ({ do: 'recheck', ids }))

export const reannounce: NodeAction = (around, given) =>
  changeAll(around, given, given.args, 'Asking the trackers of', (ids) => ({
    do: 'reannounce',
    ids,
  }))

const PLACES = ['top', 'up', 'down', 'bottom'] as const

export const queue: NodeAction = async (around, given) => {
  const [word, ...words] = given.args
  const to = PLACES.find((place) => place === word)
  if (to === undefined) return BAD_PLACE
  return changeAll(around, given, words, `Moved (${to})`, (ids) => ({ do: 'queue', ids, to }))
}

export const remove: NodeAction = async (around, given) => {
  const torrents = await torrentsGiven(around, given.args)
  if (isProblem(torrents)) return torrents
  if (torrents.length === 0)
    return report(around, given, NOTHING_DONE, 'There is nothing to remove.')
  const deleteData = hasFlag(given, 'data')
  const refused = await askToRemove(around, given, torrents, deleteData)
  if (refused !== null) return refused
  const result = await runForAll(around, torrents, (ids) => ({ do: 'remove', ids, deleteData }))
  const rest = deleteData ? 'and its data' : 'its data stays'
  return report(around, given, result, `Removed ${countOrName(torrents, result.ids)}; ${rest}.`)
}

async function askToRemove(
  around: Around,
  given: Given,
  torrents: readonly TorrentSummary[],
  deleteData: boolean,
): Promise<Problem | null> {
  if (hasFlag(given, 'yes')) return null
  const what = countOrName(
    torrents,
    torrents.map(({ id }) => id),
  )
  const doneBytes = torrents.reduce((sum, torrent) => sum + torrent.doneBytes, 0)
  const question = deleteData
    ? `Remove ${what} and DELETE the data (${formatBytes(doneBytes)})? There is no way back.`
    : `Remove ${what}? The data stays.`
  const answer = await around.ask(question)
  if (answer === true) return null
  return answer === false ? NOT_CONFIRMED : NOBODY_TO_ASK
}

const NOTHING_DONE: CommandResult = { ok: true, ids: [] }
const NOT_CONFIRMED = problem('cancelled', 'Nothing was removed.', '')
const NOBODY_TO_ASK = problem(
  'usage',
  'Nothing was removed: this has to be confirmed, and there is nobody to ask.',
  'Say --yes to do it without a question.',
)
const BAD_PLACE = problem(
  'usage',
  'That is no move in the queue.',
  'Say one of top, up, down, bottom.',
)
