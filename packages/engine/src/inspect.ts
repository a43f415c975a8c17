/** The wire of one peer, as somebody watches it: bounded in rate and memory. Texts are raw. */

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
