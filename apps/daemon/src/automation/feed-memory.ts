/** What was taken from feeds, kept between runs. */
import { createHash } from 'node:crypto'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { z } from 'zod'

/** Of one feed, the newest: more than a feed can list. */
export const TAKEN_PER_FEED = 2_000
/** Feeds that left the configuration are remembered for as long as there is room. */
export const FEEDS_REMEMBERED = 200
const FILE_BYTES = 16 * 1024 * 1024

const FeedRecord = z.object({
  etag: z.string().max(1_024).nullable(),
  lastModified: z.string().max(256).nullable(),
  /** Of the rules with which the validators hold: with others, what is unchanged has to be looked at again. */
  rules: z.string(),
  taken: z.array(z.string()).max(TAKEN_PER_FEED),
})
export type FeedRecord = z.infer<typeof FeedRecord>

const MemoryFile = z.record(z.string(), FeedRecord)

export class FeedMemory {
  readonly #path: string
  /** By the digest of the feed's address, the one used last at the end. */
  readonly #records: Map<string, FeedRecord>

  private constructor(path: string, records: Map<string, FeedRecord>) {
    this.#path = path
    this.#records = records
  }

  /** A file that cannot be read counts as empty; it stays until the next save. */
  static async load(path: string): Promise<FeedMemory> {
    return new FeedMemory(path, new Map(Object.entries(await readRecords(path))))
  }

  get(url: string): FeedRecord {
    return this.#records.get(digestOf(url)) ?? NOTHING
  }

  hasTaken(url: string, itemKey: string): boolean {
    return this.get(url).taken.includes(digestOf(itemKey))
  }

  take(url: string, itemKeys: readonly string[]): void {
    const record = this.get(url)
    const taken = new Set([...record.taken, ...itemKeys.map(digestOf)])
    this.#put(url, { ...record, taken: [...taken].slice(-TAKEN_PER_FEED) })
  }

  setValidators(url: string, validators: Omit<FeedRecord, 'taken'>): void {
    this.#put(url, { ...validators, taken: this.get(url).taken })
  }

  /** Whole or not at all, and on the disk when it is done. Rejects where that cannot be. */
  async save(): Promise<void> {
    const beside = `${this.#path}.new`
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(Object.fromEntries(this.#records)))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, this.#path)
  }

  #put(url: string, record: FeedRecord): void {
    const key = digestOf(url)
    this.#records.delete(key)
    this.#records.set(key, record)
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= FEEDS_REMEMBERED) return
      this.#records.delete(oldest)
    }
  }
}

const NOTHING: FeedRecord = { etag: null, lastModified: null, rules: '', taken: [] }

async function readRecords(path: string): Promise<Record<string, FeedRecord>> {
  try {
    if ((await stat(path)).size > FILE_BYTES) return {}
    const read: unknown = JSON.parse(await readFile(path, 'utf8'))
    return MemoryFile.safeParse(read).data ?? {}
  } catch {
    return {}
  }
}

/** Short and of one length; addresses of feeds, which hold passkeys, are not kept. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
