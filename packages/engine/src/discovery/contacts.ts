/**
 * Which addresses peers may tell each other: what a stranger says must not lead us to services of our own network, nor
 * make us knock where no peer would be.
 */
import { addressScope, type AddressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { Address } from '../ports.ts'
import type { Peer } from '../swarm/peer.ts'

/** Lower ports belong to services that are no peers. */
export const LEAST_PORT = 1024

/** Whether somebody at `from` may name this address to us. Local addresses are for those who are local themselves. */
export function mayTake(address: Address, from: string): boolean {
  return address.port >= LEAST_PORT && isWithinReach(scopeOf(address.host), scopeOf(from))
}

/** Whether we may name this address to somebody at `to`. */
export function mayTell(address: Address, to: string): boolean {
  return isWithinReach(scopeOf(address.host), scopeOf(to))
}

/** Where others can reach this peer; `null` while that is not known, or for who cannot be dialled. */
export function dialAddressOf(peer: Peer): Address | null {
  if (peer.socket.transport === 'webrtc') return null
  if (peer.direction === 'outgoing') return peer.address
  const port = peer.wire.remoteExtensions.listenPort
  return port === null ? null : { host: peer.address.host, port }
}

export function addressKey({ host, port }: Address): string {
  return `${host} ${port}`
}

/** Whether an address of this scope means the same to both, and can be reached from there. */
function isWithinReach(scope: AddressScope, asker: AddressScope): boolean {
  if (scope === 'public') return true
  if (scope === 'loopback') return asker === 'loopback'
  return scope === 'private' && (asker === 'private' || asker === 'loopback')
}

function scopeOf(host: string): AddressScope {
  const ip = parseIp(host)
  return ip === null ? 'never' : addressScope(ip)
}
