/**
 * Which torrent is selected: it stays the same one while others come and go, and when it goes itself, the one that
 * takes its place is next.
 */
import type { TorrentSummary } from '@pigeon/control/contract'
import { useState } from 'react'

export interface Selection {
  /** 0 when there is nothing to select. */
  readonly index: number
  readonly torrent: TorrentSummary | undefined
  readonly selectIndex: (index: number) => void
  /** It may come into the list later. */
  readonly selectId: (id: string) => void
}

interface Place {
  readonly id: string | null
  readonly index: number
}

export function useSelection(torrents: readonly TorrentSummary[]): Selection {
  const [place, setPlace] = useState<Place>({ id: null, index: 0 })
  const found = torrents.findIndex(({ id }) => id === place.id)
  const index = found >= 0 ? found : Math.max(0, Math.min(place.index, torrents.length - 1))
  const torrent = torrents[index]
  const id = torrent?.id ?? null
  const isAwaited = place.id !== null && found < 0 && place.index === AWAITED
  // While rendering, not after it: a key that comes in between is for what the user sees now.
  if (!isAwaited && id !== null && (id !== place.id || index !== place.index))
    setPlace({ id, index })
  return {
    index,
    torrent,
    selectIndex: (wanted) => {
      const at = Math.max(0, Math.min(wanted, torrents.length - 1))
      const next = torrents[at]
      if (next !== undefined) setPlace({ id: next.id, index: at })
    },
    selectId: (wanted) => setPlace({ id: wanted, index: AWAITED }),
  }
}

/** New torrents come at the end of the list. */
const AWAITED = Number.MAX_SAFE_INTEGER
