/** The hashes and ciphers that both sides derive from the shared secret and the torrent's name. */
import { sha1 } from '@noble/hashes/legacy.js'
import { concatBytes, latin1Encode } from '../bytes.ts'
import { Rc4 } from './rc4.ts'

/** Where the dialled side finds the end of the pad. */
export function syncHash(secret: Uint8Array): Uint8Array {
  return hash('req1', secret)
}

/** By which the dialled side knows the torrent. `name`: 20 bytes, as on the wire. */
export function hashOfName(name: Uint8Array): Uint8Array {
  return hash('req2', name)
}

/** Hides `hashOfName`, and finds it again. */
export function maskName(hashed: Uint8Array, secret: Uint8Array): Uint8Array {
  const mask = hash('req3', secret)
  return mask.map((byte, at) => byte ^ (hashed[at] ?? 0))
}

/** `A` dialled. The weak beginning of the key stream is thrown away. */
export function cipherOf(side: 'A' | 'B', secret: Uint8Array, name: Uint8Array): Rc4 {
  const cipher = new Rc4(hash(`key${side}`, secret, name))
  cipher.discard(DISCARDED_BYTES)
  return cipher
}

const DISCARDED_BYTES = 1024

function hash(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha1(concatBytes([latin1Encode(label), ...parts]))
}
