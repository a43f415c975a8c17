/** Seeding goals as this API counts them: -2 as the session says, -1 never, else a ratio or minutes. */
import type { TorrentLimits } from '../contract.ts'

const MS_PER_MINUTE = 60_000

/** Nothing when nothing was said. */
export function goalOf(
  key: 'ratio' | 'seedMs' | 'idleMs',
  value: number | null,
): Partial<TorrentLimits> {
  if (value === null) return {}
  if (value === -2) return { [key]: null }
  return { [key]: value < 0 ? 'never' : value }
}

/** The two words below zero stay what they are. */
export function minutesOf(minutes: number | null): number | null {
  return minutes === null || minutes < 0 ? minutes : minutes * MS_PER_MINUTE
}
