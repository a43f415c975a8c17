import { describe, expect, it } from 'vitest'
import { createSignaturePort } from './signatures.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
// RFC 8032, section 7.1, test 2.
const SEED = bytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
const PUBLIC_KEY = bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
const MESSAGE = bytes('72')
const SIGNATURE = bytes(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
)

describe('signatures', () => {
  const port = createSignaturePort()

  it('are those of RFC 8032', () => {
    expect(port.publicKey(SEED)).toEqual(PUBLIC_KEY)
    expect(port.sign(SEED, MESSAGE)).toEqual(SIGNATURE)
    expect(port.verify(PUBLIC_KEY, MESSAGE, SIGNATURE)).toBe(true)
  })

  it('of another message, by another key, or malformed are not believed', () => {
    expect(port.verify(PUBLIC_KEY, bytes('73'), SIGNATURE)).toBe(false)
    expect(port.verify(SEED, MESSAGE, SIGNATURE)).toBe(false)
    expect(port.verify(PUBLIC_KEY.subarray(1), MESSAGE, SIGNATURE)).toBe(false)
    expect(port.verify(PUBLIC_KEY, MESSAGE, SIGNATURE.subarray(1))).toBe(false)
    expect(port.verify(new Uint8Array(32).fill(255), MESSAGE, SIGNATURE)).toBe(false)
  })
})
