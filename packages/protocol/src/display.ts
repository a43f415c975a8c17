/**
 * The one function that makes foreign strings fit to show: on a terminal, in a page, in a log line.
 *
 * What could move the cursor, reverse the reading direction, hide itself or break a line becomes a visible mark.
 */
import { utf8Decode } from './bytes.ts'

declare const shown: unique symbol

/** A text that went through `toDisplay`. Screens and logs take no other foreign text. */
export type DisplayText = string & { readonly [shown]: true }

/** Characters (UTF-16 units) of a foreign string that are shown, the ellipsis included. */
export const DISPLAY_LIMIT = 512

/**
 * Makes a string of a peer, torrent, tracker or feed harmless to show, at most `limit` characters long.
 *
 * Bytes are read as UTF-8. C0 controls become their pictures (U+2400 and up); C1 controls, invisible and directional
 * marks, line separators and lone surrogates become U+FFFD. A longer text ends in an ellipsis. Never markup-aware:
 * escaping for HTML is the page's duty.
 */
export function toDisplay(text: string | Uint8Array, limit: number = DISPLAY_LIMIT): DisplayText {
  const foreign = typeof text === 'string' ? text : utf8Decode(text.subarray(0, limit * 4 + 4))
  const isCut = foreign.length > limit
  // One unit is left for the ellipsis; a pair that this would split is dropped whole.
  const kept = isCut ? withoutSplitPair(foreign.slice(0, Math.max(limit - 1, 0))) : foreign
  const safe = kept.replace(UNFIT, visibleMark)
  const display = isCut && limit > 0 ? `${safe}…` : safe
  // The brand exists only in types; this is the one place that may give it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return display as DisplayText
}

/**
 * C0, DEL and C1 (Cc); lone surrogates (Cs); soft hyphen; Arabic letter mark; Mongolian vowel separator; zero-width and directional marks; line and
 * paragraph separators; invisible operators, isolates and deprecated format controls; byte-order mark; interlinear
 * marks; tags.
 */
const UNFIT =
  /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu

function visibleMark(unfit: string): string {
  const code = unfit.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\uFFFD'
}

/** Only a high surrogate at the end can have lost its other half here. */
function withoutSplitPair(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}
