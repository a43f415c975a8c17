/**
 * Several trackers: groups that are tried in order, shuffled inside, the one that answered first.
 *
 * Spec: BEP 12, "Order of Processing" <https://www.bittorrent.org/beps/bep_0012.html>
 * Reading `announce-list` is in `0012-announce-list.ts`.
 */
import type { RandomInt } from '../machine.ts'

/** Groups of addresses in the order in which they are tried. */
export type TrackerTiers = readonly (readonly string[])[]

export const MAX_TRACKERS_PER_TORRENT = 100

/** Drops repeated and empty addresses and whatever is past the limit of addresses; empty tiers vanish. */
export function boundTiers(
  tiers: TrackerTiers,
  limit: number = MAX_TRACKERS_PER_TORRENT,
): TrackerTiers {
  const seen = new Set<string>()
  const bounded: string[][] = []
  for (const tier of tiers) {
    if (seen.size >= limit) break
    const kept: string[] = []
    for (const url of tier) {
      if (seen.size >= limit) break
      if (url === '' || seen.has(url)) continue
      seen.add(url)
      kept.push(url)
    }
    if (kept.length > 0) bounded.push(kept)
  }
  return bounded
}

/** "The list will be shuffled when first read": inside each tier, never across. */
export function shuffleTiers(tiers: TrackerTiers, chance: RandomInt): TrackerTiers {
  return tiers.map((tier) => {
    const shuffled = [...tier]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = chance(last + 1)
      const moved = shuffled[last] ?? ''
      shuffled[last] = shuffled[other] ?? ''
      shuffled[other] = moved
    }
    return shuffled
  })
}

/** "If a connection with a tracker is successful, it will be moved to the front of the tier." */
export function promoteTracker(tiers: TrackerTiers, url: string): TrackerTiers {
  return tiers.map((tier) =>
    tier.includes(url) ? [url, ...tier.filter((other) => other !== url)] : tier,
  )
}
