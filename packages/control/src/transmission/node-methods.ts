/** Methods about the machine rather than a torrent: free space, the end, and what this node has not got. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { isProblem } from '../problems.ts'
import * as argument from './arguments.ts'
import { type Call, callerOf, method, outcomeOf, refuse } from './outcome.ts'

/** There is no number. */
const UNKNOWN_BYTES = -1

export const freeSpace = method(
  'read',
  z.object({ path: argument.text }),
  async ({ path }, call) => {
    if (!isAbsolute(path)) return refuse('directory path is not absolute')
    const free = await freeBytes(path, call)
    const value = { path, size_bytes: free ?? UNKNOWN_BYTES, total_size: UNKNOWN_BYTES }
    if (typeof free === 'number') return { ok: true, value }
    return refuse('No such file or directory, or it may not be looked at', undefined, value)
  },
)

async function freeBytes(path: string, call: Call): Promise<number | null> {
  const { list } = call.world
  const session = await list.session()
  const listing = await list.control.browse(path, callerOf(call))
  if (!isProblem(listing)) return listing.freeBytes
  return session !== null && path === session.defaultFolder ? session.freeBytes : null
}

export const sessionClose = method('full', z.object({}), async (_, { world }) =>
  outcomeOf(await world.list.control.run({ do: 'shut-down' })),
)

/** The number of ranges afterwards. */
export const blocklistUpdate = method('full', z.object({}), async (_, { world }) => {
  const { updateBlocklist, list } = world
  const problem = await updateBlocklist?.()
  if (problem === undefined) return refuse('there is no blocklist that could be loaded')
  if (problem !== null) return refuse(problem.message)
  const network = await list.control.network()
  const size = isProblem(network) ? 0 : (network.blocklist?.ranges ?? 0)
  return { ok: true, value: { blocklist_size: size } }
})

/** Nobody is asked: strangers who came in by themselves are the answer. */
export const portTest = method('read', z.object({}), async (_, { world }) => {
  const network = await world.list.control.network()
  if (isProblem(network)) return refuse(network.message)
  if (network.reachability === 'unknown') {
    return refuse('portTested: nobody came in yet, and no other server is asked')
  }
  return { ok: true, value: { port_is_open: network.reachability === 'reachable' } }
})
