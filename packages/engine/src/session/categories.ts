/**
 * The categories of a session, each with the two buckets that bound all its torrents together.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { TokenBucket } from '../rate.ts'
import type { Goal } from '../torrent/options.ts'

export interface CategoryLimits {
  readonly down: number | null
  readonly up: number | null
  readonly ratio: Goal
  readonly seedMs: Goal
}

export interface Category {
  readonly name: string
  /** Where its new torrents go; `null` for the session's default folder. */
  readonly folder: string | null
  readonly limits: CategoryLimits
}

/** What is absent stays as it is, or is `null` in a new category. */
export interface CategoryChange {
  readonly name: string
  readonly folder?: string | null
  readonly limits?: Partial<CategoryLimits>
}

/** A category, and what its torrents share. */
export interface SharedCategory extends Category {
  readonly downBucket: TokenBucket
  readonly upBucket: TokenBucket
}

export const CATEGORY_LIMIT = 1_000

const NO_LIMITS: CategoryLimits = { down: null, up: null, ratio: null, seedMs: null }

export class CategoryBook {
  readonly #byName = new Map<string, SharedCategory>()
  #list: readonly Category[] | null = null

  /** By name; the same list until one changes. */
  get list(): readonly Category[] {
    this.#list ??= [...this.#byName.values()]
      .map(({ name, folder, limits }) => ({ name, folder, limits }))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
    return this.#list
  }

  get(name: string | null): SharedCategory | null {
    return name === null ? null : (this.#byName.get(name) ?? null)
  }

  /** Makes or changes one; `false` when there are too many already. */
  save(change: CategoryChange, nowMs: Millis): boolean {
    const before = this.#byName.get(change.name)
    if (before === undefined && this.#byName.size >= CATEGORY_LIMIT) return false
    const limits = { ...NO_LIMITS, ...before?.limits, ...change.limits }
    const downBucket = before?.downBucket ?? new TokenBucket(limits.down, nowMs)
    const upBucket = before?.upBucket ?? new TokenBucket(limits.up, nowMs)
    downBucket.setLimit(limits.down, nowMs)
    upBucket.setLimit(limits.up, nowMs)
    const folder = change.folder === undefined ? (before?.folder ?? null) : change.folder
    this.#byName.set(change.name, { name: change.name, folder, limits, downBucket, upBucket })
    this.#list = null
    return true
  }

  /** Whether there was one of that name. */
  remove(name: string): boolean {
    this.#list = null
    return this.#byName.delete(name)
  }
}
