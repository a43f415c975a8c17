import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, latin1Decode, latin1Encode, toHex } from '../bytes.ts'
import { KEY_BYTES, PRIME, publicKey, sharedSecret, toKeyBytes } from './key-exchange.ts'
import { type MseEffect, type MseMethod, type MseOptions, PAD_BYTES_LIMIT } from './mse-contract.ts'
import { MseHandshake } from './mse-handshake.ts'
import { hashOfName } from './mse-hashes.ts'
import { Rc4 } from './rc4.ts'

/** Made by another implementation, in another language, from the published text: no pads, RC4 only. */
interface Exchange {
  readonly does: string
  readonly secretA: string
  readonly secretB: string
  readonly name: string
  readonly shared: string
  readonly fromA: string
  readonly fromB: string
}

const EXCHANGES: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('./exchanges.json', import.meta.url), 'utf8'),
)
const NAME = new Uint8Array(20).fill(7)

type Established = Extract<MseEffect, { kind: 'established' }>

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0)
}

function optionsOf(options: Partial<MseOptions> & { readonly seed?: number }): MseOptions {
  let state = options.seed ?? 1
  const chance = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  return {
    methods: ['rc4', 'plain'],
    randomBytes: (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => chance(256)),
    chance,
    timeoutMs: 10_000,
    ...options,
  }
}

/** One side of a connection, with what it wrote and how it ended. */
class Side {
  readonly machine: MseHandshake
  readonly names: readonly Uint8Array[]
  written: Uint8Array = new Uint8Array(0)
  end: MseEffect | null = null

  constructor(name: Uint8Array | null, options: MseOptions, names: readonly Uint8Array[] = [NAME]) {
    this.machine = new MseHandshake(name, options)
    this.names = names
    this.perform(this.machine.handle({ kind: 'start' }, 0))
  }

  hear(bytes: Uint8Array): void {
    this.perform(this.machine.handle({ kind: 'bytes', bytes }, 0))
  }

  takeWritten(): Uint8Array {
    const { written } = this
    this.written = new Uint8Array(0)
    return written
  }

  perform(effects: readonly MseEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'write') this.written = concatBytes([this.written, ...effect.chunks])
      else if (effect.kind === 'torrent-named') {
        const name = this.names.find((each) => toHex(hashOfName(each)) === toHex(effect.hashOfName))
        this.perform(this.machine.handle({ kind: 'torrent', name: name ?? null }, 0))
      } else this.end = effect
    }
  }

  get established(): Established {
    if (this.end?.kind !== 'established') throw new Error(`not established: ${this.end?.kind}`)
    return this.end
  }

  get fault(): string | null {
    return this.end?.kind === 'fault' ? this.end.fault.code : null
  }
}

/** Until neither has anything more to say. `cut` splits what is said. */
function talk(a: Side, b: Side, cut: (bytes: Uint8Array) => readonly Uint8Array[]): void {
  for (let turn = 0; turn < 8; turn++) {
    for (const part of cut(a.takeWritten())) b.hear(part)
    for (const part of cut(b.takeWritten())) a.hear(part)
  }
}

const whole = (bytes: Uint8Array): readonly Uint8Array[] => [bytes]
const bytewise = (bytes: Uint8Array): readonly Uint8Array[] =>
  Array.from(bytes, (byte) => Uint8Array.of(byte))

/** What one side says afterwards, as the other reads it. */
function pass(text: string, from: Established, to: Established): string {
  const bytes = latin1Encode(text)
  from.ciphers?.outgoing.apply(bytes)
  to.ciphers?.incoming.apply(bytes)
  return latin1Decode(bytes)
}

