/** Numbers that wrap: 16 bits count packets, 32 bits microseconds. */

/** How far `to` lies after `from`, -32,768 to 32,767: negative when it lies before. */
export function seqDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16
}

export function seqAfter(seqNr: number, count: number): number {
  return (seqNr + count) & 0xffff
}

/** Microseconds of a clock in milliseconds, modulo 2^32. */
export function microsOf(nowMs: number): number {
  return (nowMs * 1000) >>> 0
}

/** How far `to` lies after `from`, -2^31 to 2^31 - 1. */
export function microsBetween(from: number, to: number): number {
  return (to - from) | 0
}
