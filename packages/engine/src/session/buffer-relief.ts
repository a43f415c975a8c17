/**
 * All torrents gather pieces in one bounded pool. When one of them cannot begin a piece for want of a buffer, the piece
 * anywhere that waits longest gives its own up: soon where no peer is left to finish it, late where one still might.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { LIMITS } from '../settings.ts'
import type { Downloader } from '../transfer/download.ts'

export interface Gathering {
  readonly downloader: Downloader
  readonly peerCount: number
}

export function relieveBuffers(gatherings: readonly Gathering[], nowMs: Millis): void {
  if (!gatherings.some(({ downloader }) => downloader.isStarved)) return
  let chosen: { readonly downloader: Downloader; readonly pieceIndex: number } | null = null
  let longestMs = 0
  for (const { downloader, peerCount } of gatherings) {
    const stalest = downloader.stalest()
    if (stalest === null) continue
    const graceMs = peerCount === 0 ? LIMITS.orphanPieceMs : LIMITS.stalePieceMs
    const overdueMs = nowMs - stalest.sinceMs - graceMs
    if (overdueMs <= longestMs) continue
    longestMs = overdueMs
    chosen = { downloader, pieceIndex: stalest.pieceIndex }
  }
  chosen?.downloader.abandon(chosen.pieceIndex)
}
