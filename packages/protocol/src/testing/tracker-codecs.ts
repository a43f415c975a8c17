/** Vector codecs of the trackers. */
import type { VectorCodec } from './vector-codec.ts'

export const TRACKER_CODECS: Readonly<Record<string, VectorCodec>> = {}
