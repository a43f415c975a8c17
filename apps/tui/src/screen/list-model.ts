/** Which torrents the list shows, in which order; worked out anew only when something changed. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { type Filter, parseFilter } from '@pigeon/control/filter'
import { parseSort, sortTorrents } from '@pigeon/control/sort'
import type { Problem } from '@pigeon/control/contract'
import type { NodeStore } from './node-store.ts'

export const STATUS_TABS = ['all', 'downloading', 'seeding', 'active', 'paused', 'errors'] as const
export type StatusTab = (typeof STATUS_TABS)[number]

const IS_IN: Readonly<Record<StatusTab, (torrent: TorrentSummary) => boolean>> = {
  all: () => true,
  downloading: ({ state }) => DOWNLOADING.has(state),
  seeding: ({ state }) => state === 'seeding',
  active: ({ state, downRate, upRate }) =>
    downRate > 0 || upRate > 0 || state === 'checking' || state === 'moving',
  paused: ({ state }) => state === 'paused',
  errors: ({ state }) => state === 'error',
}

const DOWNLOADING: ReadonlySet<string> = new Set(['downloading', 'metadata', 'queued'])

export interface FilterFault {
  readonly problem: Problem
  /** Where in the text, from 0. */
  readonly at: number
}

export class ListModel {
  readonly #store: NodeStore
  #tab: StatusTab = 'all'
  #sort = 'added,name'
  #filterText = ''
  #filter: Filter | null = null
  #fault: FilterFault | null = null
  #version = -1
  /** All that the filter leaves. */
  #ordered: readonly TorrentSummary[] = []
  #rows: readonly TorrentSummary[] = []
  #counts: Record<StatusTab, number> = { ...NO_COUNTS }

  constructor(store: NodeStore) {
    this.#store = store
  }

  get tab(): StatusTab {
    return this.#tab
  }

  set tab(tab: StatusTab) {
    this.#tab = tab
    this.#version = -1
  }

  get sort(): string {
    return this.#sort
  }

  /** What cannot be read changes nothing. */
  set sort(text: string) {
    if (!parseSort(text).ok) return
    this.#sort = text
    this.#version = -1
  }

  get filterText(): string {
    return this.#filterText
  }

  /** Why the text is no filter; what was shown before stays shown then. */
  get fault(): FilterFault | null {
    return this.#fault
  }

  set filterText(text: string) {
    this.#filterText = text
    const parsed = parseFilter(text)
    this.#fault = parsed.ok ? null : { problem: parsed.problem, at: parsed.at }
    if (!parsed.ok) return
    this.#filter = parsed.filter.isEmpty ? null : parsed.filter
    this.#version = -1
  }

  get isFiltered(): boolean {
    return this.#filter !== null
  }

  get rows(): readonly TorrentSummary[] {
    this.#update()
    return this.#rows
  }

  /** Of what the filter leaves. */
  get counts(): Readonly<Record<StatusTab, number>> {
    this.#update()
    return this.#counts
  }

  #update(): void {
    if (this.#version === this.#store.version) return
    this.#version = this.#store.version
    const parsed = parseSort(this.#sort)
    const kept = this.#kept()
    this.#ordered = parsed.ok ? sortTorrents(kept, parsed.sort) : kept
    const counts = { ...NO_COUNTS }
    for (const torrent of this.#ordered)
      for (const tab of STATUS_TABS) if (IS_IN[tab](torrent)) counts[tab] += 1
    this.#counts = counts
    const isIn = IS_IN[this.#tab]
    this.#rows = this.#tab === 'all' ? this.#ordered : this.#ordered.filter(isIn)
  }

  /** What the filter leaves, in the order of the last time: what is sorted almost is sorted fast. */
  #kept(): readonly TorrentSummary[] {
    const { torrents } = this.#store
    const known: TorrentSummary[] = []
    for (const { id } of this.#ordered) {
      const torrent = torrents.get(id)
      if (torrent !== undefined) known.push(torrent)
    }
    const all = known.length === torrents.size ? known : [...torrents.values()]
    const filter = this.#filter
    if (filter === null) return all
    const nowMs = Date.now()
    return all.filter((torrent) => filter.matches(torrent, nowMs))
  }
}

const NO_COUNTS: Readonly<Record<StatusTab, number>> = {
  all: 0,
  downloading: 0,
  seeding: 0,
  active: 0,
  paused: 0,
  errors: 0,
}
