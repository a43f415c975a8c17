/** What every hostile case demands of the client itself. */
import { groupUsage } from '../bench/process-usage.ts'
import type { Member } from '../matrix/stage.ts'
import type { Check } from '../matrix/verdict.ts'

const MEMORY_LIMIT_BYTES = 256 << 20

export function memoryCheck(member: Member): Check {
  const { peakRssBytes } = groupUsage(member.process?.pid ?? 0)
  return {
    what: `peak memory stays below ${MEMORY_LIMIT_BYTES >> 20} MiB`,
    isMet: peakRssBytes < MEMORY_LIMIT_BYTES,
    seen: `${(peakRssBytes / (1 << 20)).toFixed(0)} MiB`,
  }
}
