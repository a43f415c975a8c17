/**
 * Addresses as users write and read them.
 */
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Address } from '../ports.ts'

/** `1.2.3.4:5` or `[2001:db8::1]:5`; `null` for anything else. */
export function parsePeer(text: string): Address | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || ipFamily(host) === null || port < 1 || port > 65_535) return null
  return { host, port }
}

/** The other way round. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
