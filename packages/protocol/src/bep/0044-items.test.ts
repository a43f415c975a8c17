import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fromHex, latin1Encode, toHex } from '../bytes.ts'
import { decodeKrpc, encodeKrpc, type KrpcBody, type KrpcBodyDraft } from './0005-krpc.ts'
import {
  judgePut,
  MAX_SALT_BYTES,
  MAX_VALUE_BYTES,
  mutableTarget,
  provenItem,
  signedBytes,
} from './0044-items.ts'

const KEY = hex('77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548')
const SIGNATURE = hex(
  '305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01',
)
const SALTED = hex(
  '6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08',
)
const VALUE = latin1Encode('12:Hello World!')
const MUTABLE: KrpcBodyDraft = { value: VALUE, publicKey: KEY, seq: 1n, signature: SIGNATURE }

describe('the signatures of the standard', () => {
  test('test 1 is right, and over other bytes wrong', () => {
    const item = { salt: new Uint8Array(0), seq: 1n, value: VALUE }
    expect(ed25519(KEY, signedBytes(item), SIGNATURE)).toBe(true)
    expect(ed25519(KEY, signedBytes({ ...item, seq: 2n }), SIGNATURE)).toBe(false)
  })

  test('test 2 is right with its salt, and wrong without', () => {
    const item = { salt: latin1Encode('foobar'), seq: 1n, value: VALUE }
    expect(ed25519(KEY, signedBytes(item), SALTED)).toBe(true)
    expect(ed25519(KEY, signedBytes({ ...item, salt: new Uint8Array(0) }), SALTED)).toBe(false)
  })
})

describe('a put', () => {
  test('of a value alone is immutable', () => {
    expect(judgePut(body({ value: VALUE }), ed25519).kind).toBe('immutable')
  })

  test('with key, sequence number and signature is mutable', () => {
    expect(judgePut(body(MUTABLE), ed25519).kind).toBe('mutable')
  })

  // Seven subsets of the three fields: only none of them and all of them mean something.
  test.each([1, 2, 3, 4, 5, 6])('with some of k, seq and sig is refused (subset %i)', (bits) => {
    const some = body({
      value: VALUE,
      publicKey: bits & 1 ? KEY : null,
      seq: bits & 2 ? 1n : null,
      signature: bits & 4 ? SIGNATURE : null,
    })
    expect(judgePut(some, ed25519)).toMatchObject({ kind: 'refused', code: 203 })
  })

  test('with a wrong signature is refused with 206', () => {
    const forged = SIGNATURE.slice()
    forged[0] = (forged[0] ?? 0) ^ 1
    const verdict = judgePut(body({ ...MUTABLE, signature: forged }), ed25519)
    expect(verdict).toMatchObject({ kind: 'refused', code: 206 })
  })

  test('of 1000 bytes is taken, of 1001 refused with 205', () => {
    const valueOf = (lengthBytes: number) =>
      latin1Encode(`${lengthBytes - 4}:${'x'.repeat(lengthBytes - 4)}`)
    const most = body({ value: valueOf(MAX_VALUE_BYTES) })
    expect(judgePut(most, ed25519).kind).toBe('immutable')
    const over = body({ value: valueOf(MAX_VALUE_BYTES + 1) })
    expect(judgePut(over, ed25519)).toMatchObject({ kind: 'refused', code: 205 })
  })

  test('with 64 bytes of salt is taken, with 65 refused with 207', () => {
    const salted = (lengthBytes: number) =>
      judgePut(body({ ...MUTABLE, salt: new Uint8Array(lengthBytes) }), () => true)
    expect(salted(MAX_SALT_BYTES).kind).toBe('mutable')
    expect(salted(MAX_SALT_BYTES + 1)).toMatchObject({ kind: 'refused', code: 207 })
  })

  test('of a dictionary with unsorted keys is refused with 203', () => {
    const verdict = judgePut(body({ value: latin1Encode('d1:bi1e1:ai2ee') }), ed25519)
    expect(verdict).toMatchObject({ kind: 'refused', code: 203 })
  })
})

describe('the answer to a get', () => {
  const target = mutableTarget(KEY, new Uint8Array(0))

  test('proves itself by key and signature', () => {
    const item = provenItem(body(MUTABLE), target, new Uint8Array(0), ed25519)
    expect(item === null ? null : toHex(item.value)).toBe(toHex(VALUE))
  })

  test('counts for nothing under another target, with another value or without signature', () => {
    const none = new Uint8Array(0)
    expect(provenItem(body(MUTABLE), new Uint8Array(20), none, ed25519)).toBeNull()
    const other = body({ ...MUTABLE, value: latin1Encode('12:Hello world!') })
    expect(provenItem(other, target, none, ed25519)).toBeNull()
    expect(provenItem(body({ ...MUTABLE, signature: null }), target, none, ed25519)).toBeNull()
  })
})

function body(draft: KrpcBodyDraft): KrpcBody {
  const t = new Uint8Array(2)
  const id = new Uint8Array(20)
  const read = decodeKrpc(encodeKrpc({ kind: 'query', t, method: 'put', body: { id, ...draft } }))
  if (!read.ok) throw new Error(read.fault.code)
  return read.message.body
}

function hex(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array(0)
}

function ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([hex('302a300506032b6570032100'), publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}
