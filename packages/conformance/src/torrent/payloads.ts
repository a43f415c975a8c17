/** What the cells share: named payloads whose bytes follow from the name alone. */
import { createCipheriv, createHash } from 'node:crypto'
import type { Payload, PayloadFile } from './make-torrent.ts'

const KIB = 1024

/** Bytes that look random and are the same on every run with this seed: a key stream. */
export function seededBytes(seed: string, lengthBytes: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(lengthBytes))
}

/** One file of 2 MiB and a bit, so that the last piece and its last block are short. */
export function plainPayload(seed: string): Payload {
  return single(`plain-${seed}.bin`, seed, 2048 * KIB + 4321, 32 * KIB)
}

/** One piece, for the smoke test of a driver. */
export function tinyPayload(seed: string): Payload {
  return single(`tiny-${seed}.bin`, seed, 20_000, 32 * KIB)
}

/** So many pieces that the metadata takes two pieces of its own (BEP 9). */
export function magnetPayload(seed: string): Payload {
  return single(`magnet-${seed}.bin`, seed, 16 * KIB * 900 + 17, 16 * KIB)
}

/** Long enough that a client can be killed half-way with whole pieces on its disk. */
export function resumePayload(seed: string): Payload {
  return single(`resume-${seed}.bin`, seed, 6 * KIB * KIB + 777, 64 * KIB)
}

function single(
  name: string,
  seed: string,
  lengthBytes: number,
  pieceLengthBytes: number,
): Payload {
  const file: PayloadFile = { path: [name], bytes: seededBytes(seed, lengthBytes) }
  return { name, isSingleFile: true, pieceLengthBytes, files: [file] }
}

/** Empty files first, last and between; one piece over many files; other scripts; a deep folder. */
export function awkwardPayload(seed: string): Payload {
  const files: [string, number][] = [
    ['empty-first.txt', 0],
    ['one.byte', 1],
    ['Ünïcödé/日本語 ファイル.txt', 33_000],
    ['Ünïcödé/пример — тест.dat', 70_001],
    ['a/b/c/d/e/f/g/h/deep.bin', 16 * KIB],
    ['a/empty between', 0],
    ['a/spaces and (brackets) & signs.bin', 5],
    ...Array.from({ length: 12 }, (_, at): [string, number] => [`small/${at}.txt`, 100 + at]),
    ['big.bin', 700_003],
    ['no extension', 16 * KIB - 1],
    ['zzz/empty-last', 0],
  ]
  return folder(`awkward ${seed} ✓`, seed, files, 32 * KIB)
}

/** Six files whose borders lie within pieces; the wanted ones are `SELECTED_FILES`. */
export function selectedPayload(seed: string): Payload {
  const files: [string, number][] = [
    ['0-wanted.bin', 300_000],
    ['1-unwanted.bin', 400_001],
    ['2-unwanted.bin', 350_000],
    ['3-wanted.bin', 250_007],
    ['4-unwanted.bin', 500_000],
    ['5-unwanted.bin', 123_456],
  ]
  return folder(`selected-${seed}`, seed, files, 32 * KIB)
}

export const SELECTED_FILES: readonly number[] = [0, 3]

function folder(
  name: string,
  seed: string,
  files: readonly (readonly [string, number])[],
  pieceLengthBytes: number,
): Payload {
  return {
    name,
    isSingleFile: false,
    pieceLengthBytes,
    files: files.map(([path, lengthBytes]) => ({
      path: path.split('/'),
      bytes: seededBytes(`${seed}/${path}`, lengthBytes),
    })),
  }
}
