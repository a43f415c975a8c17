import { expect, test } from 'vitest'
import { concatBytes, latin1Encode } from '../bytes.ts'
import {
  CLIENT_NAME_BYTES_LIMIT,
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_BYTES_LIMIT,
  EXTENSION_NAME_CHARACTERS_LIMIT,
  EXTENSION_NAMES_LIMIT,
  mergeExtensions,
  NO_EXTENSIONS,
  type RemoteExtensions,
} from './0010-extension.ts'

/** What is known after these handshakes. */
function merged(...handshakes: readonly string[]): RemoteExtensions {
  let known = NO_EXTENSIONS
  for (const handshake of handshakes) {
    const read = decodeExtensionHandshake(latin1Encode(handshake))
    if (read.ok) known = mergeExtensions(known, read.handshake)
  }
  return known
}

function manyNames(count: number, prefix: string): string {
  const names = Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(3, '0')}`)
  return `d1:md${names.map((name) => `${name.length}:${name}i1e`).join('')}ee`
}

test('names add up, id 0 takes one away, and a new id replaces the old', () => {
  const known = merged('d1:md1:ai1e1:bi2eee', 'd1:md1:ai0e1:bi7e1:ci3eee')
  expect([...known.ids]).toEqual([
    ['b', 7],
    ['c', 3],
  ])
})

test('what a later handshake leaves out stays as it was', () => {
  const known = merged('d13:metadata_sizei9e1:pi80e4:reqqi5e11:upload_onlyi1ee', 'd1:pi81ee')
  expect(known).toMatchObject({
    metadataSizeBytes: 9,
    listenPort: 81,
    requestQueueLimit: 5,
    uploadOnly: true,
  })
  expect(merged('d11:upload_onlyi1ee', 'd11:upload_onlyi0ee').uploadOnly).toBe(false)
})

test('100 names are kept, also over several handshakes; more are left out', () => {
  expect(merged(manyNames(EXTENSION_NAMES_LIMIT + 1, 'a')).ids.size).toBe(EXTENSION_NAMES_LIMIT)
  const known = merged(manyNames(EXTENSION_NAMES_LIMIT - 1, 'a'), manyNames(2, 'b'))
  expect(known.ids.size).toBe(EXTENSION_NAMES_LIMIT)
  expect(known.ids.has('b000')).toBe(true)
})

test('a name of 64 characters is kept, a longer one is not', () => {
  const fitting = 'x'.repeat(EXTENSION_NAME_CHARACTERS_LIMIT)
  expect([...merged(`d1:md64:${fitting}i1e65:${fitting}yi2eee`).ids]).toEqual([[fitting, 1]])
})

test('names like those of every object are names', () => {
  const known = merged('d1:md9:__proto__i1e11:constructori2eee')
  expect(known.ids.get('__proto__')).toBe(1)
  expect(known.ids.get('constructor')).toBe(2)
})

test('a client name is cut at 512 bytes', () => {
  const known = merged(`d1:v513:${'v'.repeat(513)}e`)
  expect(known.client?.length).toBe(CLIENT_NAME_BYTES_LIMIT)
})

test('a handshake of 64 KiB is read, one byte more is not', () => {
  const padded = (bytes: number): Uint8Array => {
    const head = latin1Encode(`d1:z${bytes - 11}:`)
    return concatBytes([head, new Uint8Array(bytes - 11), latin1Encode('e')])
  }
  const fitting = padded(EXTENSION_HANDSHAKE_BYTES_LIMIT)
  expect(fitting.length).toBe(EXTENSION_HANDSHAKE_BYTES_LIMIT)
  expect(decodeExtensionHandshake(fitting).ok).toBe(true)
  expect(decodeExtensionHandshake(padded(EXTENSION_HANDSHAKE_BYTES_LIMIT + 1)).ok).toBe(false)
})
