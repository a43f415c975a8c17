/**
 * The session's UDP sockets, one a family, for everything that speaks UDP: what comes in goes to whoever speaks its
 * protocol, told apart by the first byte.
 */
import type { Address } from '../ports.ts'

/** `bytes` are only valid during the call. */
export type DatagramHandler = (bytes: Uint8Array, from: Address) => void

/** BEP 5 messages are dictionaries (`d`); uTP packets have version 1 in their first byte; the rest is for trackers. */
export type DatagramKind = 'dht' | 'utp' | 'tracker'

export interface UdpHub {
  /** Where we listen: none, one or both families. */
  readonly local: readonly Address[]
  /** From the socket of the target's family; dropped where there is none. */
  send(bytes: Uint8Array, to: Address): void
  /** One handler a kind; the last one counts. */
  handle(kind: DatagramKind, handler: DatagramHandler): void
}
