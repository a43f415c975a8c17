/** What goes into the uTP machines, and what comes out. */
import type { Millis } from '../machine.ts'
import { MAX_DATAGRAM_BYTES } from './mtu-search.ts'

/** `host` is numeric. */
export interface UtpAddress {
  readonly host: string
  readonly port: number
}

export interface UtpOptions {
  /** What one connection may keep for a reader that is slow, or until a missing packet comes. */
  readonly receiveBytes: number
  /** The same of all connections of a socket together. */
  readonly receiveBytesInAll: number
  /** The most that one connection has under way. */
  readonly windowBytes: number
  /** `drained` comes when no more than this is queued. */
  readonly lowWaterBytes: number
  /** No datagram is longer. */
  readonly maxDatagramBytes: number
  readonly connectMs: Millis
  /** Nothing at all came for this long. */
  readonly idleMs: Millis
  /** Sent when nothing else was, so that routers remember us. */
  readonly keepAliveMs: Millis
  readonly maxConnections: number
  /** Connections that strangers began and have not confirmed. */
  readonly maxHalfOpen: number
  /** The same from one address (IPv6: one /64). */
  readonly maxHalfOpenPerHost: number
  /** Connections that strangers from one address have with us. */
  readonly maxIncomingPerHost: number
}

export const UTP_DEFAULTS: UtpOptions = {
  receiveBytes: 1024 * 1024,
  receiveBytesInAll: 32 * 1024 * 1024,
  windowBytes: 4 * 1024 * 1024,
  lowWaterBytes: 128 * 1024,
  maxDatagramBytes: MAX_DATAGRAM_BYTES,
  connectMs: 15_000,
  idleMs: 150_000,
  keepAliveMs: 29_000,
  maxConnections: 500,
  maxHalfOpen: 64,
  maxHalfOpenPerHost: 8,
  maxIncomingPerHost: 16,
}

/** Why a connection ended. `done` is the orderly end. */
export type UtpCloseReason =
  | 'done'
  /** The other does not want us. */
  | 'refused'
  /** The other knows nothing of the connection any more. */
  | 'reset'
  | 'timed-out'
  /** The other acks what we never sent, to make us send faster. */
  | 'ack-of-unsent'
  | 'too-many'
  /** Our own wish. */
  | 'aborted'

export type UtpInput =
  /** A datagram whose first byte is of uTP; read during the call. */
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly from: UtpAddress }
  /** `connection` is a number of `newConnection()`; `opened` or `closed` follows. */
  | { readonly kind: 'connect'; readonly connection: number; readonly to: UtpAddress }
  /** The chunks must not change while `queuedBytes` counts them. */
  | {
      readonly kind: 'write'
      readonly connection: number
      readonly chunks: readonly Uint8Array[]
    }
  /** Stops and resumes `bytes`: the remote's window closes. */
  | { readonly kind: 'pause' | 'resume'; readonly connection: number }
  /** Says that no more is written; what is queued still goes out, and what comes is still handed on. */
  | { readonly kind: 'finish'; readonly connection: number }
  /** Says the same, and that nobody reads any more. */
  | { readonly kind: 'close'; readonly connection: number }
  /** Ends it at once. */
  | { readonly kind: 'abort'; readonly connection: number }
  | { readonly kind: 'tick' }

export type UtpEffect =
  /** The bytes may be stamped anew and sent again later: copy them to keep them. */
  | { readonly kind: 'send'; readonly to: UtpAddress; readonly bytes: Uint8Array }
  /** A stranger has connected, and really is at that address. */
  | { readonly kind: 'accepted'; readonly connection: number; readonly remote: UtpAddress }
  | { readonly kind: 'opened'; readonly connection: number }
  /** In order, each once; valid during the call. */
  | { readonly kind: 'bytes'; readonly connection: number; readonly bytes: Uint8Array }
  /** What was queued fell to the low water mark. */
  | { readonly kind: 'drained'; readonly connection: number }
  /** The remote's end, after all its bytes. Its connection is still open for ours. */
  | { readonly kind: 'ended'; readonly connection: number }
  /** The last word about a connection. */
  | { readonly kind: 'closed'; readonly connection: number; readonly reason: UtpCloseReason }
