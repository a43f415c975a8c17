/** Commands that change what torrents are called, where they lie and what of them is wanted. */
import { FilePriority } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { type NodeAction, textFlag } from './around.ts'
import { changeAll, report, torrentGiven } from './perform.ts'
import { badValue, readIndexes, readOnOff } from './values.ts'

export const move: NodeAction = (around, given) => {
  const [folder = '', ...words] = given.args
  return changeAll(around, given, words, `Moving to ${folder}:`, (ids) => ({
    do: 'move',
    ids,
    folder,
  }))
}

export const rename: NodeAction = async (around, given) => {
  const [name = '', word] = given.args
  const torrent = await torrentGiven(around, word)
  if (isProblem(torrent)) return torrent
  const path = textFlag(given, 'path')
  const within = path === undefined ? {} : { path }
  const result = await around.control.run({ do: 'rename', id: torrent.id, name, ...within })
  return report(around, given, result, `Renamed ${path ?? torrent.name}.`)
}

export const sequential: NodeAction = async (around, given) => {
  const [text = '', ...words] = given.args
  const isSequential = readOnOff(text)
  if (isProblem(isSequential)) return isSequential
  const did = isSequential.value ? 'In order:' : 'Rarest first:'
  return changeAll(around, given, words, did, (ids) => ({
    do: 'set-sequential',
    ids,
    isSequential: isSequential.value,
  }))
}

export const peer: NodeAction = async (around, given) => {
  const [address = '', word] = given.args
  const torrent = await torrentGiven(around, word)
  if (isProblem(torrent)) return torrent
  const result = await around.control.run({ do: 'add-peer', id: torrent.id, peer: address })
  return report(around, given, result, `Trying ${address} for ${torrent.name}.`)
}

export const priority: NodeAction = async (around, given) => {
  const [level = '', fileText = '', word] = given.args
  const parsed = FilePriority.safeParse(level)
  if (!parsed.success) return badValue(level, `one of ${FilePriority.options.join(', ')}`)
  const torrent = await torrentGiven(around, word)
  if (isProblem(torrent)) return torrent
  const detail = await around.control.detail(torrent.id)
  const known = detail?.files ?? []
  if (known.length === 0) return FILES_UNKNOWN
  const indexes =
    fileText === 'all' ? { value: known.map(({ index }) => index) } : readIndexes(fileText)
  if (isProblem(indexes)) return indexes
  const missing = indexes.value.find((index) => !known.some((file) => file.index === index))
  if (missing !== undefined) return noSuchFile(missing, known.length)
  const files = indexes.value.map((index) => ({ index, priority: parsed.data }))
  const result = await around.control.run({ do: 'set-files', id: torrent.id, files })
  const count = files.length === 1 ? '1 file' : `${files.length} files`
  return report(around, given, result, `${torrent.name}: ${count} at ${parsed.data}.`)
}

const FILES_UNKNOWN = problem(
  'metadata-unknown',
  'The files of this torrent are not known yet.',
  'Wait until a peer has sent its metadata.',
)

function noSuchFile(index: number, count: number) {
  return problem(
    'bad-value',
    `The torrent has no file ${index}: they are numbered from 0 to ${count - 1}.`,
    '"pigeon files" lists them with their numbers.',
  )
}
