import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { RecordPort, TorrentProgress, TorrentRecord } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { diskProblem, errnoOf } from './io-errors.ts'

/** Records in `state.db`, which only one process may hold (see `process-lock.ts`). */
export interface Records extends RecordPort {
  /** Set when a broken database was found at opening and put aside; the records began anew. */
  readonly setAside: IoProblem | null
  /** How often something was made durable, for tests of what shares a transaction. */
  readonly transactions: number
  close(): void
}

/**
 * Opens or makes `state.db` in the state folder. Each call that answers `null` is durable: WAL with `synchronous=FULL`.
 * Changes asked for while the event loop is busy share one transaction, up to `BATCH_CHANGES`. A database that SQLite cannot read is renamed to
 * `state.db.broken-<n>`, never removed; one made by a newer Pigeon is refused.
 */
export function openRecords(folder: string): Records | IoProblem {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    return diskProblem(error, `make the state folder ${folder}`)
  }
  const path = join(folder, 'state.db')
  const first = openDatabase(path)
  if (first instanceof DatabaseSync) return new SqliteRecords(first, path, null)
  if (first !== 'broken') return first
  const asidePath = freeName(path)
  try {
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, asidePath + suffix)
    }
  } catch (error) {
    return diskProblem(error, `put the broken ${path} aside`)
  }
  const second = openDatabase(path)
  if (second instanceof DatabaseSync)
    return new SqliteRecords(second, path, brokenRecord(asidePath))
  return second === 'broken' ? diskProblem('EIO', `make ${path}`) : second
}

const SCHEMA_VERSION = 1
/** Changes that one transaction may hold, so that a broken one costs no more than these a second try. */
export const BATCH_CHANGES = 1_000

interface Change {
  readonly work: () => void
  readonly settle: (problem: IoProblem | null) => void
}

/** How long to wait for a lock that a backup tool may hold. */
const BUSY_MS = 2_000

const SCHEMA = `
  CREATE TABLE torrent (
    id TEXT PRIMARY KEY,
    info_hash_v1 BLOB,
    info_hash_v2 BLOB,
    info_bytes BLOB,
    options_json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE progress (
    id TEXT PRIMARY KEY REFERENCES torrent (id) ON DELETE CASCADE,
    verified BLOB NOT NULL,
    downloaded_bytes INTEGER NOT NULL,
    uploaded_bytes INTEGER NOT NULL,
    seeded_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE setting (only INTEGER PRIMARY KEY CHECK (only = 1), json TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

const BLOB_TABLE =
  'CREATE TABLE IF NOT EXISTS blob (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;'

function openDatabase(path: string): DatabaseSync | 'broken' | IoProblem {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    database.exec(
      `PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;`,
    )
    const version = numberOf(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > SCHEMA_VERSION) {
      database.close()
      return newerRecord(path, version)
    }
    if (version === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT;`)
    // Older versions have no use for it and leave it alone.
    database.exec(BLOB_TABLE)
    const health = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (health === 'ok') return database
    database.close()
    return 'broken'
  } catch (error) {
    if (database?.isOpen === true) database.close()
    return isBroken(error) ? 'broken' : sqliteProblem(error, path)
  }
}

class SqliteRecords implements Records {
  readonly setAside: IoProblem | null
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #putTorrent: StatementSync
  readonly #putProgress: StatementSync
  readonly #updateProgress: StatementSync
  readonly #putOptions: StatementSync
  #waiting: Change[] = []
  #waitingProgress = new Map<string, TorrentProgress>()
  #isFlushDue = false
  /** Transactions so far. */
  transactions = 0

