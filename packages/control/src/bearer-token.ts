/** The secret that lets programs control a node: 256 bits of chance in a file that only its owner can read. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem, Scope } from './contract.ts'
import { problem } from './problems.ts'

/** 256 bits in base64url. */
const TOKEN_BYTES = 32
const TOKEN_FILE_BYTES = 1024
const FORM = /^[\x21-\x7e]{16,512}$/

/** Gives everything to requests that carry the token. Takes the same time for every wrong one. */
export function bearerAuthoriser(
  token: string,
): (request: Pick<IncomingMessage, 'headers'>) => Scope | null {
  const expected = digestOf(token)
  return (request) => {
    const given = bearerTokenOf(request)
    return given !== null && timingSafeEqual(digestOf(given), expected) ? 'full' : null
  }
}

/** What a request says in `Authorization: Bearer`. */
export function bearerTokenOf(request: Pick<IncomingMessage, 'headers'>): string | null {
  const { authorization = '' } = request.headers
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? null
}

/** Reads the token, or makes one where the file is not there yet: mode 0600, in place all at once or not at all. */
export async function ensureTokenFile(path: string): Promise<string | Problem> {
  const present = await readTokenFile(path)
  if (typeof present === 'string' || present.code !== 'not-found') return present
  const beside = `${path}.${randomBytes(8).toString('hex')}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(beside, 'wx', 0o600)
    await file.writeFile(`${randomBytes(TOKEN_BYTES).toString('base64url')}\n`)
    await file.sync()
    await file.close()
    // A link never replaces a file: of two that start together, both end up with the same token.
    await link(beside, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } catch (error) {
    return problem(
      'no-token',
      `The token file ${toDisplay(path)} cannot be written (${codeOf(error)}).`,
      'Check that the state folder is yours and that its disk has room.',
    )
  } finally {
    await rm(beside, { force: true }).catch(() => {})
  }
  return readTokenFile(path)
}

/** The token in a file, spaces around it removed. */
export async function readTokenFile(path: string): Promise<string | Problem> {
  try {
    const { mode, size } = await stat(path)
    if (size > TOKEN_FILE_BYTES) return badToken(path, 'is too long for a token')
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      return badToken(path, 'can be read by other users of this machine')
    }
    const token = (await readFile(path, 'utf8')).trim()
    return FORM.test(token) ? token : badToken(path, 'holds no token')
  } catch (error) {
    const code = codeOf(error) === 'ENOENT' ? 'not-found' : 'no-token'
    return problem(
      code,
      `The token file ${toDisplay(path)} cannot be read (${codeOf(error)}).`,
      'Start pigeond once, or name the right file: "pigeond token" says where it is.',
    )
  }
}

/** What the user gave, in this order: the token itself, PIGEON_TOKEN, the file. */
export async function chooseToken(from: {
  readonly token?: string | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly file?: string | undefined
}): Promise<string | Problem> {
  const given = from.token ?? from.environment?.['PIGEON_TOKEN']
  if (given !== undefined && given !== '') {
    return FORM.test(given)
      ? given
      : problem('bad-token', 'The token given is not one.', 'Copy it whole, without spaces.')
  }
  if (from.file !== undefined) return readTokenFile(from.file)
  return problem(
    'no-token',
    'There is no token for the other node.',
    'Give it with --token, PIGEON_TOKEN or --token-file; "pigeond token" says where it is.',
  )
}

function badToken(path: string, what: string): Problem {
  return problem(
    'bad-token',
    `The token file ${toDisplay(path)} ${what}.`,
    `Delete it and start pigeond, which makes a new one; or mend it (chmod 600).`,
  )
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'failed'
}
