import {
  decodeBencodePrefix,
  encodeBencode,
  TORRENT_BENCODE_LIMITS,
  WIRE_BENCODE_LIMITS,
} from '../src/bencode.ts'
import { formatMagnet, parseMagnet } from '../src/bep/0009-magnet.ts'
import { equalBytes, utf8Decode } from '../src/bytes.ts'
import { toDisplay } from '../src/display.ts'
import { invariant } from '../src/machine.ts'
import { encodeMetainfo, parseMetainfo } from '../src/metainfo.ts'
import type { DecoderRow } from './decoders.ts'

export const TORRENT_DECODERS: readonly DecoderRow[] = [
  {
    name: 'bencode-prefix',
    corpus: ['bencode', 'metainfo'],
    decode(bytes) {
      const decoded = decodeBencodePrefix(bytes, { ...WIRE_BENCODE_LIMITS, strict: true })
      if (!decoded.ok) return
      // What is strict has one encoding.
      const again = encodeBencode(decoded.value)
      invariant(
        equalBytes(again, bytes.subarray(0, decoded.usedBytes)),
        'strict bencode round-trips',
      )
    },
  },
  {
    name: 'bencode-lenient',
    corpus: ['bencode', 'metainfo'],
    decode: (bytes) => decodeBencodePrefix(bytes, TORRENT_BENCODE_LIMITS),
  },
  {
    name: 'metainfo-again',
    corpus: ['metainfo'],
    decode(bytes) {
      const parsed = parseMetainfo(bytes, QUICK_HASHES)
      if (!parsed.ok) return
      const again = parseMetainfo(encodeMetainfo(parsed.metainfo), QUICK_HASHES)
      invariant(again.ok, 'an accepted torrent is accepted when it is written again')
      const isSame = equalBytes(again.metainfo.infoBytes, parsed.metainfo.infoBytes)
      invariant(isSame, 'writing a torrent leaves its info bytes alone')
    },
  },
  {
    name: 'magnet-again',
    corpus: ['magnet'],
    decode(bytes) {
      const parsed = parseMagnet(utf8Decode(bytes))
      if (!parsed.ok) return
      const link = formatMagnet(parsed.magnet)
      const again = parseMagnet(link)
      // Escapes may make a link longer than what is read.
      if (!again.ok) invariant(again.fault.code === 'too-long', 'a written link is read again')
      else invariant(formatMagnet(again.magnet) === link, 'writing a link again changes nothing')
    },
  },
  {
    name: 'display',
    corpus: ['metainfo', 'magnet', 'bencode'],
    decode(bytes) {
      const shown = toDisplay(bytes)
      invariant(shown.length <= 512, 'shown text is bounded')
      invariant(toDisplay(shown) === shown, 'shown text is fit to show')
    },
  },
]

/** The hash is not what is fuzzed here, and would take most of the time. */
const QUICK_HASHES = {
  sha1: (): Uint8Array => new Uint8Array(20),
  sha256: (): Uint8Array => new Uint8Array(32),
}
