/**
 * Who answers for what comes from an address. Elsewhere that is the host; on loopback every program has the same host,
 * so there it is host and port, and the bound on connections per host does not apply.
 */
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { Address } from '../ports.ts'

export function isLoopback(host: string): boolean {
  const ip = parseIp(host)
  return ip !== null && addressScope(ip) === 'loopback'
}

/** The name under which an address is blamed and banned. */
export function blameName({ host, port }: Address): string {
  return isLoopback(host) ? `${host} ${port}` : host
}
