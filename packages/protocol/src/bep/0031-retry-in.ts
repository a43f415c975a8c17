/**
 * When to ask again after a failure: `retry in`, in minutes or `never`.
 *
 * Spec: BEP 31, "Failure Retry Extension" <https://www.bittorrent.org/beps/bep_0031.html>
 * Divergence: the text says "a positive integer", its examples hold the number as a string: both are read.
 */
import { type BencodeDict, dictGet } from '../bencode.ts'
import { latin1Decode } from '../bytes.ts'
import type { Millis } from '../machine.ts'

/** A tracker that fails may not silence us for longer than this with a number; `never` says it plainly. */
export const MAX_RETRY_IN_MINUTES: number = 7 * 24 * 60

/** `null` where nothing usable is said. */
export function readRetryIn(answer: BencodeDict): Millis | 'never' | null {
  const bytes = dictGet.bytes(answer, 'retry in')
  if (bytes === null) return minutesToMs(dictGet.int(answer, 'retry in'))
  if (bytes.length > MAX_TEXT_BYTES) return null
  const text = latin1Decode(bytes).trim().toLowerCase()
  if (text === 'never') return 'never'
  return /^[0-9]+$/.test(text) ? minutesToMs(Number(text)) : null
}

const MAX_TEXT_BYTES = 16
const MINUTE_MS = 60_000

function minutesToMs(minutes: number | null): Millis | null {
  if (minutes === null || minutes <= 0) return null
  return Math.min(minutes, MAX_RETRY_IN_MINUTES) * MINUTE_MS
}
