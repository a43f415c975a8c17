/** How a command travels over HTTP: as one request, or as several where it would not fit into one. */
import type { Command } from './contract.ts'
import { ANSWER_MS, type RequestBody } from './remote-http.ts'
import { queryFromAddOptions } from './upload-query.ts'

/** Of the address, which must fit into the node's bound on headers. */
const QUERY_CHARACTERS = 4096
export const FILES_PER_REQUEST = 5_000

export interface CommandRequest {
  readonly path: string
  readonly body: RequestBody
  readonly timeoutMs: number | null
}

/** The requests to be made one after the other, each when the one before succeeded. */
export function requestsOf(command: Command): readonly CommandRequest[] {
  if (command.do === 'add') return [addRequest(command)]
  if (command.do !== 'set-files') {
    // Hashing a large folder takes as long as it takes.
    return [jsonRequest('/api/v1/commands', command, command.do === 'share' ? null : ANSWER_MS)]
  }
  const requests: CommandRequest[] = []
  for (let at = 0; at < command.files.length; at += FILES_PER_REQUEST) {
    const files = command.files.slice(at, at + FILES_PER_REQUEST)
    requests.push(jsonRequest('/api/v1/commands', { ...command, files }, ANSWER_MS))
  }
  return requests
}

function addRequest(command: Extract<Command, { do: 'add' }>): CommandRequest {
  const { do: _, source, ...options } = command
  const wishes = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  )
  const query = queryFromAddOptions(wishes)?.toString()
  if (source.kind !== 'metainfo' || query === undefined || query.length > QUERY_CHARACTERS) {
    return jsonRequest('/api/v1/torrents', command, ANSWER_MS)
  }
  return {
    path: `/api/v1/torrents${query === '' ? '' : `?${query}`}`,
    body: { type: 'application/x-bittorrent', bytes: Buffer.from(source.base64, 'base64') },
    timeoutMs: ANSWER_MS,
  }
}

function jsonRequest(path: string, command: Command, timeoutMs: number | null): CommandRequest {
  const body = { type: 'application/json', bytes: Buffer.from(JSON.stringify(command)) }
  return { path, body, timeoutMs }
}
