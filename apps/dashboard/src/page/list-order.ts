/**
 * The order of the list, kept over many updates: only what changed is asked again whether it is shown, and the old
 * order is where sorting begins, which costs next to nothing while it still holds.
 */
import type { TorrentSummary } from '@pigeon/control/contract'
import { parseSort, sortTorrents } from '@pigeon/control/sort'
import { type ListView, matcherOf, readFilter } from './list-view.ts'

type Torrents = ReadonlyMap<string, TorrentSummary>

interface Known {
  torrent: TorrentSummary
  isShown: boolean
}

export class ListOrder {
  #view: ListView | null = null
  /** The last filter without a mistake: it holds on while the next one is being typed. */
  #text = ''
  #torrents: Torrents | null = null
  #known = new Map<string, Known>()
  #order: readonly TorrentSummary[] = []
  #shown: readonly string[] = []

  /** Ids of what is shown, in order: the same array as before where nothing of it changed. */
  shown(torrents: Torrents, view: ListView): readonly string[] {
    if (torrents === this.#torrents && view === this.#view) return this.#shown
    const isNewView = view !== this.#view
    if (isNewView) this.#known.clear()
    this.#view = view
    this.#torrents = torrents
    const { list, isSameSet } = this.#current(torrents)
    const isSorted = isSameSet && !isNewView && isSteady(view.sort)
    this.#order = isSorted ? list : sorted(list, view)
    if (readFilter(view.text).ok) this.#text = view.text
    const shown = this.#filtered(matcherOf({ ...view, text: this.#text }))
    const isSame =
      shown.length === this.#shown.length && shown.every((id, at) => id === this.#shown[at])
    if (!isSame) this.#shown = shown
    return this.#shown
  }

  /** What there is now, in the order of before; the new ones last. */
  #current(torrents: Torrents): { list: readonly TorrentSummary[]; isSameSet: boolean } {
    const list: TorrentSummary[] = []
    for (const { id } of this.#order) {
      const torrent = torrents.get(id)
      if (torrent === undefined) this.#known.delete(id)
      else list.push(torrent)
    }
    if (list.length === torrents.size)
      return { list, isSameSet: list.length === this.#order.length }
    const old = new Set(list.map(({ id }) => id))
    for (const torrent of torrents.values()) if (!old.has(torrent.id)) list.push(torrent)
    return { list, isSameSet: false }
  }

  #filtered(matches: (torrent: TorrentSummary) => boolean): readonly string[] {
    const shown: string[] = []
    for (const torrent of this.#order) {
      let known = this.#known.get(torrent.id)
      if (known === undefined) {
        known = { torrent, isShown: matches(torrent) }
        this.#known.set(torrent.id, known)
      } else if (known.torrent !== torrent) {
        known.torrent = torrent
        known.isShown = matches(torrent)
      }
      if (known.isShown) shown.push(torrent.id)
    }
    return shown
  }
}

/** By what never changes, sorting is done when one comes. */
function isSteady(sort: string): boolean {
  return /^-?added$/.test(sort)
}

function sorted(
  torrents: readonly TorrentSummary[],
  { sort }: ListView,
): readonly TorrentSummary[] {
  const parsed = parseSort(sort)
  return parsed.ok ? sortTorrents(torrents, parsed.sort) : torrents
}
