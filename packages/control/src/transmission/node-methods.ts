/** Methods about the machine rather than a torrent: free space, the end, and what this node has not got. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { isProblem } from '../problems.ts'
import * as argument from './arguments.ts'
import { type Call, callerOf, type Method, method, outcomeOf, refuse } from './outcome.ts'

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

export const blocklistUpdate: Method = absent('there is no blocklist here')
export const portTest: Method = absent(
  'portTested: this node asks no other server whether its port is open',
)

function absent(words: string): Method {
  return method('read', z.object({}), () => Promise.resolve(refuse(words)))
}
