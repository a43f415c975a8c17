/**
 * Which torrents a user means: the beginning of an id, a name, `#3` for a place in the queue, `all`, or a filter.
 */
import type { Problem, TorrentSummary } from '@pigeon/control/contract'
import { FILTER_FIELDS, parseFilter } from '@pigeon/control/filter'
import { isProblem, problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'

/** Shorter beginnings of an id are more likely words. */
const LEAST_ID_CHARACTERS = 4
/** So many, and so much of their names, that the message stays short enough to be shown whole. */
const CANDIDATES = 6
const CANDIDATE_CHARACTERS = 40
/** What makes a text a filter that may mean many, and not the name of one. */
const FILTER_SIGNS = /[<>=~:&|!()]/
const OPERATOR = /^[&|!()]+$/
/** Words such as `paused`, which are filters too. */
const FLAGS = new Set(FILTER_FIELDS.filter(({ kind }) => kind === 'flag').map(({ name }) => name))

/** Each once, in the order of the list; a problem when one of the words means none, or cannot tell which. */
export function chooseTorrents(
  words: readonly string[],
  torrents: readonly TorrentSummary[],
): readonly TorrentSummary[] | Problem {
  // `progress<100 & tag:iso` came apart at its spaces.
  const names = words.some((word) => OPERATOR.test(word)) ? [words.join(' ')] : words
  const chosen = new Set<TorrentSummary>()
  for (const name of names) {
    const found = torrentsNamed(name, torrents)
    if (isProblem(found)) return found
    for (const torrent of found) chosen.add(torrent)
  }
  return torrents.filter((torrent) => chosen.has(torrent))
}

/** As `chooseTorrents`, where only one can be meant. */
export function chooseTorrent(
  name: string,
  torrents: readonly TorrentSummary[],
): TorrentSummary | Problem {
  const found = torrentsNamed(name, torrents)
  if (isProblem(found)) return found
  const [first, second] = found
  if (first === undefined) return nothingMatches(name)
  return second === undefined ? first : ambiguous(name, found)
}

function torrentsNamed(
  name: string,
  torrents: readonly TorrentSummary[],
): readonly TorrentSummary[] | Problem {
  if (name === 'all' || name === '*') return torrents
  const place = /^#(\d{1,7})$/.exec(name)?.[1]
  if (place !== undefined) return atPlace(Number(place), torrents)
  const byName = torrents.filter((torrent) => torrent.name === name)
  if (byName.length > 0) return oneOf(name, byName)
  const byId = torrentsById(name.toLowerCase(), torrents)
  if (byId.length > 0) return oneOf(name, byId)
  return matching(name, torrents)
}

function atPlace(
  place: number,
  torrents: readonly TorrentSummary[],
): readonly TorrentSummary[] | Problem {
  const found = torrents.filter(({ queuePosition }) => queuePosition === place - 1)
  if (found.length > 0) return found
  return problem(
    'not-found',
    `No torrent has place ${place} in the queue.`,
    'The queue holds what still downloads; "pigeon list --sort queue" shows it.',
  )
}

function torrentsById(start: string, torrents: readonly TorrentSummary[]): TorrentSummary[] {
  if (start.length < LEAST_ID_CHARACTERS || !/^[0-9a-f]+$/.test(start)) return []
  return torrents.filter((torrent) =>
    [torrent.id, torrent.infoHashV1, torrent.infoHashV2].some((id) => id?.startsWith(start)),
  )
}

function matching(
  text: string,
  torrents: readonly TorrentSummary[],
): readonly TorrentSummary[] | Problem {
  const parsed = parseFilter(text)
  if (!parsed.ok) return parsed.problem
  const found = torrents.filter((torrent) => parsed.filter.matches(torrent))
  if (FILTER_SIGNS.test(text) || FLAGS.has(text.toLowerCase())) return found
  return found.length === 0 ? nothingMatches(text) : oneOf(text, found)
}

function oneOf(
  name: string,
  found: readonly TorrentSummary[],
): readonly TorrentSummary[] | Problem {
  return found.length === 1 ? found : ambiguous(name, found)
}

function nothingMatches(name: string): Problem {
  return problem(
    'not-found',
    `No torrent is called ${toDisplay(name)}, and none matches it.`,
    'Name it by the beginning of its id, its exact name, #1 for a place in the queue, or a filter such as progress<100.',
  )
}

function ambiguous(name: string, found: readonly TorrentSummary[]): Problem {
  const shown = found
    .slice(0, CANDIDATES)
    .map(({ id, name: called }) => `${id.slice(0, 12)} ${toDisplay(called, CANDIDATE_CHARACTERS)}`)
  const rest = found.length - shown.length
  return problem(
    'ambiguous',
    `${toDisplay(name)} may mean ${found.length} torrents: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`,
    'Give the beginning of one id, or a filter (name~text) to mean all of them.',
  )
}
