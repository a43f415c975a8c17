/** Decoders of the trackers that have no vectors or keep state. */
import type { DecoderRow } from './decoders.ts'

export const TRACKER_DECODERS: readonly DecoderRow[] = []
