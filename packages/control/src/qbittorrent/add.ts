/** `torrents/add`: files, magnets and addresses, any number in one form. */
import { toDisplay } from '@pigeon/protocol/display'
import { defined } from '../compat/defined.ts'
import type { AddSource, Command, TorrentLimits } from '../contract.ts'
import { type Call, conflict, type Reply, replyTo, text, writes } from './call.ts'
import { goalOf, minutesOf } from './goal-params.ts'

/** Torrents of one form. */
export const ADDED_AT_ONCE = 64

type AddCommand = Extract<Command, { do: 'add' }>

export const add = writes(async (call) => {
  const unable = unableTo(call)
  if (unable !== null) return unable
  const sources = await sourcesOf(call)
  if (sources.length > ADDED_AT_ONCE) return conflict(`More than ${ADDED_AT_ONCE} torrents at once`)
  const refused = await ensureCategory(call)
  if (refused !== null) return refused
  const options = optionsOf(call)
  const caller = { scope: call.scope, reachesPrivate: call.world.reachesPrivate }
  let addedCount = 0
  for (const source of sources) {
    const result = await call.world.list.run({ do: 'add', source, ...options }, caller)
    const [id] = result.ids
    if (result.ok && id !== undefined) {
      addedCount += 1
      await rename(id, call)
    } else if (!result.ok && source.kind === 'metainfo' && NOT_TORRENTS.has(result.problem.code)) {
      return text(`Error: ${result.problem.message}`, 415)
    }
  }
  // One that could be added is enough, as in the original; clients know these two words.
  return text(addedCount > 0 ? 'Ok.' : 'Fails.')
}, 'add')

const NOT_TORRENTS: ReadonlySet<string> = new Set(['bad-torrent', 'bad-command'])

/** What changes the outcome and is not to be had here is said, not passed over. */
function unableTo({ params }: Call): Reply | null {
  const layout = params.text('contentLayout')
  if (layout !== null && layout !== '' && layout !== 'Original') {
    return conflict('This node keeps the layout of a torrent: choose "Original"')
  }
  if ((params.text('cookie') ?? '') !== '') {
    return conflict('This node sends no cookies: fetch the file, then send it')
  }
  return null
}

async function sourcesOf({ params, world }: Call): Promise<readonly AddSource[]> {
  const sources: AddSource[] = params.files.map((file) => ({
    kind: 'metainfo',
    base64: Buffer.from(file.buffer, file.byteOffset, file.length).toString('base64'),
  }))
  for (const line of params.parts('urls', '\n').slice(0, ADDED_AT_ONCE + 1)) {
    if (/^magnet:/i.test(line)) sources.push({ kind: 'magnet', uri: line })
    else if (/^[0-9a-f]{40}$/i.test(line)) {
      sources.push({ kind: 'magnet', uri: `magnet:?xt=urn:btih:${line}` })
    } else if ((await world.refuseUrl(line)) === null) sources.push({ kind: 'url', url: line })
  }
  return sources
}

/** A category that is new is made, as the original does. */
async function ensureCategory({ params, world, session, scope }: Call): Promise<Reply | null> {
  const name = params.text('category') ?? ''
  if (name === '' || session.categories.some((category) => category.name === name)) return null
  if (scope !== 'full') return conflict(toDisplay(`There is no category "${name}"`))
  const result = await world.list.run({ do: 'save-category', name })
  return result.ok ? null : replyTo(result)
}

function optionsOf({ params }: Call): Omit<AddCommand, 'do' | 'source'> {
  const limits: Partial<TorrentLimits> = {
    ...rateOf('down', params.number('dlLimit')),
    ...rateOf('up', params.number('upLimit')),
    ...goalOf('ratio', params.number('ratioLimit')),
    ...goalOf('seedMs', minutesOf(params.number('seedingTimeLimit'))),
    ...goalOf('idleMs', minutesOf(params.number('inactiveSeedingTimeLimit'))),
  }
  const tags = params.parts('tags', ',')
  return defined({
    folder: textOf(params.text('savepath')),
    category: textOf(params.text('category')),
    tags: tags.length === 0 ? undefined : [...tags],
    isPaused: params.flag('paused') ?? params.flag('stopped'),
    isSequential: params.flag('sequentialDownload'),
    isForced: params.flag('forced'),
    isFirst: params.flag('addToTopOfQueue'),
    stopAt: params.text('stopCondition') === 'MetadataReceived' ? ('metadata' as const) : undefined,
    limits: Object.keys(limits).length === 0 ? undefined : limits,
  })
}

function rateOf(which: 'down' | 'up', limit: number | null): Partial<TorrentLimits> {
  return limit === null || limit < 1 ? {} : { [which]: Math.floor(limit) }
}

async function rename(id: string, { params, world }: Call): Promise<void> {
  const name = params.text('rename')?.trim() ?? ''
  // Where it cannot be renamed (a magnet has no files yet) it is shown by its own name.
  if (name !== '') await world.list.run({ do: 'rename', id, name })
}

function textOf(value: string | null): string | undefined {
  return value === null || value === '' ? undefined : value
}
