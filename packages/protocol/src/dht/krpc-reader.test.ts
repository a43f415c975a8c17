import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeKrpc, encodeKrpc, type KrpcBodyDraft } from '../bep/0005-krpc.ts'

const bytes = (lengthBytes: number) =>
  fc.uint8Array({ minLength: lengthBytes, maxLength: lengthBytes })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const anyBody: fc.Arbitrary<KrpcBodyDraft> = fc.record({
  id: bytes(20),
  target: optional(bytes(20)),
  infoHash: optional(bytes(20)),
  token: optional(fc.uint8Array({ maxLength: 40 })),
  port: optional(fc.nat(65_535)),
  isPortImplied: fc.boolean(),
  isSeed: fc.boolean(),
  isWithoutSeeds: fc.boolean(),
  isScrape: fc.boolean(),
  want: optional(fc.record({ nodes: fc.boolean(), nodes6: fc.boolean() })),
  nodes: optional(fc.uint8Array({ maxLength: 208 })),
  nodes6: optional(fc.uint8Array({ maxLength: 304 })),
  values: optional(fc.array(fc.uint8Array({ maxLength: 18 }), { maxLength: 20 })),
  seq: optional(fc.bigInt(0n, 2n ** 63n - 1n)),
  cas: optional(fc.bigInt(0n, 2n ** 63n - 1n)),
  publicKey: optional(bytes(32)),
  signature: optional(bytes(64)),
  salt: optional(fc.uint8Array({ maxLength: 64 })),
})

describe('messages', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(
        anyBody,
        fc.uint8Array({ maxLength: 20 }),
        fc.boolean(),
        (body, t, isReadOnly) => {
          const draft = { kind: 'query' as const, t, method: 'get', isReadOnly, body }
          const read = decodeKrpc(encodeKrpc(draft))
          expect(read.ok).toBe(true)
          if (!read.ok) return
          expect(read.message).toMatchObject({ kind: 'query', t, method: 'get', isReadOnly })
          expect(read.message.body).toMatchObject(body)
          expect(read.message.body.isMalformed).toBe(false)
        },
      ),
    )
  })

  test('that are cut anywhere are not read', () => {
    fc.assert(
      fc.property(anyBody, fc.nat(), (body, at) => {
        const whole = encodeKrpc({ kind: 'response', t: new Uint8Array(4), body })
        expect(decodeKrpc(whole.subarray(0, at % whole.length)).ok).toBe(false)
      }),
    )
  })

  test('of any bytes are read or refused, never thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(typeof decodeKrpc(noise).ok).toBe('boolean')
      }),
      { numRuns: 500 },
    )
  })
})
