/** Gives a node its commands, and says what came of them. */
import type { Command, CommandResult, Problem, TorrentSummary } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, pictureOf } from './around.ts'
import { chooseTorrent, chooseTorrents } from './choose-torrents.ts'

/** Torrents of one command, as the contract bounds them. */
export const IDS_PER_COMMAND = 10_000

/** The torrents that the words mean, or those that are selected where there are no words. */
export async function torrentsGiven(
  around: Around,
  words: readonly string[],
): Promise<readonly TorrentSummary[] | Problem> {
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  const { selected } = around
  if (words.length > 0 || selected === null) return chooseTorrents(words, picture.torrents)
  const found = picture.torrents.filter(({ id }) => selected.includes(id))
  return found.length > 0 ? found : NOTHING_SELECTED
}

/** As `torrentsGiven`, where only one can be meant. */
export async function torrentGiven(
  around: Around,
  word: string | undefined,
): Promise<TorrentSummary | Problem> {
  if (word !== undefined) {
    const picture = await pictureOf(around.control)
    return isProblem(picture) ? picture : chooseTorrent(word, picture.torrents)
  }
  const found = await torrentsGiven(around, [])
  if (isProblem(found)) return found
  const [first, second] = found
  return first !== undefined && second === undefined ? first : SEVERAL_SELECTED
}

/** Runs one command for many torrents, in as many steps as it takes. */
export async function runForAll(
  { control }: Around,
  torrents: readonly TorrentSummary[],
  commandFor: (ids: string[]) => Command,
): Promise<CommandResult> {
  const done: string[] = []
  for (let at = 0; at < torrents.length; at += IDS_PER_COMMAND) {
    const ids = torrents.slice(at, at + IDS_PER_COMMAND).map(({ id }) => id)
    const result = await control.run(commandFor(ids))
    done.push(...result.ids)
    if (!result.ok) return { ...result, ids: done }
  }
  return { ok: true, ids: done }
}

/** Finds the torrents, runs the command for them and reports it in a sentence that begins with `did`. */
export async function changeAll(
  around: Around,
  given: Given,
  words: readonly string[],
  did: string,
  commandFor: (ids: string[]) => Command,
): Promise<Problem | null> {
  const torrents = await torrentsGiven(around, words)
  if (isProblem(torrents)) return torrents
  const result = await runForAll(around, torrents, commandFor)
  return report(around, given, result, `${did} ${countOrName(torrents, result.ids)}.`)
}

/** Prints the result as JSON or `said`; answers what went wrong. */
export function report(
  around: Around,
  given: Given,
  result: CommandResult,
  said: string,
): Problem | null {
  if (hasFlag(given, 'json')) around.print(jsonLine(result))
  else if (result.ok) around.print(said)
  return result.ok ? null : result.problem
}

/** The name of the one torrent that was touched, or how many were. */
export function countOrName(torrents: readonly TorrentSummary[], ids: readonly string[]): string {
  const [first] = ids
  if (ids.length === 1) return torrents.find(({ id }) => id === first)?.name ?? '1 torrent'
  return ids.length === 0 ? 'nothing: no torrent matches' : `${ids.length} torrents`
}

const NOTHING_SELECTED = problem(
  'usage',
  'No torrent is selected.',
  'Select one, or name it: by the beginning of its id, its name, #1 or a filter.',
)

const SEVERAL_SELECTED = problem(
  'usage',
  'This is for one torrent only, and several are selected.',
  'Name the one that is meant.',
)