describe.each(EXCHANGES)('an exchange with $does', (exchange) => {
  const [secretA, secretB] = [bytesOf(exchange.secretA), bytesOf(exchange.secretB)]
  const fixed = (secret: Uint8Array): MseOptions =>
    optionsOf({
      methods: ['rc4'],
      randomBytes: (length) => secret.slice(0, length),
      chance: () => 0,
    })

  test('comes to the same secret, of 96 bytes', () => {
    expect(toHex(publicKey(secretA))).toBe(exchange.fromA.slice(0, KEY_BYTES * 2))
    expect(toHex(sharedSecret(publicKey(secretB), secretA) ?? NAME)).toBe(exchange.shared)
    expect(toHex(sharedSecret(publicKey(secretA), secretB) ?? NAME)).toBe(exchange.shared)
  })

  test.each([
    ['in one piece', whole],
    ['byte by byte', bytewise],
  ])('is what we say and understand as the side that dials, %s', (_, cut) => {
    const a = new Side(bytesOf(exchange.name), fixed(secretA))
    for (const part of cut(bytesOf(exchange.fromB))) a.hear(part)
    const said = a.takeWritten()
    expect(toHex(said)).toBe(exchange.fromA.slice(0, said.length * 2))
    const { ciphers, method, rest } = a.established
    expect(method).toBe('rc4')
    const ours = latin1Encode('from A')
    ciphers?.outgoing.apply(ours)
    expect(toHex(ours)).toBe(exchange.fromA.slice(said.length * 2))
    // Byte by byte the rest comes after the beginning is over.
    if (cut === whole) expect(latin1Decode(rest)).toBe('from B')
  })

  test.each([
    ['in one piece', whole],
    ['byte by byte', bytewise],
  ])('is what we say and understand as the side that is dialled, %s', (_, cut) => {
    const b = new Side(null, fixed(secretB), [NAME, bytesOf(exchange.name)])
    for (const part of cut(bytesOf(exchange.fromA))) b.hear(part)
    const said = b.takeWritten()
    expect(toHex(said)).toBe(exchange.fromB.slice(0, said.length * 2))
    const { ciphers, method, rest } = b.established
    expect(method).toBe('rc4')
    const ours = latin1Encode('from B')
    ciphers?.outgoing.apply(ours)
    expect(toHex(ours)).toBe(exchange.fromB.slice(said.length * 2))
    if (cut === whole) expect(latin1Decode(rest)).toBe('from A')
  })
})

describe('RC4', () => {
  test('gives the published key stream, in any pieces', () => {
    const bytes = latin1Encode('Plaintext')
    const cipher = new Rc4(latin1Encode('Key'))
    cipher.apply(bytes.subarray(0, 4))
    cipher.apply(bytes.subarray(4))
    expect(toHex(bytes)).toBe('bbf316e8d940af0ad3')
  })
})

describe('the public key', () => {
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['p - 1', PRIME - 1n],
    ['p', PRIME],
    ['p + 1', PRIME + 1n],
    ['the greatest', (1n << 768n) - 1n],
  ])('%s is refused on both sides', (_, key) => {
    for (const name of [NAME, null]) {
      const side = new Side(name, optionsOf({}))
      side.hear(toKeyBytes(key))
      expect(side.fault).toBe('bad-public-key')
    }
  })

  test.each([
    ['2', 2n],
    ['p - 2', PRIME - 2n],
  ])('%s is taken', (_, key) => {
    const side = new Side(null, optionsOf({}))
    side.hear(toKeyBytes(key))
    expect(side.fault).toBeNull()
  })
})

