/**
 * Tokens besides the owner's own: each with a name, a scope and the time when it was made, in a file that only its owner
 * can read. Of a token itself the file holds the SHA-256. A slow hash such as scrypt would add nothing: it protects
 * what people choose, and these are 256 bits of chance; but it would cost every request.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { toDisplay } from '@pigeon/protocol/display'
import { z } from 'zod'
import { bearerTokenOf } from './bearer-token.ts'
import { type Problem, type Scope, SCOPES } from './contract.ts'
import { isProblem, problem } from './problems.ts'

export const TOKENS = 100
const BOOK_BYTES = 64 * 1024
/** 256 bits in base64url. */
const TOKEN_BYTES = 32
/** A file beside the book that is older than this was left by a program that died. */
const STALE_MS = 60_000

/** What a list shows of a token. */
export interface TokenEntry {
  /** One of its kind: letters, digits, `.`, `_`, `-`. */
  readonly name: string
  readonly scope: Scope
  readonly createdAtMs: number
}

interface StoredToken extends TokenEntry {
  /** SHA-256 in hex. */
  readonly sha256: string
}

const TokenName = z.string().regex(/^[\w.-]{1,64}$/, 'not a name: 1 to 64 of a-z 0-9 . _ -')

const Book = z.strictObject({
  version: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        name: TokenName,
        scope: z.enum(SCOPES),
        createdAtMs: z.number(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(TOKENS),
})

/** All tokens of a book, the oldest first; none when there is no file yet. */
export async function listTokens(path: string): Promise<readonly TokenEntry[] | Problem> {
  const tokens = await readBook(path)
  if (isProblem(tokens)) return tokens
  return tokens.map(({ name, scope, createdAtMs }) => ({ name, scope, createdAtMs }))
}

/** Makes a token. It is shown this once and cannot be read again. */
export async function createToken(
  path: string,
  wish: { readonly name: string; readonly scope: Scope },
): Promise<{ readonly token: string } | Problem> {
  if (!TokenName.safeParse(wish.name).success) return BAD_NAME
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const made = { ...wish, createdAtMs: Date.now(), sha256: digestOf(token).toString('hex') }
  const refused = await changeBook(path, (tokens) => {
    if (tokens.some(({ name }) => name === wish.name)) return NAME_TAKEN
    return tokens.length >= TOKENS ? TOO_MANY_TOKENS : [...tokens, made]
  })
  return refused ?? { token }
}

/** From the next request on it opens nothing; sockets that it opened are closed within half a minute. */
export async function revokeToken(path: string, name: string): Promise<Problem | null> {
  return changeBook(path, (tokens) => {
    const others = tokens.filter((token) => token.name !== name)
    return others.length === tokens.length ? UNKNOWN_TOKEN : others
  })
}

/**
 * Says what the token of a request may do. The book is read again when its file has changed; a book that cannot be read
 * opens nothing, and `onProblem` is told why, once for each state of the file.
 */
export function bookAuthoriser(
  path: string,
  onProblem: (reason: Problem) => void = () => {},
): (request: Pick<IncomingMessage, 'headers'>) => Promise<Scope | null> {
  let known: { readonly version: string; readonly tokens: readonly StoredToken[] } | null = null
  const tokensNow = async (): Promise<readonly StoredToken[]> => {
    const version = await versionOf(path)
    if (known?.version === version) return known.tokens
    const read = await readBook(path)
    if (isProblem(read)) onProblem(read)
    const tokens = isProblem(read) ? [] : read
    known = { version, tokens }
    return tokens
  }
  return async (request) => {
    const given = bearerTokenOf(request)
    if (given === null) return null
    const digest = digestOf(given)
    // All are compared, so that the time says nothing about which one it was.
    let scope: Scope | null = null
    for (const token of await tokensNow()) {
      if (timingSafeEqual(digest, Buffer.from(token.sha256, 'hex'))) scope = token.scope
    }
    return scope
  }
}

type Authorise = (request: IncomingMessage) => Scope | null | Promise<Scope | null>

/** The answer of the first that knows the request. */
export function firstOf(...authorisers: readonly Authorise[]): Authorise {
  return async (request) => {
    for (const authorise of authorisers) {
      const scope = await authorise(request)
      if (scope !== null) return scope
    }
    return null
  }
}

async function readBook(path: string): Promise<readonly StoredToken[] | Problem> {
  try {
    const { mode, size } = await stat(path)
    if (size > BOOK_BYTES) return badBook(path, 'is too long for a list of tokens')
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      return badBook(path, 'can be read by other users of this machine')
    }
    const parsed = Book.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data.tokens : badBook(path, 'holds no list of tokens')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return []
    return badBook(path, error instanceof SyntaxError ? 'is no JSON' : `cannot be read (${code})`)
  }
}

/** Reads, changes and replaces the book, all at once or not at all. Two at the same time: the second is refused. */
async function changeBook(
  path: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[] | Problem,
): Promise<Problem | null> {
  const beside = `${path}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await removeStale(beside)
    const file = await open(beside, 'wx', 0o600)
    try {
      const before = await readBook(path)
      const tokens = isProblem(before) ? before : change(before)
      if (isProblem(tokens)) return tokens
      await file.writeFile(`${JSON.stringify({ version: 1, tokens }, null, 2)}\n`)
      await file.sync()
      await rename(beside, path)
      return null
    } finally {
      await file.close()
      await rm(beside, { force: true })
    }
  } catch (error) {
    return codeOf(error) === 'EEXIST'
      ? BOOK_BUSY
      : badBook(path, `cannot be written (${codeOf(error)})`)
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true })
}

/** Differs whenever the file was replaced or written to. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs} ${found.mode}`
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'failed'
}

function badBook(path: string, what: string): Problem {
  return problem(
    'bad-token-book',
    `The list of tokens ${toDisplay(path, 4096)} ${what}.`,
    'Mend it (chmod 600), or delete it and make new tokens; the main token still works.',
  )
}

const BAD_NAME = problem(
  'bad-name',
  'That is no name for a token.',
  'Use 1 to 64 letters, digits, dots, "_" or "-".',
)
const NAME_TAKEN = problem(
  'name-taken',
  'There is a token with this name already.',
  'Choose another name, or revoke that one first.',
)
const UNKNOWN_TOKEN = problem(
  'unknown-token',
  'There is no token with this name.',
  'The list shows those that there are.',
)
const TOO_MANY_TOKENS = problem(
  'too-many-tokens',
  `There are ${TOKENS} tokens already.`,
  'Revoke one that nobody needs any more.',
)
const BOOK_BUSY = problem(
  'busy',
  'The list of tokens is being changed by another command.',
  'Try again in a moment.',
)
