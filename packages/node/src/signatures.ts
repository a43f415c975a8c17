import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { SignaturePort } from '@pigeon/engine/ports'

const SEED_BYTES = 32
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** What stands before the seed in PKCS #8, RFC 8410. */
const PKCS8_HEAD = new Uint8Array([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
])
/** The same before a public key, SPKI. */
const SPKI_HEAD = new Uint8Array([
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
])

/** ed25519 by node:crypto. `sign` and `publicKey` want a seed of 32 bytes; anything else is a bug of the caller. */
export function createSignaturePort(): SignaturePort {
  return {
    verify: (publicKey, message, signature) => {
      if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
      try {
        const key = createPublicKey({
          key: Buffer.concat([SPKI_HEAD, publicKey]),
          format: 'der',
          type: 'spki',
        })
        return verify(null, message, key, signature)
      } catch {
        // A key that is no point of the curve signed nothing.
        return false
      }
    },
    sign: (seed, message) => new Uint8Array(sign(null, message, privateKey(seed))),
    publicKey: (seed) => {
      const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' })
      return new Uint8Array(der.subarray(SPKI_HEAD.length))
    },
  }
}

function privateKey(seed: Uint8Array): ReturnType<typeof createPrivateKey> {
  if (seed.length !== SEED_BYTES) throw new Error('Bug in Pigeon: an ed25519 seed has 32 bytes')
  return createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8',
  })
}
