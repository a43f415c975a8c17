/**
 * BEP 12: multitracker metadata extension, the key <https://www.bittorrent.org/beps/bep_0012.html>
 *
 * Covered: reading and writing `announce-list`. The order of use is in `0012-tiers.ts`.
 * Diverges: a list without a single URL counts as absent, so that `announce` still works; junk is left out; URLs that
 * begin with `*` were switched off by their author and are left out.
 */
import { isBencodeList, type BencodeDict, type BencodeValue } from '../bencode.ts'
import { utf8DecodeStrict } from '../bytes.ts'

/** A longer URL is junk. */
export const MAX_URL_BYTES = 2048

export interface AnnounceTiers {
  readonly tiers: readonly (readonly string[])[]
  /** How many entries were no usable URL, came twice or were too many. */
  readonly skippedCount: number
}

/**
 * The tiers of tracker URLs of a torrent.
 *
 * "if the 'announce-list' key is present, the client will ignore the 'announce' key"
 */
export function readAnnounceTiers(root: BencodeDict, maxTrackers: number): AnnounceTiers {
  const listed = readTiers(root.get('announce-list'), maxTrackers)
  if (listed.tiers.length > 0) return listed
  const announce = root.get('announce')
  const single = readTiers(announce === undefined ? [] : [[announce]], maxTrackers)
  return { tiers: single.tiers, skippedCount: listed.skippedCount + single.skippedCount }
}

function readTiers(list: BencodeValue | undefined, maxTrackers: number): AnnounceTiers {
  const seen = new Set<string>()
  let skippedCount = 0
  const readTier = (tier: BencodeValue): string[] => {
    const urls: string[] = []
    for (const entry of isBencodeList(tier) ? tier : [tier]) {
      const url = readUrl(entry)
      if (url === null || url.startsWith('*') || seen.has(url) || seen.size >= maxTrackers) {
        skippedCount++
      } else {
        seen.add(url)
        urls.push(url)
      }
    }
    return urls
  }
  const tiers = isBencodeList(list) ? list.map(readTier).filter((tier) => tier.length > 0) : []
  return { tiers, skippedCount }
}

/** A byte string that can be a URL: right UTF-8, trimmed, not empty, not endless. */
export function readUrl(value: BencodeValue): string | null {
  if (!(value instanceof Uint8Array) || value.length > MAX_URL_BYTES) return null
  const url = utf8DecodeStrict(value)?.trim() ?? ''
  return url === '' ? null : url
}
