/**
 * What survives a restart of a simulated program. A save is durable when it is answered; a crash in the middle keeps
 * either the old or the new, never half of it.
 */
import type { RecordPort, TorrentProgress, TorrentRecord } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import type { Chance } from './chance.ts'
import type { Work } from './storage.ts'

const SAVE_MS = 3

/** The part that outlives the program. */
export class SimRecordStore {
  readonly torrents = new Map<string, TorrentRecord>()
  settings: string | null = null
  readonly blobs = new Map<string, Uint8Array>()
  /** Writes ever begun, for invariants. */
  writes = 0
  readonly #chance: Chance
  #inFlight = new Set<() => void>()

  constructor(chance: Chance) {
    this.#chance = chance
  }

  begin(apply: () => void): void {
    this.writes += 1
    this.#inFlight.add(apply)
  }

  finish(apply: () => void): void {
    if (this.#inFlight.delete(apply)) apply()
  }

  crash(): void {
    for (const apply of this.#inFlight) if (this.#chance.happens(0.5)) apply()
    this.#inFlight = new Set()
  }
}

export function recordsOf(store: SimRecordStore, work: Work): RecordPort {
  const durably = async (apply: () => void): Promise<IoProblem | null> => {
    store.begin(apply)
    await work(SAVE_MS)
    store.finish(apply)
    return null
  }
  return {
    loadAll: async () => {
      await work(SAVE_MS)
      return [...store.torrents.values()].map((record) => structuredClone(record))
    },
    save: async (record) => {
      const copy = structuredClone(record)
      return durably(() => store.torrents.set(copy.id, copy))
    },
    saveOptions: async (id, optionsJson) =>
      durably(() => {
        const record = store.torrents.get(id)
        if (record !== undefined) store.torrents.set(id, { ...record, optionsJson })
      }),
    saveProgress: async (id, progress) => {
      const copy: TorrentProgress = structuredClone(progress)
      return durably(() => {
        const record = store.torrents.get(id)
        if (record !== undefined) store.torrents.set(id, { ...record, progress: copy })
      })
    },
    remove: async (id) => durably(() => store.torrents.delete(id)),
    loadSettings: async () => {
      await work(SAVE_MS)
      return store.settings
    },
    saveSettings: async (json) =>
      durably(() => {
        store.settings = json
      }),
    loadBlob: async (name) => {
      await work(SAVE_MS)
      return store.blobs.get(name)?.slice() ?? null
    },
    saveBlob: async (name, bytes) => {
      const copy = bytes.slice()
      return durably(() => store.blobs.set(name, copy))
    },
  }
}
