/**
 * An encrypted beginning, from either side, without IO: who dialled is `initiator` and knows the torrent; who was
 * dialled is `responder` and learns it from a hash. What follows it on the connection is the peer protocol as ever.
 *
 * This is obfuscation: it keeps those from looking in who do not look for it, and nobody else.
 */
import { ByteWriter, concatBytes } from '../bytes.ts'
import type { Machine, Millis } from '../machine.ts'
import { invariant } from '../machine.ts'
import { HeardBytes } from './heard-bytes.ts'
import { KEY_BYTES, publicKey, SECRET_BYTES, sharedSecret } from './key-exchange.ts'
import {
  METHOD_BITS,
  type MseEffect,
  type MseFault,
  type MseInput,
  type MseMethod,
  type MseOptions,
  PAD_BYTES_LIMIT,
} from './mse-contract.ts'
import { cipherOf, hashOfName, maskName, syncHash } from './mse-hashes.ts'
import type { Rc4 } from './rc4.ts'

type Phase = 'key' | 'sync' | 'name' | 'torrent' | 'terms' | 'pad' | 'payload' | 'over'

const VERIFICATION_BYTES = 8
const NAME_BYTES = 20

export class MseHandshake implements Machine<MseInput, MseEffect> {
  readonly #options: MseOptions
  readonly #isInitiator: boolean
  #secret: Uint8Array
  readonly #heard = new HeardBytes()
  #effects: MseEffect[] = []
  #phase: Phase = 'key'
  #deadlineMs: Millis | null = null
  #shared: Uint8Array = new Uint8Array(0)
  /** Which torrent it is about; the responder learns it. */
  #name: Uint8Array | null
  #ciphers: { readonly incoming: Rc4; readonly outgoing: Rc4 } | null = null
  /** The bits of what was offered or chosen. */
  #method = 0
  #padBytes = 0
  #payloadBytes = 0
  #pattern: Uint8Array = new Uint8Array(0)

  /** `name`: the torrent's 20 bytes for the side that dials, `null` for the side that is dialled. */
  constructor(name: Uint8Array | null, options: MseOptions) {
    invariant(options.methods.length > 0, 'at least one method is allowed')
    this.#options = options
    this.#name = name
    this.#isInitiator = name !== null
    this.#secret = options.randomBytes(SECRET_BYTES)
  }

  get deadlineMs(): Millis | null {
    return this.#phase === 'over' ? null : this.#deadlineMs
  }

