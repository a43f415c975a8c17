/** The password for the APIs of other programs, as its owner keeps it. */
import { readFile, stat } from 'node:fs/promises'
import type { Problem } from '@pigeon/control/contract'
import { problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'

const FILE_BYTES = 1_024
/** Shorter ones are guessed, back-off or not. */
export const LEAST_CHARACTERS = 8

/** The first line of the file. */
export async function readPasswordFile(path: string): Promise<string | Problem> {
  try {
    const { mode, size } = await stat(path)
    if (size > FILE_BYTES) return bad(path, 'is too long for a password')
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      return bad(path, 'can be read by other users of this machine')
    }
    const password = (await readFile(path, 'utf8')).split(/\r?\n/)[0] ?? ''
    return password.length >= LEAST_CHARACTERS
      ? password
      : bad(path, `holds a password of less than ${LEAST_CHARACTERS} characters`)
  } catch {
    return bad(path, 'cannot be read')
  }
}

function bad(path: string, what: string): Problem {
  return problem(
    'bad-password-file',
    `The file of rpc-password-file, ${toDisplay(path)}, ${what}.`,
    'Write the password into it as one line, and let nobody else read it (chmod 600).',
  )
}
