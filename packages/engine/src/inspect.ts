/** The wire of one peer, as somebody watches it: bounded in rate and memory. Texts are raw. */
import type { Millis } from '@pigeon/protocol/machine'

/** Messages that one event holds. */
export const MESSAGES_PER_EVENT = 200
/** Of those, messages that come by the hundred (blocks and requests for them), so that they hide nothing else. */
export const BULK_PER_EVENT = 150
export const EVENT_MS: Millis = 250
/** Of one session at a time. */
export const WATCHES_LIMIT = 16

export interface WireMessage {
  /** Counts up within one watch. */
  readonly number: number
  /** Wall time. */
  readonly atMs: number
  readonly direction: 'in' | 'out'
  readonly name: string
  readonly bep: number | null
  readonly lengthBytes: number
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export type WireEvent =
  | {
      readonly kind: 'messages'
      readonly messages: readonly WireMessage[]
      /** Since the last event, for the rate. */
      readonly leftOut: number
    }
  | { readonly kind: 'ended' }
