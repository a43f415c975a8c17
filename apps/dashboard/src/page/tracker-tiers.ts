/** Trackers as a text that people edit: one on each line, an empty line between tiers. */
import type { TrackerDetail } from '@pigeon/control/contract'

/** As the control takes them. */
export const MAX_TIERS = 100
export const MAX_IN_TIER = 100

export type Tiers = readonly (readonly string[])[]

export type TierText =
  | { readonly ok: true; readonly tiers: Tiers }
  | { readonly ok: false; readonly kind: 'address'; readonly line: number; readonly text: string }
  | { readonly ok: false; readonly kind: 'many' }

export function tiersOf(trackers: readonly Pick<TrackerDetail, 'url' | 'tier'>[]): Tiers {
  const byTier = new Map<number, string[]>()
  for (const { url, tier } of trackers) byTier.set(tier, [...(byTier.get(tier) ?? []), url])
  return [...byTier].toSorted(([one], [other]) => one - other).map(([, urls]) => urls)
}

export function textOfTiers(tiers: Tiers): string {
  return tiers.map((urls) => urls.join('\n')).join('\n\n')
}

/** Reads the text; tells the first line that is no address of a tracker, counted from 1. */
export function readTiers(text: string): TierText {
  const tiers: string[][] = [[]]
  const seen = new Set<string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') {
      if (tiers.at(-1)?.length !== 0) tiers.push([])
      continue
    }
    if (!isTracker(line)) return { ok: false, kind: 'address', line: index + 1, text: line }
    if (!seen.has(line)) tiers.at(-1)?.push(line)
    seen.add(line)
  }
  const kept = tiers.filter((urls) => urls.length > 0)
  if (kept.length > MAX_TIERS || kept.some((urls) => urls.length > MAX_IN_TIER))
    return { ok: false, kind: 'many' }
  return { ok: true, tiers: kept }
}

function isTracker(text: string): boolean {
  if (text.length > 2048 || !/^(?:https?|udp):\/\//i.test(text)) return false
  return URL.canParse(text.replace(/^udp:/i, 'http:'))
}
