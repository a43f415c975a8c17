/** Trackers of a torrent, changed by the four ways of this API. Their ids count from 0 over all tiers. */
import { z } from 'zod'
import type { TrackerDetail } from '../contract.ts'
import { type Refused, refuse } from './outcome.ts'

const address = z.string().max(2_048)

export const TRACKER_ARGUMENTS = {
  tracker_add: z.array(address).max(100).optional(),
  tracker_list: z.string().max(100_000).optional(),
  tracker_remove: z.array(z.number().int().min(0)).max(100).optional(),
  /** Ids and new addresses by turns. */
  tracker_replace: z
    .array(z.union([z.number().int().min(0), address]))
    .max(200)
    .optional(),
} as const

type AskedTrackers = z.infer<z.ZodObject<typeof TRACKER_ARGUMENTS>>

export function asksForTrackers(asked: AskedTrackers): boolean {
  return (
    (asked.tracker_add ?? asked.tracker_list ?? asked.tracker_remove ?? asked.tracker_replace) !==
    undefined
  )
}

/** The tiers after the change, or why it is none. */
export function tiersAsked(
  asked: AskedTrackers,
  now: readonly TrackerDetail[],
): string[][] | Refused {
  if (asked.tracker_list !== undefined) return tiersOfText(asked.tracker_list)
  // What was cut or marked on its way to the screen would come back as something else.
  if (now.some(({ url }) => !isWhole(url)))
    return refuse('an address of this torrent cannot be repeated whole')
  const replacements = new Map<number, string>()
  const pairs = asked.tracker_replace ?? []
  for (let at = 0; at < pairs.length; at += 2) {
    const [id, url] = [pairs[at], pairs[at + 1]]
    if (typeof id !== 'number' || typeof url !== 'string' || now[id] === undefined) {
      return refuse('trackerReplace: not pairs of an id and an address')
    }
    replacements.set(id, url)
  }
  const missing = asked.tracker_remove?.find((id) => now[id] === undefined)
  if (missing !== undefined) return refuse(`trackerRemove: there is no tracker ${missing}`)
  const removed = new Set(asked.tracker_remove)
  const trackers = now
    .map(({ url, tier }, id) => ({ url: replacements.get(id) ?? url, tier, id }))
    .filter(({ id }) => !removed.has(id))
  const known = new Set(trackers.map(({ url }) => url))
  const added = [...new Set(asked.tracker_add)].filter((url) => !known.has(url))
  return [...tiersOf(trackers), ...added.map((url) => [url])]
}

function tiersOf(trackers: readonly { readonly url: string; readonly tier: number }[]): string[][] {
  const tiers = new Map<number, string[]>()
  for (const { url, tier } of trackers) tiers.set(tier, [...(tiers.get(tier) ?? []), url])
  return [...tiers.values()]
}

function tiersOfText(text: string): string[][] {
  const tiers = text
    .split(/\r?\n[ \t]*\r?\n/)
    .map((tier) => tier.split(/\r?\n/).map((line) => line.trim()))
  return tiers.map((tier) => tier.filter((line) => line !== '')).filter((tier) => tier.length > 0)
}

function isWhole(url: string): boolean {
  return /^[\x21-\x7e]+$/.test(url)
}
