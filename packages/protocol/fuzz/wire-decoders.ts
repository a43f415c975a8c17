/** Decoders of the peer wire that have no vectors or keep state. */
import type { DecoderRow } from './decoders.ts'

export const WIRE_DECODERS: readonly DecoderRow[] = []
