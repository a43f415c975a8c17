/**
 * Write tokens: proof that who asks to store can receive at the address it asks from.
 *
 * Spec: BEP 5, "get_peers" ("tokens up to ten minutes old are accepted"); BEP 44, "Messages" (bound to the key)
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Millis } from '../machine.ts'

export const TOKEN_BYTES = 8
export const TOKEN_ROTATION_MS: Millis = 5 * 60_000

export class TokenJar {
  readonly #randomBytes: (lengthBytes: number) => Uint8Array
  #current: Secret
  #previous: Secret | null = null
  #rotateMs: Millis
  readonly #scratch: Secret

  constructor(randomBytes: (lengthBytes: number) => Uint8Array, nowMs: Millis) {
    this.#randomBytes = randomBytes
    this.#current = newSecret(randomBytes)
    this.#scratch = newSecret(randomBytes)
    this.#rotateMs = nowMs + TOKEN_ROTATION_MS
  }

  issue(ip: Uint8Array, target: Uint8Array, nowMs: Millis): Uint8Array {
    this.#rotate(nowMs)
    return this.#token(this.#current, ip, target)
  }

  /** Whether we gave this token for the target to the address, at most ten minutes ago. */
  accepts(token: Uint8Array, ip: Uint8Array, target: Uint8Array, nowMs: Millis): boolean {
    this.#rotate(nowMs)
    if (token.length !== TOKEN_BYTES) return false
    if (isSameSecretly(token, this.#token(this.#current, ip, target))) return true
    return this.#previous !== null && isSameSecretly(token, this.#token(this.#previous, ip, target))
  }

  /** A copy of the state with the key, in place of one made anew: this runs for every question for peers. */
  #token(secret: Secret, ip: Uint8Array, target: Uint8Array): Uint8Array {
    // The library's own name for a public method that takes a place to copy to.
    // oxlint-disable-next-line no-underscore-dangle
    const mac = secret._cloneInto(this.#scratch)
    return mac.update(ip).update(target).digest().subarray(0, TOKEN_BYTES)
  }

  #rotate(nowMs: Millis): void {
    if (nowMs < this.#rotateMs) return
    // After a longer pause what was current is too old as well.
    this.#previous = nowMs < this.#rotateMs + TOKEN_ROTATION_MS ? this.#current : null
    this.#current = newSecret(this.#randomBytes)
    this.#rotateMs = nowMs + TOKEN_ROTATION_MS
  }
}

/** Takes the key in once; each token starts from a copy. */
type Secret = ReturnType<typeof hmac.create>

const SECRET_BYTES = 32

function newSecret(randomBytes: (lengthBytes: number) => Uint8Array): Secret {
  return hmac.create(sha256, randomBytes(SECRET_BYTES))
}

/** Takes as long whichever byte differs. */
function isSameSecretly(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0
  for (let i = 0; i < TOKEN_BYTES; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
