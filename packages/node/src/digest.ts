import { hash } from 'node:crypto'
import type { DigestPort } from '@pigeon/engine/ports'

/** Hashing on the calling thread, for small things. */
export function createDigestPort(): DigestPort {
  return { sha1: (bytes) => new Uint8Array(hash('sha1', bytes, 'buffer')) }
}
