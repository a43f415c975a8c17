/**
 * BEP 47: padding files and extended file attributes <https://www.bittorrent.org/beps/bep_0047.html>
 *
 * Covered: `attr`, padding files. "Characters appear in no particular order and unknown characters should be ignored."
 * Diverges: symbolic links are not made, because names from a torrent must never lead out of its folder; `sha1` hints,
 * `x` and `h` are not used.
 */
import { dictGet, type BencodeDict } from '../bencode.ts'
import { latin1Decode } from '../bytes.ts'

export interface FileAttributes {
  /** Zeros that are never stored. */
  readonly isPad: boolean
  readonly isSymlink: boolean
}

/** Reads `attr` of a file, or of the info dictionary of a single-file torrent; other types count as absent. */
export function readAttributes(file: BencodeDict): FileAttributes {
  const attr = dictGet.bytes(file, 'attr')
  if (attr === null) return NO_ATTRIBUTES
  const letters = latin1Decode(attr)
  return { isPad: letters.includes('p'), isSymlink: letters.includes('l') }
}

/** The path that is recommended for a padding file; also stands in where a padding file has none. */
export function padPath(lengthBytes: number): readonly string[] {
  return ['.pad', String(lengthBytes)]
}

const NO_ATTRIBUTES: FileAttributes = { isPad: false, isSymlink: false }
