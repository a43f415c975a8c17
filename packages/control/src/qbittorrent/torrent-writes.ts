/** Calls that change torrents, categories and tags. */
import type { Row } from '../compat/live-list.ts'
import type { Command, FilePriority, TorrentLimits } from '../contract.ts'
import {
  BAD_REQUEST,
  type Call,
  conflict,
  DONE,
  type Handler,
  idRunsOf,
  NOT_FOUND,
  type Reply,
  replyTo,
  rowsOf,
  text,
  writes,
} from './call.ts'
import { goalOf, minutesOf } from './goal-params.ts'
import { tagsOf } from './main-data.ts'

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

export const setCategory = writes(async (call) => {
  const name = call.params.text('category') ?? ''
  const isKnown = call.session.categories.some((category) => category.name === name)
  if (name !== '' && !isKnown) return conflict('Incorrect category name')
  const rows = rowsOf(call)
  if (rows === null) return BAD_REQUEST
  const category = name === '' ? null : name
  return runAll(call, rows, (ids) => ({ do: 'set-category', ids, category }))
})

export const createCategory = writes((call) => saveCategory(call, true))
export const editCategory = writes((call) => saveCategory(call, false))

function saveCategory(call: Call, isNew: boolean): Promise<Reply> | Reply {
  const name = call.params.text('category') ?? ''
  if (name === '') return text('Category cannot be empty', 400)
  const isKnown = call.session.categories.some((category) => category.name === name)
  if (isKnown === isNew) return conflict(`Unable to ${isNew ? 'create' : 'edit'} category`)
  const folder = call.params.text('savePath') ?? ''
  return run(call, { do: 'save-category', name, folder: folder === '' ? null : folder })
}

export const removeCategories = writes(async (call) => {
  const named = call.params.parts('categories', '\n')
  if (named.length === 0) return BAD_REQUEST
  for (const name of named) {
    if (!call.session.categories.some((category) => category.name === name)) continue
    const reply = await run(call, { do: 'remove-category', name })
    if (reply.status !== 200) return reply
  }
  return DONE
})

export const addTags = forTorrents((ids, { params }) =>
  tagCommand(ids, 'add', params.parts('tags', ',')),
)
export const removeTags = writes((call) => {
  const named = call.params.parts('tags', ',')
  // Without names: all of them, of each torrent.
  return forEach(call, ({ summary }) =>
    tagCommand([summary.id], 'remove', named.length === 0 ? summary.tags : named),
  )
})

function tagCommand(ids: string[], what: 'add' | 'remove', tags: readonly string[]): Command {
  return { do: 'tag', ids, [what]: [...tags] }
}

/** Tags without a torrent. */
export const SPARE_TAGS = 1_000

export const createTags = writes(({ params, world }) => {
  const tags = params.parts('tags', ',')
  if (tags.length === 0) return BAD_REQUEST
  for (const tag of tags) {
    if (world.spareTags.size < SPARE_TAGS && tag.length <= 64) world.spareTags.add(tag)
  }
  return DONE
})

/** Tags of one command. */
const TAGS_AT_ONCE = 32

export const deleteTags = writes(async (call) => {
  const named = new Set(call.params.parts('tags', ','))
  for (const tag of named) call.world.spareTags.delete(tag)
  const inUse = tagsOf(call.world).filter((tag) => named.has(tag))
  for (let at = 0; at < inUse.length; at += TAGS_AT_ONCE) {
    const tags = inUse.slice(at, at + TAGS_AT_ONCE)
    const rows = call.world.list
      .rows()
      .filter(({ summary }) => tags.some((tag) => summary.tags.includes(tag)))
    const reply = await runAll(call, rows, (ids) => tagCommand(ids, 'remove', tags))
    if (reply.status !== 200) return reply
  }
  return DONE
})

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

export const addTrackers = writes((call) => {
  const urls = call.params.parts('urls', '\n')
  return changeTrackers(call, (tiers) => {
    const known = new Set(tiers.flat())
    return [...tiers, ...urls.filter((url) => !known.has(url)).map((url) => [url])]
  })
})

export const editTracker = writes((call) => {
  const before = call.params.text('origUrl') ?? call.params.text('url') ?? ''
  const now = call.params.text('newUrl') ?? ''
  return changeTrackers(call, (tiers) => {
    if (now === '') return text('New tracker URL is invalid', 400)
    if (!tiers.flat().includes(before)) return conflict('Tracker not found')
    return tiers.map((tier) => tier.map((url) => (url === before ? now : url)))
  })
})

export const removeTrackers = writes((call) => {
  const urls = new Set(call.params.parts('urls', '|'))
  return changeTrackers(call, (tiers) => {
    if (!tiers.flat().some((url) => urls.has(url))) return conflict('No tracker of that address')
    return tiers
      .map((tier) => tier.filter((url) => !urls.has(url)))
      .filter((tier) => tier.length > 0)
  })
})

async function changeTrackers(
  call: Call,
  change: (tiers: string[][]) => string[][] | Reply,
): Promise<Reply> {
  const [row] = rowsOf(call) ?? []
  const detail = row === undefined ? null : await call.world.list.control.detail(row.summary.id)
  if (row === undefined || detail === null) return NOT_FOUND
  const before = new Map<number, string[]>()
  for (const { url, tier } of detail.trackers) {
    // What was cut or marked on its way to the screen would come back as something else.
    if (!/^[\x21-\x7e]+$/.test(url))
      return conflict('An address of this torrent cannot be repeated whole')
    before.set(tier, [...(before.get(tier) ?? []), url])
  }
  const tiers = change([...before.values()])
  if ('status' in tiers) return tiers
  return run(call, { do: 'set-trackers', id: row.summary.id, tiers })
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

async function run({ world }: Call, command: Command): Promise<Reply> {
  return replyTo(await world.list.run(command))
}

/** One command for all torrents that are named; those that are not there are passed over, as the original does. */
function forTorrents(commandOf: (ids: string[], call: Call) => Command | Reply): Handler {
  return writes(async (call) => {
    const rows = rowsOf(call)
    if (rows === null) return BAD_REQUEST
    return runAll(call, rows, (ids) => commandOf(ids, call))
  })
}

/** With no torrents at all the parameters are looked at all the same. */
async function runAll(
  call: Call,
  rows: readonly Row[],
  commandOf: (ids: string[]) => Command | Reply,
): Promise<Reply> {
  const first = commandOf([])
  if ('status' in first) return first
  for (const ids of idRunsOf(rows)) {
    const command = commandOf(ids)
    const reply = 'status' in command ? command : await run(call, command)
    if (reply.status !== 200) return reply
  }
  return DONE
}

/** A command for each torrent by itself. */
async function forEach(call: Call, commandOf: (row: Row) => Command): Promise<Reply> {
  const rows = rowsOf(call)
  if (rows === null) return BAD_REQUEST
  for (const row of rows) {
    const reply = await run(call, commandOf(row))
    if (reply.status !== 200) return reply
  }
  return DONE
}

function absent(words: string): Handler {
  return writes(() => conflict(words))
}
