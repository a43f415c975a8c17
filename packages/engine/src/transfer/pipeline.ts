/**
 * How many requests to keep under way with one peer: enough that its line never waits for us, few enough that little is
 * lost when it leaves. While a line is new its depth grows by as many blocks as came, which doubles it each round trip.
 *
 * Spec: BEP 3, "peers" (pipelining); BEP 10, `reqq`
 */
import type { Millis } from '@pigeon/protocol/machine'

export interface PipelineState {
  /** Bytes a second that the peer sends us now. */
  readonly rate: number
  /** From a request to its answer, where it was measured. */
  readonly delayMs?: Millis
  /** Requests that the peer queues for us. */
  readonly reqq: number
  /** What this function answered last; 0 at first. */
  readonly current: number
}

export const FIRST_DEPTH = 32
export const LEAST_DEPTH = 8
export const GREATEST_DEPTH = 500

const BLOCK_BYTES = 16_384
/** Work for this long is kept with the peer beyond what the delay needs. */
const HEADROOM_MS = 1000

/** Requests to have under way now: at least 1, never more than `reqq` or 500. */
export function requestDepth(state: PipelineState): number {
  const cap = Math.max(1, Math.min(state.reqq, GREATEST_DEPTH))
  const current = state.current === 0 ? FIRST_DEPTH : state.current
  if (state.rate === 0) return Math.min(cap, current)
  const spanMs = HEADROOM_MS + (state.delayMs ?? 0)
  const fitting = Math.ceil((state.rate * spanMs) / 1000 / BLOCK_BYTES)
  // It shrinks by one at a time: a short lull is no reason to let a fast line run dry.
  const wanted = Math.max(fitting, current - 1, LEAST_DEPTH)
  return Math.min(cap, wanted)
}
