/** Milliseconds on the caller's monotonic clock. */
export type Millis = number

/** A protocol participant with no IO: one way in, one way out, no callbacks. */
export interface Machine<Input, Effect> {
  /** Feed one input. Perform the effects in order before calling again. */
  handle(input: Input, nowMs: Millis): readonly Effect[]
  /** When to feed `{ kind: 'tick' }`; `null` when no timer is armed. */
  readonly deadlineMs: Millis | null
}

/** Chance, as the caller hands it in: a whole number from 0 to `below - 1`. */
export type RandomInt = (below: number) => number

/** Breaks here mean a bug of ours, never a peer's doing: the only throw in the core. */
export function invariant(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`Bug in Pigeon: ${promise}`)
}
