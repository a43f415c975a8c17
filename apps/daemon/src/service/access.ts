/** Who may do what: the owner's token, and those that the owner made for others. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { bearerAuthoriser, ensureTokenFile } from '@pigeon/control/bearer-token'
import type { Problem, Scope } from '@pigeon/control/contract'

export interface Access {
  /** Where the owner's token lies. */
  readonly tokenFile: string
  /** What the sender of a request may do; `null` for nothing. */
  authorise(request: Pick<IncomingMessage, 'headers'>): Promise<Scope | null>
}

export function tokenFileOf(settings: { readonly state: string }): string {
  return join(settings.state, 'token')
}

/** Makes the owner's token where there is none yet. */
export async function openAccess(settings: { readonly state: string }): Promise<Access | Problem> {
  const tokenFile = tokenFileOf(settings)
  const token = await ensureTokenFile(tokenFile)
  if (typeof token !== 'string') return token
  const authoriseOwner = bearerAuthoriser(token)
  return {
    tokenFile,
    authorise: (request) => Promise.resolve(authoriseOwner(request)),
  }
}
