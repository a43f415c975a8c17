/** Whether an address that another program sent may be fetched: by default nothing inside the house. */
import { lookup } from 'node:dns/promises'
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { LiveList } from './live-list.ts'

export type Lookup = (host: string) => Promise<readonly string[]>

/**
 * Why the address may not be fetched, or `null`. A name may answer otherwise a moment later: this keeps honest clients
 * from mistakes and dishonest ones from the plain ways; the node's own fetching refuses what is never right.
 */
export async function refuseUrl(
  url: string,
  resolve: Lookup | null = lookUp,
): Promise<string | null> {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'not an http or https address'
  const host = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (parseIp(host) === null && resolve === null) return null
  const addresses = parseIp(host) === null ? ((await resolve?.(host)) ?? []) : [host]
  if (addresses.length === 0) return 'the name of its server is not known'
  return addresses.every(isPublic) ? null : 'it leads into a private network'
}

/** Behind a proxy names are the proxy's to look up: asking here would go around it. What it may reach, fetching judges. */
export async function lookupFor(list: LiveList): Promise<Lookup | null> {
  const session = await list.session()
  return session === null || session.isProxied ? null : lookUp
}

async function lookUp(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

function isPublic(address: string): boolean {
  const bytes = parseIp(address)
  return bytes !== null && addressScope(bytes) === 'public'
}
