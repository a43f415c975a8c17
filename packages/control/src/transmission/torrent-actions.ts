/** Methods that do one thing to some torrents. */
import { z } from 'zod'
import type { Command, CommandResult } from '../contract.ts'
import * as argument from './arguments.ts'
import { chosen } from './chosen.ts'
import { type Call, DONE, type Method, method, type Outcome, outcomeOf, refuse } from './outcome.ts'

/** Torrents of one command. */
const TORRENTS_AT_ONCE = 10_000

export const torrentStart = action((ids) => ({ do: 'resume', ids, isForced: false }))
export const torrentStartNow = action((ids) => ({ do: 'resume', ids, isForced: true }))
export const torrentStop = action((ids) => ({ do: 'pause', ids }))
export const torrentVerify = action((ids) => ({ do: 'recheck', ids }))
export const torrentReannounce = action((ids) => ({ do: 'reannounce', ids }))
export const queueMoveTop = action((ids) => ({ do: 'queue', ids, to: 'top' }))
export const queueMoveUp = action((ids) => ({ do: 'queue', ids, to: 'up' }))
export const queueMoveDown = action((ids) => ({ do: 'queue', ids, to: 'down' }))
export const queueMoveBottom = action((ids) => ({ do: 'queue', ids, to: 'bottom' }))

export const torrentRemove = method(
  'full',
  z.object({ ids: argument.ids, delete_local_data: argument.flag.optional() }),
  ({ ids, delete_local_data: deleteData = false }, call) => {
    // Transmission would remove everything: too much for an argument that was forgotten.
    if (ids === undefined) return Promise.resolve(refuse('no torrents specified: name them in ids'))
    return forAll(ids, call, (some) => ({ do: 'remove', ids: some, deleteData }))
  },
)

export const torrentSetLocation = method(
  'full',
  z.object({
    ids: argument.ids,
    location: argument.text.optional(),
    move: argument.flag.optional(),
  }),
  ({ ids, location, move = false }, call) => {
    if (location === undefined || location === '') return Promise.resolve(refuse('no location'))
    if (!location.startsWith('/')) {
      return Promise.resolve(refuse('new location path is not absolute'))
    }
    if (!move) return Promise.resolve(refuse(ONLY_MOVES))
    return forAll(ids, call, (some) => ({ do: 'move', ids: some, folder: location }))
  },
)

const ONLY_MOVES =
  'this node only moves data itself: ask with "move": true, or remove the torrent and add it with the other folder'

export const torrentRenamePath = method(
  'full',
  z.object({ ids: argument.ids, path: argument.text, name: z.string().max(240) }),
  async ({ ids, path, name }, call) => {
    await call.world.list.session()
    const [row, ...others] = chosen(ids, call.world.list)
    if (row === undefined) return refuse('no such torrent')
    if (others.length > 0) return refuse('torrent-rename-path requires 1 torrent')
    const { id } = row.summary
    const detail = await call.world.list.control.detail(id)
    const isTop = detail?.files[0]?.path.split('/')[0] === path || path === row.summary.name
    const target = isTop ? {} : { path }
    const outcome = outcomeOf(await call.world.list.run({ do: 'rename', id, ...target, name }))
    const value = { id: row.number, name, path }
    return outcome.ok ? { ok: true, value } : { ...outcome, value }
  },
)

function action(commandOf: (ids: string[]) => Command): Method {
  return method('full', z.object({ ids: argument.ids }), ({ ids }, call) =>
    forAll(ids, call, commandOf),
  )
}

/** Runs a command for the torrents that are there; for none of them it is done at once. */
export async function forAll(
  ids: argument.Ids,
  { world }: Call,
  commandOf: (ids: string[]) => Command,
): Promise<Outcome> {
  if ((await world.list.session()) === null) return refuse('the node does not answer')
  const torrents = chosen(ids, world.list).map(({ summary }) => summary.id)
  for (let at = 0; at < torrents.length; at += TORRENTS_AT_ONCE) {
    const some = torrents.slice(at, at + TORRENTS_AT_ONCE)
    const result: CommandResult = await world.list.run(commandOf(some))
    if (!result.ok) return outcomeOf(result)
  }
  return DONE
}