describe('two sides', () => {
  test('with any pads and any splits understand each other', () => {
    const methods = fc.constantFrom<readonly MseMethod[]>(['rc4'], ['plain'], ['rc4', 'plain'])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom(0, 1, PAD_BYTES_LIMIT),
        methods,
        methods,
        fc.infiniteStream(fc.integer({ min: 1, max: 200 })),
        (seed, padBytes, ours, theirs, sizes) => {
          const chance = (): number => padBytes
          const a = new Side(NAME, optionsOf({ seed, chance, methods: ours }))
          const b = new Side(null, optionsOf({ seed: seed + 1, chance, methods: theirs }))
          const cut = (bytes: Uint8Array): readonly Uint8Array[] => {
            const parts: Uint8Array[] = []
            for (let at = 0; at < bytes.length; ) {
              const size = sizes.next().value ?? 1
              parts.push(bytes.subarray(at, at + size))
              at += size
            }
            return parts
          }
          talk(a, b, cut)
          const common = ours.filter((method) => theirs.includes(method))
          if (common.length === 0) {
            expect(b.fault).toBe('no-common-method')
            return
          }
          const method = common.includes('rc4') ? 'rc4' : 'plain'
          expect([a.established.method, b.established.method]).toEqual([method, method])
          expect(pass('to B', a.established, b.established)).toBe('to B')
          expect(pass('to A', b.established, a.established)).toBe('to A')
        },
      ),
      { numRuns: 30 },
    )
  })

  test('never begin with the byte of a plain handshake', () => {
    const secrets = Array.from({ length: 2_000 }, (_, at) => {
      const secret = new Uint8Array(20)
      new DataView(secret.buffer).setUint32(10, at)
      return secret
    })
    const plain = secrets.find((secret) => publicKey(secret)[0] === 0x13)
    if (plain === undefined) throw new Error('no such key among those tried')
    const drawn = [plain, plain, NAME]
    const randomBytes = (lengthBytes: number): Uint8Array =>
      (lengthBytes === 20 ? drawn.shift() : null) ?? new Uint8Array(lengthBytes)
    const a = new Side(NAME, optionsOf({ randomBytes, chance: () => 0 }))
    expect(toHex(a.takeWritten())).toBe(toHex(publicKey(NAME)))
  })

  test('do not meet over a torrent that one of them has not', () => {
    const a = new Side(NAME, optionsOf({}))
    const b = new Side(null, optionsOf({ seed: 2 }), [new Uint8Array(20)])
    talk(a, b, whole)
    expect(b.fault).toBe('unknown-torrent')
    expect(a.end).toBeNull()
  })
})

describe('what is foreign', () => {
  test('after a key is given up when no sync came within the longest pad', () => {
    for (const name of [NAME, null]) {
      const side = new Side(name, optionsOf({}))
      side.hear(publicKey(NAME))
      const syncBytes = name === null ? 20 : 8
      side.hear(new Uint8Array(PAD_BYTES_LIMIT + syncBytes - 1))
      expect(side.end).toBeNull()
      side.hear(new Uint8Array(1))
      expect(side.fault).toBe('no-sync')
    }
  })

  test('never throws, and never establishes anything', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 4 }),
        (isInitiator, parts) => {
          const side = new Side(isInitiator ? NAME : null, optionsOf({}))
          for (const part of parts) side.hear(part)
          expect(side.end === null || side.fault !== null).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is not waited for longer than the time-out', () => {
    const side = new Side(null, optionsOf({}))
    expect(side.machine.deadlineMs).toBe(10_000)
    side.perform(side.machine.handle({ kind: 'tick' }, 9_999))
    expect(side.end).toBeNull()
    side.perform(side.machine.handle({ kind: 'tick' }, 10_000))
    expect(side.end).toEqual({ kind: 'timed-out' })
    expect(side.machine.deadlineMs).toBeNull()
  })

  test.each([
    ['PadA', 0, 'no-sync'],
    ['PadC', 1, 'pad-too-long'],
  ])('pad of 513 bytes (%s) is a fault, one of 512 is not', (_, which, fault) => {
    for (const padBytes of [PAD_BYTES_LIMIT, PAD_BYTES_LIMIT + 1]) {
      let pads = 0
      const chance = (): number => (pads++ === which ? padBytes : 0)
      const a = new Side(NAME, optionsOf({ chance }))
      const b = new Side(null, optionsOf({ seed: 2 }))
      talk(a, b, whole)
      expect(b.fault).toBe(padBytes > PAD_BYTES_LIMIT ? fault : null)
    }
  })

  test('selecting what was not offered is a fault', () => {
    const a = new Side(NAME, optionsOf({ methods: ['rc4'] }))
    const b = new Side(null, optionsOf({ seed: 2, methods: ['rc4'] }))
    b.hear(a.takeWritten())
    a.hear(b.takeWritten())
    b.hear(a.takeWritten())
    const answer = b.takeWritten()
    // The last bit of the selection, after eight bytes of verification and three of the number.
    answer[11] = (answer[11] ?? 0) ^ 3
    a.hear(answer)
    expect(a.fault).toBe('bad-selection')
  })
})
