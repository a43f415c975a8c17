import { randomBytes, randomInt } from 'node:crypto'
import type { RandomPort } from '@pigeon/engine/ports'

/** Chance that nobody can foretell, from the system. */
export function createRandomPort(): RandomPort {
  return {
    bytes: (lengthBytes) => new Uint8Array(randomBytes(lengthBytes)),
    int: (below) => (below <= 1 ? 0 : randomInt(below)),
  }
}
