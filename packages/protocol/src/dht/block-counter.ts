/** How much of a store belongs to each network; local networks are bounded by the store alone. */
import type { Place } from './place.ts'

export class BlockCounter {
  readonly #limit: number
  readonly #counts = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  hasRoom(place: Place): boolean {
    return place.isLocal || (this.#counts.get(place.nearBlock) ?? 0) < this.#limit
  }

  add(place: Place): void {
    if (!place.isLocal) {
      this.#counts.set(place.nearBlock, (this.#counts.get(place.nearBlock) ?? 0) + 1)
    }
  }

  remove(place: Place): void {
    const left = (this.#counts.get(place.nearBlock) ?? 0) - 1
    if (left > 0) this.#counts.set(place.nearBlock, left)
    else this.#counts.delete(place.nearBlock)
  }
}
