import { createHash } from 'node:crypto'
import type { SignaturePort } from '@pigeon/engine/ports'

/** Signatures that anybody could forge: in a simulated world nobody does who is not told to. */
export function createSimSignatures(): SignaturePort {
  const digest = (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash('sha512')
    for (const part of parts) hash.update(part)
    return new Uint8Array(hash.digest())
  }
  const publicKey = (seed: Uint8Array): Uint8Array => digest(seed).slice(0, 32)
  return {
    publicKey,
    sign: (seed, message) => digest(publicKey(seed), message),
    verify: (key, message, signature) =>
      signature.length === 64 && digest(key, message).every((byte, at) => byte === signature[at]),
  }
}
