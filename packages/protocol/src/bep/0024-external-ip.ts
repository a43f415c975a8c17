/**
 * Our own address as the tracker sees it: `external ip` in an answer.
 *
 * Spec: BEP 24, "Tracker Returns External IP" <https://www.bittorrent.org/beps/bep_0024.html>
 */
import { type BencodeDict, dictGet } from '../bencode.ts'
import { formatIp } from '../ip-address.ts'

/** The address as text; `null` where it is absent or not 4 or 16 bytes long. A tracker may lie: use it as a hint only. */
export function readExternalIp(answer: BencodeDict): string | null {
  const bytes = dictGet.bytes(answer, 'external ip')
  return bytes === null ? null : formatIp(bytes)
}