  constructor(database: DatabaseSync, path: string, setAside: IoProblem | null) {
    this.#database = database
    this.#path = path
    this.setAside = setAside
    this.#putTorrent = database.prepare(
      `INSERT INTO torrent (id, info_hash_v1, info_hash_v2, info_bytes, options_json) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET info_hash_v1 = excluded.info_hash_v1, info_hash_v2 = excluded.info_hash_v2,
         info_bytes = excluded.info_bytes, options_json = excluded.options_json`,
    )
    this.#putProgress = database.prepare(
      `INSERT OR REPLACE INTO progress (id, verified, downloaded_bytes, uploaded_bytes, seeded_ms) VALUES (?, ?, ?, ?, ?)`,
    )
    this.#putOptions = database.prepare('UPDATE torrent SET options_json = ? WHERE id = ?')
    this.#updateProgress = database.prepare(
      `UPDATE progress SET verified = ?, downloaded_bytes = ?, uploaded_bytes = ?, seeded_ms = ? WHERE id = ?`,
    )
  }

  async loadAll(): Promise<readonly TorrentRecord[] | IoProblem> {
    this.#flush()
    return this.#guard(() => {
      const rows = this.#database
        .prepare('SELECT * FROM torrent JOIN progress USING (id) ORDER BY torrent.rowid')
        .all()
      return rows.map(recordOf).filter((record) => record !== null)
    })
  }

  save(record: TorrentRecord): Promise<IoProblem | null> {
    // Progress that waits to be written is newer than what the record was made with.
    const progress = this.#waitingProgress.get(record.id) ?? record.progress
    return this.#change(() => {
      const { id, infoHashes, infoBytes, optionsJson } = record
      this.#putTorrent.run(id, infoHashes.v1, infoHashes.v2, infoBytes, optionsJson)
      const { verified, downloadedBytes, uploadedBytes, seededMs } = wholeNumbers(progress)
      this.#putProgress.run(id, verified, downloadedBytes, uploadedBytes, seededMs)
    })
  }

  saveOptions(id: string, optionsJson: string): Promise<IoProblem | null> {
    return this.#change(() => this.#putOptions.run(optionsJson, id))
  }

  saveProgress(id: string, progress: TorrentProgress): Promise<IoProblem | null> {
    this.#waitingProgress.set(id, progress)
    return this.#change(() => {
      const { verified, downloadedBytes, uploadedBytes, seededMs } = wholeNumbers(progress)
      this.#updateProgress.run(verified, downloadedBytes, uploadedBytes, seededMs, id)
    })
  }

  remove(id: string): Promise<IoProblem | null> {
    this.#waitingProgress.delete(id)
    return this.#change(() => this.#database.prepare('DELETE FROM torrent WHERE id = ?').run(id))
  }

  async loadSettings(): Promise<string | null> {
    this.#flush()
    const json = this.#guard(() => {
      const row = this.#database.prepare('SELECT json FROM setting').get()
      return typeof row?.['json'] === 'string' ? row['json'] : null
    })
    return isIoProblem(json) ? null : json
  }

  saveSettings(json: string): Promise<IoProblem | null> {
    return this.#change(() =>
      this.#database.prepare('INSERT OR REPLACE INTO setting (only, json) VALUES (1, ?)').run(json),
    )
  }

  async loadBlob(name: string): Promise<Uint8Array | null> {
    this.#flush()
    const bytes = this.#guard(() => {
      const row = this.#database.prepare('SELECT bytes FROM blob WHERE name = ?').get(name)
      return row?.['bytes'] instanceof Uint8Array ? row['bytes'] : null
    })
    return isIoProblem(bytes) ? null : bytes
  }

  saveBlob(name: string, bytes: Uint8Array): Promise<IoProblem | null> {
    return this.#change(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO blob (name, bytes) VALUES (?, ?)')
        .run(name, bytes),
    )
  }

  /** What was asked for before is kept. */
  close(): void {
    this.#flush()
    if (this.#database.isOpen) this.#database.close()
  }

  /** One after the other, in the order in which they were asked for. */
  #change(work: () => unknown): Promise<IoProblem | null> {
    return new Promise((settle) => {
      this.#waiting.push({ work: () => void work(), settle })
      if (this.#isFlushDue) return
      this.#isFlushDue = true
      // What else has come in by then goes along: durable costs the same for one and for many.
      setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    this.#isFlushDue = false
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingProgress = new Map()
    for (let from = 0; from < waiting.length; from += BATCH_CHANGES)
      this.#transact(waiting.slice(from, from + BATCH_CHANGES))
  }

  #transact(changes: readonly Change[]): void {
    const problem = this.#inOne(() => {
      for (const { work } of changes) work()
    })
    // One that cannot be written must not take the others along.
    if (problem === null || changes.length === 1) for (const { settle } of changes) settle(problem)
    else for (const change of changes) change.settle(this.#inOne(change.work))
  }

  #inOne(work: () => void): IoProblem | null {
    return this.#guard(() => {
      this.transactions += 1
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        work()
        this.#database.exec('COMMIT')
        return null
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  #guard<T>(work: () => T): T | IoProblem {
    if (!this.#database.isOpen) return ioProblem('closed', `${this.#path} is closed`, '')
    try {
      return work()
    } catch (error) {
      return sqliteProblem(error, this.#path)
    }
  }
}

type Row = Record<string, unknown>

function recordOf(row: Row): TorrentRecord | null {
  const infoHashes = infoHashesOf(bytesOf(row['info_hash_v1']), bytesOf(row['info_hash_v2']))
  if (infoHashes === null) return null
  return {
    id: String(row['id']),
    infoHashes,
    infoBytes: bytesOf(row['info_bytes']),
    optionsJson: String(row['options_json']),
    progress: {
      verified: bytesOf(row['verified']) ?? new Uint8Array(0),
      downloadedBytes: numberOf(row['downloaded_bytes']),
      uploadedBytes: numberOf(row['uploaded_bytes']),
      seededMs: numberOf(row['seeded_ms']),
    },
  }
}

function infoHashesOf(v1: Uint8Array | null, v2: Uint8Array | null): InfoHashes | null {
  if (v1 !== null) return { v1, v2 }
  return v2 === null ? null : { v1: null, v2 }
}

function bytesOf(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** The columns are integers; a clock's milliseconds are not. */
function wholeNumbers(progress: TorrentProgress): TorrentProgress {
  return {
    verified: progress.verified,
    downloadedBytes: Math.round(progress.downloadedBytes),
    uploadedBytes: Math.round(progress.uploadedBytes),
    seededMs: Math.round(progress.seededMs),
  }
}

/** SQLite's primary result codes. */
const SQLITE = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDb: 26,
}

function resultCodeOf(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'errcode' in error && error.errcode
  return typeof code === 'number' ? code & 0xff : 0
}

function isBroken(error: unknown): boolean {
  const code = resultCodeOf(error)
  return code === SQLITE.corrupt || code === SQLITE.notDb
}

function sqliteProblem(error: unknown, path: string): IoProblem {
  const doing = `keep records in ${path}`
  switch (resultCodeOf(error)) {
    case SQLITE.full:
      return diskProblem('ENOSPC', doing)
    case SQLITE.readOnly:
      return diskProblem('EROFS', doing)
    case SQLITE.cannotOpen:
      return diskProblem('EACCES', doing)
    case SQLITE.busy:
      return ioProblem('not-allowed', `another program holds ${path}`, 'Stop the other program.')
    case SQLITE.corrupt:
    case SQLITE.notDb:
      return ioProblem('disk-error', `${path} is broken`, 'Restart: it will be put aside.')
    default:
      return diskProblem(errnoOf(error), doing)
  }
}

function freeName(path: string): string {
  let n = 1
  while (existsSync(`${path}.broken-${n}`)) n++
  return `${path}.broken-${n}`
}

function brokenRecord(asidePath: string): IoProblem {
  return ioProblem(
    'disk-error',
    `the records were broken and are now in ${asidePath}; the list of torrents begins anew`,
    'Add the torrents again with the same folders: what is on disk is checked and kept.',
  )
}

function newerRecord(path: string, version: number): IoProblem {
  return ioProblem(
    'not-allowed',
    `${path} was made by a newer Pigeon (schema ${version}, this one knows ${SCHEMA_VERSION})`,
    'Use the newer version, or another state folder.',
  )
}
