/**
 * Addresses as users write and read them.
 */
import { formatIp, parseIp } from '@pigeon/protocol/ip-address'
import type { Address } from '../ports.ts'

/** `1.2.3.4:5` or `[2001:db8::1]:5`; `null` for anything else. */
export function parsePeer(text: string): Address | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  const canonical = host === undefined ? null : canonicalHost(host)
  return canonical === null || port < 1 || port > 65_535 ? null : { host: canonical, port }
}

/** The one text by which a numeric address is counted, banned and blocked; `null` for a name. */
export function canonicalHost(host: string): string | null {
  const bytes = parseIp(host)
  return bytes === null ? null : formatIp(bytes)
}

/** The other way round. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