  handle(input: MseInput, nowMs: Millis): readonly MseEffect[] {
    this.#effects = []
    if (this.#phase === 'over') return this.#effects
    switch (input.kind) {
      case 'start':
        this.#deadlineMs = nowMs + this.#options.timeoutMs
        if (this.#isInitiator) this.#sayKey()
        break
      case 'bytes':
        this.#heard.append(input.bytes)
        this.#read()
        break
      case 'torrent':
        this.#learn(input.name)
        this.#read()
        break
      case 'tick':
        if (this.#deadlineMs !== null && nowMs >= this.#deadlineMs) this.#end({ kind: 'timed-out' })
        break
      default:
        input satisfies never
    }
    return this.#effects
  }

  #read(): void {
    for (let before: Phase | null = null; before !== this.#phase; ) {
      before = this.#phase
      this.#step()
    }
  }

  #step(): void {
    const { lengthBytes } = this.#heard
    switch (this.#phase) {
      case 'key':
        if (lengthBytes >= KEY_BYTES) this.#hearKey()
        break
      case 'sync':
        this.#findSync()
        break
      case 'name':
        if (lengthBytes >= NAME_BYTES) this.#hearName()
        break
      case 'terms':
        if (lengthBytes >= this.#termsBytes) this.#hearTerms()
        break
      case 'pad':
        if (lengthBytes >= this.#padBytes + (this.#isInitiator ? 0 : 2)) this.#hearPad()
        break
      case 'payload':
        if (lengthBytes >= this.#payloadBytes) this.#agree()
        break
      case 'torrent':
      case 'over':
        break
      default:
        this.#phase satisfies never
    }
  }

  #hearKey(): void {
    const shared = sharedSecret(this.#heard.take(KEY_BYTES), this.#secret)
    if (shared === null) return this.#fault('bad-public-key', 'the public key is no honest one')
    this.#shared = shared
    this.#phase = 'sync'
    if (this.#isInitiator) {
      this.#makeCiphers()
      this.#sayTerms()
      // The responder's first encrypted bytes are zeros: they show the key stream itself.
      this.#pattern = new Uint8Array(VERIFICATION_BYTES)
      this.#ciphers?.incoming.apply(this.#pattern)
    } else {
      this.#sayKey()
      this.#pattern = syncHash(shared)
    }
  }

  #findSync(): void {
    const at = this.#heard.find(this.#pattern, PAD_BYTES_LIMIT + 1)
    if (at >= 0) {
      this.#heard.take(at + this.#pattern.length)
      this.#phase = this.#isInitiator ? 'terms' : 'name'
    } else if (this.#heard.lengthBytes >= PAD_BYTES_LIMIT + this.#pattern.length) {
      this.#fault('no-sync', `nothing follows the pad within ${PAD_BYTES_LIMIT} bytes`)
    }
  }

  #hearName(): void {
    const hashed = maskName(this.#heard.take(NAME_BYTES), this.#shared)
    this.#phase = 'torrent'
    this.#effects.push({ kind: 'torrent-named', hashOfName: hashed })
  }

  #learn(name: Uint8Array | null): void {
    if (this.#phase !== 'torrent') return
    if (name === null) return this.#fault('unknown-torrent', 'it names no torrent of ours')
    this.#name = name
    this.#makeCiphers()
    this.#phase = 'terms'
  }

  /** The verification came with the sync where we dialled. */
  get #termsBytes(): number {
    return (this.#isInitiator ? 0 : VERIFICATION_BYTES) + 6
  }

  #hearTerms(): void {
    const terms = this.#decrypt(this.#termsBytes)
    const view = new DataView(terms.buffer, terms.byteOffset + terms.length - 6, 6)
    const verification = terms.subarray(0, terms.length - 6)
    if (verification.some((byte) => byte !== 0))
      return this.#fault('bad-verification', 'the verification is not zero')
    this.#method = view.getUint32(0)
    this.#padBytes = view.getUint16(4)
    if (this.#padBytes > PAD_BYTES_LIMIT)
      return this.#fault('pad-too-long', `a pad has at most ${PAD_BYTES_LIMIT} bytes`)
    this.#phase = 'pad'
  }

  #hearPad(): void {
    this.#decrypt(this.#padBytes)
    if (!this.#isInitiator) {
      const [high = 0, low = 0] = this.#decrypt(2)
      this.#payloadBytes = high * 256 + low
    }
    this.#phase = 'payload'
  }

  /** The beginning is whole. */
  #agree(): void {
    const method = this.#isInitiator ? this.#chosen() : this.#choose()
    if (method === null) return
    const payload = this.#decrypt(this.#payloadBytes).slice()
    const rest = this.#heard.take(this.#heard.lengthBytes).slice()
    if (method === 'rc4') this.#ciphers?.incoming.apply(rest)
    this.#end({
      kind: 'established',
      method,
      ciphers: method === 'rc4' ? this.#ciphers : null,
      rest: concatBytes([payload, rest]),
    })
  }

  #chosen(): MseMethod | null {
    const method = this.#options.methods.find((each) => METHOD_BITS[each] === this.#method)
    if (method !== undefined) return method
    this.#fault('bad-selection', 'it selects what we did not offer')
    return null
  }

  #choose(): MseMethod | null {
    const method = BEST_FIRST.find(
      (each) => this.#options.methods.includes(each) && (this.#method & METHOD_BITS[each]) !== 0,
    )
    if (method === undefined) {
      this.#fault('no-common-method', 'it offers no method that we allow')
      return null
    }
    const pad = this.#pad()
    const to = new ByteWriter(14 + pad.length).bytes(new Uint8Array(VERIFICATION_BYTES))
    this.#write([this.#encrypt(to.u32(METHOD_BITS[method]).u16(pad.length).bytes(pad).done())])
    return method
  }

  #sayKey(): void {
    let key = publicKey(this.#secret)
    for (let tries = 0; this.#isInitiator && looksPlain(key) && tries < KEY_TRIES; tries++) {
      this.#secret = this.#options.randomBytes(SECRET_BYTES)
      key = publicKey(this.#secret)
    }
    this.#write([key, this.#pad()])
  }

  #sayTerms(): void {
    const name = this.#name ?? new Uint8Array(NAME_BYTES)
    const pad = this.#pad()
    const offered = this.#options.methods.reduce((bits, method) => bits | METHOD_BITS[method], 0)
    const to = new ByteWriter(16 + pad.length).bytes(new Uint8Array(VERIFICATION_BYTES))
    // No payload goes along: what we say first waits until the other has shown that it knows the torrent.
    const terms = to.u32(offered).u16(pad.length).bytes(pad).u16(0).done()
    this.#write([
      syncHash(this.#shared),
      maskName(hashOfName(name), this.#shared),
      this.#encrypt(terms),
    ])
  }

  #makeCiphers(): void {
    const name = this.#name ?? new Uint8Array(NAME_BYTES)
    const a = cipherOf('A', this.#shared, name)
    const b = cipherOf('B', this.#shared, name)
    this.#ciphers = this.#isInitiator ? { incoming: b, outgoing: a } : { incoming: a, outgoing: b }
  }

  #pad(): Uint8Array {
    return this.#options.randomBytes(this.#options.chance(PAD_BYTES_LIMIT + 1))
  }

  #decrypt(lengthBytes: number): Uint8Array {
    const bytes = this.#heard.take(lengthBytes)
    this.#ciphers?.incoming.apply(bytes)
    return bytes
  }

  #encrypt(bytes: Uint8Array): Uint8Array {
    this.#ciphers?.outgoing.apply(bytes)
    return bytes
  }

  #write(chunks: readonly Uint8Array[]): void {
    this.#effects.push({ kind: 'write', chunks })
  }

  #fault(code: MseFault['code'], detail: string): void {
    this.#end({ kind: 'fault', fault: { code, detail } })
  }

  #end(effect: MseEffect): void {
    this.#phase = 'over'
    this.#effects.push(effect)
  }
}

/** Keys that are drawn, at most, for one that no one takes for the beginning of a plain handshake. */
const KEY_TRIES = 8
const PLAIN_FIRST_BYTE = 0x13

/** Some listeners look no further than the first byte. */
function looksPlain(key: Uint8Array): boolean {
  return key[0] === PLAIN_FIRST_BYTE
}

const BEST_FIRST: readonly MseMethod[] = ['rc4', 'plain']
