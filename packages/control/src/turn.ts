/** Answers instead of those that were asked for: one form for all problems. */
import type { Response } from 'express'
import type { Problem } from './contract.ts'
import type { Turned } from './gate.ts'
import { problem } from './problems.ts'

/** `Pigeon-Api` tells a client that it speaks to the right kind of server, errors included. */
export const API_HEADERS = {
  'Pigeon-Api': '1',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

export function turn(response: Response, turned: Turned): void {
  if (turned.retryAfterMs !== undefined) {
    response.set('Retry-After', String(Math.ceil(turned.retryAfterMs / 1000)))
  }
  response.status(turned.status).set(API_HEADERS).json({ problem: turned.problem })
}

const SEE_API = 'See docs/api.md for what this server understands.'
export const NO_SUCH_ROUTE: Problem = problem(
  'no-such-route',
  'There is nothing at this address.',
  SEE_API,
)
export const WRONG_METHOD: Problem = problem(
  'wrong-method',
  'This address takes other methods.',
  SEE_API,
)
export const BAD_REQUEST: Problem = problem('bad-request', 'The request cannot be read.', SEE_API)
export const TOO_LONG: Problem = problem(
  'too-long',
  'The body of the request is too long.',
  SEE_API,
)
export const NO_UPGRADE: Problem = problem(
  'upgrade-needed',
  'There is a WebSocket at this address, not a page.',
  SEE_API,
)
export const METADATA_UNKNOWN: Problem = problem(
  'metadata-unknown',
  'The torrent was added by a magnet and its files are not known yet.',
  'Wait until a peer has sent its metadata.',
)

export function wrongType(types: readonly string[]): Problem {
  return problem('wrong-type', `The body must be ${types.join(' or ')}, not compressed.`, SEE_API)
}
