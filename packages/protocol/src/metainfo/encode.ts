import { dictOf, encodeBencode, RawBencode, type BencodeInput } from '../bencode.ts'
import type { Metainfo } from '../metainfo.ts'

/** What a .torrent file is written from: an info dictionary as raw bytes, and what stands beside it. */
export type MetainfoParts = Pick<Metainfo, 'infoBytes'> & Partial<Metainfo>

/**
 * A .torrent file again, with `infoBytes` untouched, so that the info-hash stays what it was. Of the trackers, the
 * first is `announce`; `announce-list` is written only where there are more than one.
 *
 * Spec: BEP 3, "metainfo files"; BEP 12; BEP 19
 */
export function encodeMetainfo(parts: MetainfoParts): Uint8Array {
  const trackers = parts.trackers?.filter((tier) => tier.length > 0) ?? []
  const webSeeds = parts.webSeeds ?? []
  const nodes = parts.dhtNodes?.map(({ host, port }): BencodeInput => [host, port]) ?? []
  const root = new Map<string, BencodeInput>()
  for (const [key, raw] of parts.otherKeys ?? []) root.set(key, new RawBencode(raw))
  const known = dictOf({
    announce: trackers[0]?.[0],
    'announce-list': trackers.flat().length > 1 ? trackers : null,
    comment: parts.comment,
    'created by': parts.createdBy,
    'creation date': parts.creationDate,
    info: new RawBencode(parts.infoBytes),
    nodes: nodes.length > 0 ? nodes : null,
    'url-list': webSeeds.length > 0 ? webSeeds : null,
  })
  for (const [key, value] of known) root.set(key, value)
  return encodeBencode(root)
}
