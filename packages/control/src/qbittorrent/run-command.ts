/** From the torrents that a call names to the commands that it means. */
import type { Row } from '../compat/live-list.ts'
import type { Command } from '../contract.ts'
import {
  BAD_REQUEST,
  type Call,
  DONE,
  type Handler,
  idRunsOf,
  type Reply,
  replyTo,
  rowsOf,
  writes,
} from './call.ts'

export async function run({ world }: Call, command: Command): Promise<Reply> {
  return replyTo(await world.list.run(command))
}

/** One command for all torrents that are named; those that are not there are passed over, as the original does. */
export function forTorrents(commandOf: (ids: string[], call: Call) => Command | Reply): Handler {
  return writes(async (call) => {
    const rows = rowsOf(call)
    if (rows === null) return BAD_REQUEST
    return runAll(call, rows, (ids) => commandOf(ids, call))
  })
}

/** With no torrents at all the parameters are looked at all the same. */
export async function runAll(
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
export async function forEach(call: Call, commandOf: (row: Row) => Command): Promise<Reply> {
  const rows = rowsOf(call)
  if (rows === null) return BAD_REQUEST
  for (const row of rows) {
    const reply = await run(call, commandOf(row))
    if (reply.status !== 200) return reply
  }
  return DONE
}
