/**
 * What goes into an encrypted beginning, and what comes out.
 * Spec: "Message Stream Encryption" as Vuze and uTorrent published it; there is no BEP.
 */
import type { RandomInt } from '../machine.ts'
import type { Rc4 } from './rc4.ts'

/** `plain`: only the beginning was encrypted. */
export type MseMethod = 'plain' | 'rc4'

export interface MseOptions {
  /** That may be used, whoever offers it; the dialled side takes RC4 where it can. */
  readonly methods: readonly MseMethod[]
  /** Unguessable. */
  readonly randomBytes: (lengthBytes: number) => Uint8Array
  /** For the lengths of pads. */
  readonly chance: RandomInt
  /** For the whole beginning. */
  readonly timeoutMs: number
}

export interface MseFault {
  readonly code:
    | 'bad-public-key'
    | 'no-sync'
    | 'unknown-torrent'
    | 'bad-verification'
    | 'pad-too-long'
    | 'no-common-method'
    | 'bad-selection'
  /** Ours, safe to show. */
  readonly detail: string
}

export type MseInput =
  /** First of all. */
  | { readonly kind: 'start' }
  /** They are copied. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The dialled side's answer to `torrent-named`; `null` when there is no such torrent. */
  | { readonly kind: 'torrent'; readonly name: Uint8Array | null }
  | { readonly kind: 'tick' }

export type MseEffect =
  | { readonly kind: 'write'; readonly chunks: readonly Uint8Array[] }
  /** The dialled side must find the torrent whose `hashOfName` this is. */
  | { readonly kind: 'torrent-named'; readonly hashOfName: Uint8Array }
  /** From here on bytes go through the ciphers, where there are any. `rest` came behind the beginning, in the clear. */
  | {
      readonly kind: 'established'
      readonly method: MseMethod
      readonly ciphers: { readonly incoming: Rc4; readonly outgoing: Rc4 } | null
      readonly rest: Uint8Array
    }
  | { readonly kind: 'fault'; readonly fault: MseFault }
  | { readonly kind: 'timed-out' }

export const PAD_BYTES_LIMIT = 512
export const METHOD_BITS: { readonly [M in MseMethod]: number } = { plain: 1, rc4: 2 }
