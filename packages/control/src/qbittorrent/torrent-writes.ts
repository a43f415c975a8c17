/** Calls that change torrents. */
import type { Command, FilePriority, TorrentLimits } from '../contract.ts'
import {
  BAD_REQUEST,
  type Call,
  conflict,
  DONE,
  type Handler,
  NOT_FOUND,
  type Reply,
  rowsOf,
  text,
  writes,
} from './call.ts'
import { goalOf, minutesOf } from './goal-params.ts'
import { forEach, forTorrents, run } from './run-command.ts'

export const pause = forTorrents((ids) => ({ do: 'pause', ids }))
export const resume = forTorrents((ids) => ({ do: 'resume', ids }))
export const recheck = forTorrents((ids) => ({ do: 'recheck', ids }))
export const reannounce = forTorrents((ids) => ({ do: 'reannounce', ids }))
export const topPrio = forTorrents((ids) => ({ do: 'queue', ids, to: 'top' }))
export const bottomPrio = forTorrents((ids) => ({ do: 'queue', ids, to: 'bottom' }))
export const increasePrio = forTorrents((ids) => ({ do: 'queue', ids, to: 'up' }))
export const decreasePrio = forTorrents((ids) => ({ do: 'queue', ids, to: 'down' }))

export const remove = forTorrents((ids, { params }) => {
  const deleteData = params.flag('deleteFiles')
  return deleteData === undefined ? BAD_REQUEST : { do: 'remove', ids, deleteData }
})

export const setForceStart = forTorrents((ids, { params }) => {
  const isForced = params.flag('value') ?? false
  return { do: 'resume', ids, isForced }
})

export const setLocation = forTorrents((ids, { params }) => {
  const folder = params.text('location') ?? ''
  if (folder === '') return text('Save path cannot be empty', 400)
  return folder.startsWith('/') ? { do: 'move', ids, folder } : conflict('The path is not absolute')
})

export const setDownloadLimit = forTorrents((ids, call) => rateCommand(ids, call, 'down'))
export const setUploadLimit = forTorrents((ids, call) => rateCommand(ids, call, 'up'))

function rateCommand(ids: string[], { params }: Call, which: 'down' | 'up'): Command | Reply {
  const limit = params.number('limit')
  if (limit === null) return BAD_REQUEST
  // Nothing and less than nothing mean "without limit" here.
  return { do: 'set-limits', ids, limits: { [which]: limit > 0 ? Math.floor(limit) : null } }
}

export const setShareLimits = forTorrents((ids, { params }) => {
  const limits: Partial<TorrentLimits> = {
    ...goalOf('ratio', params.number('ratioLimit')),
    ...goalOf('seedMs', minutesOf(params.number('seedingTimeLimit'))),
    ...goalOf('idleMs', minutesOf(params.number('inactiveSeedingTimeLimit'))),
  }
  return Object.keys(limits).length === 0 ? BAD_REQUEST : { do: 'set-limits', ids, limits }
})

export const toggleSequentialDownload = writes((call) =>
  forEach(call, ({ summary }) => ({
    do: 'set-sequential',
    ids: [summary.id],
    isSequential: !summary.isSequential,
  })),
)

/** What this node has not got: refused, and reported as off. */
export const toggleFirstLastPiecePrio = absent('This node gives first and last pieces no priority')
export const setSuperSeeding = absent('This node has no super seeding')
export const setAutoManagement = writes(({ params }) =>
  params.flag('enable') === true ? conflict('This node has no automatic torrent management') : DONE,
)
export const banPeers = absent('This node bans peers by itself only')

const PRIORITIES: ReadonlyMap<number, FilePriority> = new Map([
  [0, 'skip'],
  [1, 'normal'],
  [4, 'normal'],
  [6, 'high'],
  [7, 'high'],
])

export const filePrio = writes(async (call) => {
  const [row] = rowsOf(call) ?? []
  if (row === undefined) return NOT_FOUND
  const priority = PRIORITIES.get(call.params.number('priority') ?? Number.NaN)
  if (priority === undefined) return text('Priority is not valid', 400)
  const indexes = call.params.parts('id', '|').map(Number)
  if (indexes.length === 0 || indexes.some((index) => !Number.isInteger(index) || index < 0)) {
    return text('File IDs must be integers', 400)
  }
  const detail = await call.world.list.control.detail(row.summary.id)
  if (detail === null) return NOT_FOUND
  if (!row.summary.hasMetadata) return conflict("Torrent's metadata has not yet downloaded")
  if (indexes.some((index) => index >= detail.files.length)) return conflict('File ID is not valid')
  const files = indexes.map((index) => ({ index, priority }))
  return run(call, { do: 'set-files', id: row.summary.id, files })
})

export const rename = writes((call) => {
  const [row] = rowsOf(call) ?? []
  const name = call.params.text('name')?.trim() ?? ''
  if (row === undefined) return NOT_FOUND
  if (name === '') return conflict('Incorrect torrent name')
  return run(call, { do: 'rename', id: row.summary.id, name })
})

/** Of a file or folder within. Only its last name can change: nothing moves to another folder. */
export const renamePath = writes((call) => {
  const [row] = rowsOf(call) ?? []
  const path = call.params.text('oldPath') ?? ''
  const [folder, name] = splitPath(call.params.text('newPath') ?? '')
  if (row === undefined) return NOT_FOUND
  if (path === '' || name === '') return BAD_REQUEST
  if (splitPath(path)[0] !== folder) return conflict('This node only renames within one folder')
  return run(call, { do: 'rename', id: row.summary.id, path, name })
})

function splitPath(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/')
  return [path.slice(0, slash + 1), path.slice(slash + 1)]
}

export const addPeers = writes(async (call) => {
  const peers = call.params.parts('peers', '|').slice(0, 50)
  const rows = rowsOf(call)
  if (rows === null || peers.length === 0) return BAD_REQUEST
  for (const { summary } of rows) {
    for (const peer of peers) {
      const reply = await run(call, { do: 'add-peer', id: summary.id, peer })
      if (reply.status !== 200) return reply
    }
  }
  return DONE
})

function absent(words: string): Handler {
  return writes(() => conflict(words))
}
