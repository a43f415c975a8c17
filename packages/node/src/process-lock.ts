import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'
import { diskProblem } from './io-errors.ts'

export interface ProcessLock {
  release(): void
}

/**
 * Takes the state folder for this process, making it (mode 0700) where it is missing. The lock is one that the system
 * holds for an open file: it ends with the process, however that ends, and never has to be cleared by hand.
 */
export function lockStateFolder(folder: string, client: string): ProcessLock | IoProblem {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    return diskProblem(error, `make the state folder ${folder}`)
  }
  const holderPath = join(folder, 'lock.holder')
  let database: DatabaseSync | null = null
  try {
    // Node has no lock on files of its own; SQLite's exclusive transaction is one.
    database = new DatabaseSync(join(folder, 'lock.db'))
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;')
  } catch (error) {
    if (database?.isOpen === true) database.close()
    return isBusy(error)
      ? inUse(folder, holderPath)
      : diskProblem(error, `lock the state folder ${folder}`)
  }
  const held = database
  HELD.add(held)
  try {
    writeFileSync(holderPath, `${client} (pid ${process.pid})\n`, { mode: 0o600 })
  } catch {
    // Only the other process's message would be the poorer for it.
  }
  return {
    release: () => {
      HELD.delete(held)
      if (held.isOpen) held.close()
    },
  }
}

/** Keeps the databases alive: one that the garbage collector takes would let go of its lock. */
const HELD = new Set<DatabaseSync>()

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  const isSqlite = typeof error === 'object' && error !== null && 'errcode' in error
  return isSqlite && typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_BUSY
}

function inUse(folder: string, holderPath: string): IoProblem {
  let holder = 'pigeon'
  try {
    const line = readFileSync(holderPath, 'utf8').trim()
    if (/^[\w.-]+ \(pid \d+\)$/.test(line)) holder = line
  } catch {
    // The holder may not have written its name yet.
  }
  return ioProblem(
    'not-allowed',
    `another ${holder} uses ${folder}; stop it, or give this one its own folder with --state`,
    'Stop the other one, or use --state FOLDER (PIGEON_STATE, or state in the configuration file).',
  )
}
