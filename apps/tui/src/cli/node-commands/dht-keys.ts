/** Keys for what only their owner may change in the DHT: ed25519 seeds, as hex in files that nobody else can read. */
import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { createSignaturePort } from '@pigeon/node/signatures'
import { fromHex, toHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction } from './around.ts'

const SEED_BYTES = 32
const FILE_BYTES = 1_024

/** `pigeon dht key`: makes a key, or says the public half of one that is there. */
export const key: NodeAction = async (around, given) => {
  const [path = ''] = given.args
  const made = await makeKey(path)
  const seed = made === 'present' ? await readKey(path) : made
  if (isProblem(seed)) return seed
  const publicKey = toHex(createSignaturePort().publicKey(seed))
  if (hasFlag(given, 'json')) around.print(jsonLine({ publicKey, isNew: made !== 'present' }))
  else {
    around.print(publicKey)
    around.note(
      made === 'present'
        ? 'This is the public half of the key in that file; nothing was changed.'
        : 'A new key, and its public half. Keep the file: without it nobody can change what it signed.',
    )
  }
  return null
}

async function makeKey(path: string): Promise<Uint8Array | 'present' | Problem> {
  const seed = Uint8Array.from(randomBytes(SEED_BYTES))
  try {
    await writeFile(path, `${toHex(seed)}\n`, { flag: 'wx', mode: 0o600 })
    return seed
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return 'present'
    return problem(
      'disk-error',
      `The key file ${toDisplay(path)} cannot be written (${code}).`,
      'Choose another folder, or give yourself the right to write there.',
    )
  }
}

/** The seed in a file that nobody but its owner can read. */
export async function readKey(path: string): Promise<Uint8Array | Problem> {
  try {
    const { mode, size } = await stat(path)
    if ((mode & 0o077) !== 0 && process.platform !== 'win32')
      return badKey(
        path,
        'can be read by others',
        `Run "chmod 600" on it, or make a new key if they may have read it.`,
      )
    const seed = size > FILE_BYTES ? null : fromHex((await readFile(path, 'utf8')).trim())
    return seed?.length === SEED_BYTES ? seed : badKey(path, 'holds no key', NEW_KEY)
  } catch (error) {
    return badKey(path, `cannot be read (${codeOf(error)})`, NEW_KEY)
  }
}

const NEW_KEY = '"pigeon dht key FILE" makes one.'

function badKey(path: string, what: string, help: string): Problem {
  return problem('unreadable', `The key file ${toDisplay(path)} ${what}.`, help)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
