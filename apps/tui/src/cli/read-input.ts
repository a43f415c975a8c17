/** What is piped into a command. */
import type { Problem } from '@pigeon/control/contract'
import { problem } from '@pigeon/control/problems'

/** As large as a .torrent file may be. */
export const INPUT_BYTES: number = 32 * 1024 * 1024

/** All of stdin; a problem when it is a keyboard, or holds more than any .torrent file. */
export async function readInput(
  from: AsyncIterable<unknown> & { readonly isTTY?: boolean } = process.stdin,
): Promise<Uint8Array | Problem> {
  if (from.isTTY === true) return NOTHING_PIPED
  const chunks: Uint8Array[] = []
  let lengthBytes = 0
  for await (const chunk of from) {
    if (!(chunk instanceof Uint8Array)) continue
    lengthBytes += chunk.length
    if (lengthBytes > INPUT_BYTES) return TOO_LONG
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const NOTHING_PIPED = problem(
  'usage',
  'Nothing is piped into this command.',
  'Write it like: curl -s URL | pigeon add -',
)
const TOO_LONG = problem(
  'bad-torrent',
  'What is piped into this command is larger than any .torrent file that is read here (32 MiB).',
  'Pipe a .torrent file into it.',
)
