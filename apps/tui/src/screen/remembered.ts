/**
 * What the screen remembers from one start to the next: columns, order, and the command lines typed. A file that is
 * not there or not ours is as good as none.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export const HISTORY_LINES = 500

export interface RememberedState {
  /** Names of columns in order; `null` for those that fit best. */
  readonly columns: readonly string[] | null
  /** As `parseSort` reads it. */
  readonly sort: string
  /** The oldest first. */
  readonly history: readonly string[]
}

export interface Remembered {
  readonly state: RememberedState
  change(fields: Partial<RememberedState>): void
}

const NOTHING: RememberedState = { columns: null, sort: 'added,name', history: [] }

/** Kept in memory only. */
export class Forgetful implements Remembered {
  state: RememberedState = NOTHING

  change(fields: Partial<RememberedState>): void {
    this.state = bounded({ ...this.state, ...fields })
  }
}

/** Kept in a file, which is written with each change. */
export class RememberedFile implements Remembered {
  #state: RememberedState
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.#state = readState(path)
  }

  get state(): RememberedState {
    return this.#state
  }

  change(fields: Partial<RememberedState>): void {
    this.#state = bounded({ ...this.#state, ...fields })
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const fresh = `${this.#path}.${process.pid}`
      writeFileSync(fresh, `${JSON.stringify(this.#state, null, 2)}\n`, { mode: 0o600 })
      renameSync(fresh, this.#path)
    } catch {
      // Without a place to remember it the screen works all the same.
    }
  }
}

function readState(path: string): RememberedState {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof read !== 'object' || read === null) return NOTHING
    return bounded({
      columns: 'columns' in read && isTexts(read.columns) ? read.columns : NOTHING.columns,
      sort: 'sort' in read && typeof read.sort === 'string' ? read.sort : NOTHING.sort,
      history: 'history' in read && isTexts(read.history) ? read.history : NOTHING.history,
    })
  } catch {
    return NOTHING
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function bounded(state: RememberedState): RememberedState {
  return { ...state, history: state.history.slice(-HISTORY_LINES) }
}
