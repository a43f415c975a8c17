/**
 * Diffie-Hellman of message stream encryption: a fixed prime of 768 bits, generator 2, exponents of 160 bits. On the
 * wire and in every hash a number has exactly 96 bytes, zeros on the left.
 */
import { invariant } from '../machine.ts'

export const KEY_BYTES = 96
export const SECRET_BYTES = 20

/** Of 20 random bytes. */
export function publicKey(secret: Uint8Array): Uint8Array {
  invariant(secret.length === SECRET_BYTES, 'a secret has 20 bytes')
  return toKeyBytes(power(GENERATOR, toNumber(secret)))
}

/**
 * What both sides know; `null` for a key that no honest side has: 0, 1, p - 1, or not below p. Those would make the
 * secret one that everybody can guess.
 */
export function sharedSecret(theirs: Uint8Array, secret: Uint8Array): Uint8Array | null {
  const key = toNumber(theirs)
  const isDegenerate = key <= 1n || key >= PRIME - 1n
  return isDegenerate ? null : toKeyBytes(power(key, toNumber(secret)))
}

export function toKeyBytes(value: bigint): Uint8Array {
  const hex = value.toString(16).padStart(KEY_BYTES * 2, '0')
  const bytes = new Uint8Array(KEY_BYTES)
  for (let i = 0; i < KEY_BYTES; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

export const PRIME: bigint = BigInt(
  '0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd' +
    'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
)
const GENERATOR = 2n

function toNumber(bytes: Uint8Array): bigint {
  let hex = '0x0'
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return BigInt(hex)
}

/** Four bits of the exponent at a time. */
function power(base: bigint, exponent: bigint): bigint {
  const powers = [1n]
  for (let i = 1; i < 16; i++) powers.push(((powers[i - 1] ?? 1n) * base) % PRIME)
  let result = 1n
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % PRIME
    const value = Number.parseInt(digit, 16)
    if (value > 0) result = (result * (powers[value] ?? 1n)) % PRIME
  }
  return result
}
