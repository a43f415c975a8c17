/** The fields of KRPC bodies: by a hash of their names, so that no text is made of what strangers send. */

type BytesKey =
  | 'id'
  | 'target'
  | 'infoHash'
  | 'token'
  | 'nodes'
  | 'nodes6'
  | 'seedFilter'
  | 'peerFilter'
  | 'publicKey'
  | 'signature'
  | 'salt'
  | 'samples'

type FieldShape =
  | { readonly shape: 'bytes'; readonly key: BytesKey; readonly lengthBytes: number }
  | {
      readonly shape: 'flag'
      readonly key: 'isPortImplied' | 'isSeed' | 'isWithoutSeeds' | 'isScrape'
    }
  | { readonly shape: 'int'; readonly key: 'port' | 'sampleCount' | 'intervalS' }
  | { readonly shape: 'int64'; readonly key: 'seq' | 'cas' }
  | { readonly shape: 'raw' | 'values' | 'want' }

export type BodyField = FieldShape & { readonly name: Uint8Array; readonly bit: number }

/** 0 bytes: any length. */
const SHAPES: Readonly<Record<string, FieldShape>> = {
  id: { shape: 'bytes', key: 'id', lengthBytes: 20 },
  target: { shape: 'bytes', key: 'target', lengthBytes: 20 },
  info_hash: { shape: 'bytes', key: 'infoHash', lengthBytes: 20 },
  token: { shape: 'bytes', key: 'token', lengthBytes: 0 },
  port: { shape: 'int', key: 'port' },
  implied_port: { shape: 'flag', key: 'isPortImplied' },
  seed: { shape: 'flag', key: 'isSeed' },
  noseed: { shape: 'flag', key: 'isWithoutSeeds' },
  scrape: { shape: 'flag', key: 'isScrape' },
  want: { shape: 'want' },
  nodes: { shape: 'bytes', key: 'nodes', lengthBytes: 0 },
  nodes6: { shape: 'bytes', key: 'nodes6', lengthBytes: 0 },
  values: { shape: 'values' },
  BFsd: { shape: 'bytes', key: 'seedFilter', lengthBytes: 256 },
  BFpe: { shape: 'bytes', key: 'peerFilter', lengthBytes: 256 },
  v: { shape: 'raw' },
  k: { shape: 'bytes', key: 'publicKey', lengthBytes: 32 },
  sig: { shape: 'bytes', key: 'signature', lengthBytes: 64 },
  salt: { shape: 'bytes', key: 'salt', lengthBytes: 0 },
  seq: { shape: 'int64', key: 'seq' },
  cas: { shape: 'int64', key: 'cas' },
  samples: { shape: 'bytes', key: 'samples', lengthBytes: 0 },
  num: { shape: 'int', key: 'sampleCount' },
  interval: { shape: 'int', key: 'intervalS' },
}

export const BODY_FIELDS: ReadonlyMap<number, BodyField> = new Map(
  Object.entries(SHAPES).map(([text, shape], index): [number, BodyField] => {
    const name = Uint8Array.from(text, (character) => character.charCodeAt(0))
    let hash = name.length
    for (const byte of name) hash = nextKeyHash(hash, byte)
    return [hash, { ...shape, name, bit: 1 << index }]
  }),
)

/** Begins with the length of the name. */
export function nextKeyHash(hash: number, byte: number): number {
  return (hash * 31 + byte) | 0
}
