/**
 * BEP 19: web seeds, the key <https://www.bittorrent.org/beps/bep_0019.html>
 *
 * Covered: reading `url-list`. Fetching from web seeds is not.
 */
import { isBencodeList, type BencodeDict } from '../bencode.ts'
import { readUrl } from './0012-announce-list.ts'

export interface UrlList {
  readonly urls: readonly string[]
  readonly skippedCount: number
}

/** The URLs of `url-list`, which is one string, a list of them, or an empty string for none. */
export function readUrlList(root: BencodeDict, maxWebSeeds: number): UrlList {
  const value = root.get('url-list')
  if (value === undefined || (value instanceof Uint8Array && value.length === 0)) {
    return { urls: [], skippedCount: 0 }
  }
  const entries = isBencodeList(value) ? value : [value]
  const urls = new Set<string>()
  for (const entry of entries) {
    const url = readUrl(entry)
    if (url !== null && urls.size < maxWebSeeds) urls.add(url)
  }
  return { urls: [...urls], skippedCount: entries.length - urls.size }
}
