/** The torrents of a session, made fit to show. What is the same object as before is neither copied nor looked into. */
import type { TorrentSummary } from './contract.ts'
import type { RawTorrentSummary } from './controlled-session.ts'
import { showSummary } from './display.ts'
import { sameFields } from './update-feed.ts'

interface Row {
  readonly raw: RawTorrentSummary
  readonly shown: TorrentSummary
}

export class ShownList {
  #raws: readonly RawTorrentSummary[]
  #torrents: readonly TorrentSummary[]
  readonly #rows = new Map<string, Row>()

  constructor(raws: readonly RawTorrentSummary[]) {
    this.#raws = raws
    this.#torrents = raws.map((raw) => this.#show(raw))
  }

  get torrents(): readonly TorrentSummary[] {
    return this.#torrents
  }

  /** The same list as before when every torrent is; else a new one, in which those that are the same are the same objects. */
  update(raws: readonly RawTorrentSummary[]): readonly TorrentSummary[] {
    if (isSameList(this.#raws, raws)) return this.#torrents
    const before = this.#raws
    this.#raws = raws
    this.#torrents = raws.map((raw, index) => {
      const shown = raw === before[index] ? this.#torrents[index] : undefined
      return shown ?? this.#show(raw)
    })
    if (this.#rows.size > raws.length) this.#forgetOthers(raws)
    return this.#torrents
  }

  #show(raw: RawTorrentSummary): TorrentSummary {
    const known = this.#rows.get(raw.id)
    if (known !== undefined && sameFields(known.raw, raw)) return known.shown
    const shown = showSummary(raw)
    this.#rows.set(raw.id, { raw, shown })
    return shown
  }

  #forgetOthers(raws: readonly RawTorrentSummary[]): void {
    const ids = new Set(raws.map(({ id }) => id))
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id)
  }
}

function isSameList(
  one: readonly RawTorrentSummary[],
  other: readonly RawTorrentSummary[],
): boolean {
  if (one === other) return true
  return one.length === other.length && one.every((raw, index) => raw === other[index])
}
