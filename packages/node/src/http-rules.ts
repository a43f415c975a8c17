import {
  type AddressScope,
  addressScope,
  isCloudMetadataAddress,
  parseIp,
} from '@pigeon/protocol/ip-address'

/**
 * How far a request may reach, judged on resolved addresses only: names lie, and answers of name servers change.
 * A public server may only lead to public ones; a redirect never gets closer to this machine than the server that
 * sent it.
 */
export interface Reach {
  /** Whether an address may be connected to. */
  allows(address: string): boolean
}

/** The first hop: what the caller allows. */
export function firstReach(allowPrivate: boolean): Reach {
  return reachUpTo(allowPrivate ? CLOSENESS.loopback : CLOSENESS.public)
}

/** A hop after a redirect from the server at `address`. */
export function reachAfter(address: string, allowPrivate: boolean): Reach {
  const scope = scopeOf(address)
  return reachUpTo(allowPrivate && scope !== 'never' ? CLOSENESS[scope] : CLOSENESS.public)
}

/** Whether a redirect may lead from one address to another: http and https only, and never out of https. */
export function mayRedirect(from: URL, to: URL): boolean {
  return to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:')
}

const CLOSENESS: { readonly [S in Exclude<AddressScope, 'never'>]: number } = {
  public: 0,
  private: 1,
  'link-local': 2,
  loopback: 3,
}

function reachUpTo(closest: number): Reach {
  return {
    allows(address) {
      const bytes = parseIp(address)
      if (bytes === null || isCloudMetadataAddress(bytes)) return false
      const scope = addressScope(bytes)
      return scope !== 'never' && CLOSENESS[scope] <= closest
    },
  }
}

function scopeOf(address: string): AddressScope {
  const bytes = parseIp(address)
  return bytes === null ? 'never' : addressScope(bytes)
}
