/** Files and torrents for tests, the same every time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Bytes that repeat in no period of a piece. */
export function sampleBytes(lengthBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  let state = seed
  for (let at = 0; at < lengthBytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** Writes files below a folder; answers its path. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const HASH = 'h'.repeat(20)
/** Bencode, by hand: the names of keys are sorted. */
const text = (value: string): string => `${Buffer.byteLength(value)}:${value}`
const info = (inner: string): string =>
  `d8:announce${text('http://t.example/announce')}4:info${inner}e`

export const SINGLE = info(
  `d6:lengthi5e4:name${text('a.txt')}12:piece lengthi16384e6:pieces20:${HASH}e`,
)
export const MULTI = info(
  `d5:filesld6:lengthi5e4:pathl${text('sub')}${text('a.txt')}eed6:lengthi0e4:pathl${text('empty')}eee4:name${text('folder')}12:piece lengthi16384e6:pieces20:${HASH}7:privatei1ee`,
)
export const PADDED = info(
  `d5:filesld6:lengthi5e4:pathl${text('a')}eed4:attr1:p6:lengthi16379e4:pathl${text('.pad')}${text('16379')}eed6:lengthi7e4:pathl${text('b')}eee4:name${text('padded')}12:piece lengthi16384e6:pieces40:${HASH}${HASH}e`,
)
export const UNICODE = info(
  `d6:lengthi5e4:name${text('夢の中へ.txt')}12:piece lengthi16384e6:pieces20:${HASH}e`,
)
/** A name that would clear the screen, turn it red and reverse what follows. */
export const HOSTILE_NAME = '\u001b[2J\u001b[31mred\u0007\u009b1m\u202egpj.exe'
export const HOSTILE = info(
  `d6:lengthi5e4:name${text(HOSTILE_NAME)}12:piece lengthi16384e6:pieces20:${HASH}e`,
)
