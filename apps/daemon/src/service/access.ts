/** Who may do what: the owner's token, and those that the owner made for others. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { bearerAuthoriser, ensureTokenFile, readTokenFile } from '@pigeon/control/bearer-token'
import type { Problem, Scope } from '@pigeon/control/contract'
import { bookAuthoriser } from '@pigeon/control/token-book'

export interface Access {
  /** Where the owner's token lies. */
  readonly tokenFile: string
  /** The token was made just now. */
  readonly isNew: boolean
  /** What the sender of a request may do; `null` for nothing. */
  authorise(request: Pick<IncomingMessage, 'headers'>): Promise<Scope | null>
}

export function tokenFileOf(settings: { readonly state: string }): string {
  return join(settings.state, 'token')
}

/** Of the tokens besides the owner's. */
export function tokenBookOf(settings: { readonly state: string }): string {
  return join(settings.state, 'tokens.json')
}

/** Makes the owner's token where there is none yet. `onProblem` is told when the others cannot be read. */
export async function openAccess(
  settings: { readonly state: string },
  onProblem: (problem: Problem) => void,
): Promise<Access | Problem> {
  const tokenFile = tokenFileOf(settings)
  const isNew = typeof (await readTokenFile(tokenFile)) !== 'string'
  const token = await ensureTokenFile(tokenFile)
  if (typeof token !== 'string') return token
  const owner = bearerAuthoriser(token)
  const others = bookAuthoriser(tokenBookOf(settings), onProblem)
  return {
    tokenFile,
    isNew,
    authorise: async (request) => owner(request) ?? others(request),
  }
}
