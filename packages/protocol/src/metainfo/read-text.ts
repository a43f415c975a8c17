import { dictGet, type BencodeDict } from '../bencode.ts'
import { utf8Decode, utf8DecodeStrict } from '../bytes.ts'
import type { Findings } from './findings.ts'

/**
 * A text of a torrent, from `<key>.utf-8` where an author of old wrote the plain key in another encoding.
 * Wrong UTF-8 is shown with U+FFFD and a warning. `null` where absent, `undefined` where it is no string.
 */
export function readText(
  dict: BencodeDict,
  key: string,
  where: string,
  findings: Findings,
): string | null | undefined {
  const preferred = dictGet.text(dict, `${key}.utf-8`)
  if (preferred !== null && preferred !== '') return preferred
  const plain = dict.get(key)
  if (plain === undefined) return null
  return plain instanceof Uint8Array ? decodeText(plain, `${where}.${key}`, findings) : undefined
}

export function decodeText(bytes: Uint8Array, where: string, findings: Findings): string {
  const text = utf8DecodeStrict(bytes)
  if (text !== null) return text
  findings.warn(where, 'not UTF-8; the bytes that are wrong were replaced')
  return utf8Decode(bytes)
}
