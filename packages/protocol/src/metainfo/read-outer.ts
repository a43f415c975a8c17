/**
 * What stands beside `info` in a torrent file: trackers and remarks. None of it is part of the info-hash, so nothing
 * here can make a torrent wrong; junk is left out with a warning.
 *
 * Spec: BEP 3, "metainfo files"; BEP 5, "torrent file extensions"; BEP 12; BEP 19
 */
import { dictGet, type BencodeDict } from '../bencode.ts'
import { readNodes } from '../bep/0005-nodes.ts'
import { readAnnounceTiers } from '../bep/0012-announce-list.ts'
import { readUrlList } from '../bep/0019-url-list.ts'
import { utf8Decode } from '../bytes.ts'
import type { Metainfo } from '../metainfo.ts'
import type { Findings } from './findings.ts'
import type { MetainfoLimits } from './limits.ts'

export type Outer = Pick<
  Metainfo,
  'trackers' | 'webSeeds' | 'dhtNodes' | 'comment' | 'createdBy' | 'creationDate' | 'otherKeys'
>

export const NO_OUTER: Outer = {
  trackers: [],
  webSeeds: [],
  dhtNodes: [],
  comment: null,
  createdBy: null,
  creationDate: null,
}

/** The keys that are read here, and `info`. */
export const OUTER_KEYS: ReadonlySet<string> = new Set([
  'announce',
  'announce-list',
  'comment',
  'created by',
  'creation date',
  'info',
  'nodes',
  'url-list',
])

/** The last second that a calendar can name (ECMAScript, "time values"). */
const MAX_DATE_SECONDS = 8_640_000_000_000

export function readOuter(
  root: BencodeDict,
  otherKeys: ReadonlyMap<string, Uint8Array>,
  limits: MetainfoLimits,
  findings: Findings,
): Outer {
  const { tiers, skippedCount } = readAnnounceTiers(root, limits.maxTrackers)
  const seeds = readUrlList(root, limits.maxWebSeeds)
  const nodes = readNodes(root, limits.maxDhtNodes)
  warnSkipped(findings, 'announce-list', skippedCount)
  warnSkipped(findings, 'url-list', seeds.skippedCount)
  warnSkipped(findings, 'nodes', nodes.skippedCount)
  return {
    trackers: tiers,
    webSeeds: seeds.urls,
    dhtNodes: nodes.nodes,
    comment: readRemark(root, 'comment'),
    createdBy: readRemark(root, 'created by'),
    creationDate: readDate(root, findings),
    otherKeys,
  }
}

function warnSkipped(findings: Findings, key: string, count: number): void {
  if (count > 0) findings.warn(key, `${count} entries were unusable, repeated or too many`)
}

function readRemark(root: BencodeDict, key: string): string | null {
  const bytes = dictGet.bytes(root, key)
  return bytes === null ? null : utf8Decode(bytes)
}

function readDate(root: BencodeDict, findings: Findings): number | null {
  if (!root.has('creation date')) return null
  const seconds = dictGet.int(root, 'creation date')
  if (seconds !== null && seconds >= 0 && seconds <= MAX_DATE_SECONDS) return seconds
  findings.warn('creation date', 'it is no date')
  return null
}
