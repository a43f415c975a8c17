/**
 * Reading KRPC in one pass over the datagram: nothing is built but the message, since this runs for every packet that
 * strangers send. Fields that nobody knows are checked and passed over without a stack.
 *
 * Spec: BEP 5, "KRPC Protocol"; BEP 3, "bencoding"
 */
import type {
  KrpcBody,
  KrpcFaultCode,
  KrpcLimits,
  KrpcMessage,
  KrpcResult,
} from '../bep/0005-krpc.ts'
import { latin1Decode } from '../bytes.ts'
import { BODY_FIELDS, type BodyField, nextKeyHash } from './krpc-fields.ts'

/** See `decodeKrpc`. */
export function readKrpc(bytes: Uint8Array, limits: KrpcLimits): KrpcResult {
  if (bytes.length > limits.maxBytes) return { ok: false, fault: { code: 'too-long' } }
  return new KrpcReader(bytes, limits).run()
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

class KrpcReader {
  readonly #bytes: Uint8Array
  readonly #limits: KrpcLimits
  readonly #body: Mutable<KrpcBody> = emptyBody()
  #at = 0
  #tokenCount = 0
  #fault: KrpcFaultCode | null = null
  #letter = 0
  #bodyLetter = 0
  #t: Uint8Array | null = null
  #v: Uint8Array | null = null
  #ip: Uint8Array | null = null
  #method: string | null = null
  #isReadOnly = false
  #errorCode: number | null = null
  #errorMessage: Uint8Array | null = null

  constructor(bytes: Uint8Array, limits: KrpcLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  run(): KrpcResult {
    if (this.#bytes[0] !== CODE_D) {
      return {
        ok: false,
        fault: { code: this.#bytes.length === 0 ? 'truncated' : 'not-a-message' },
      }
    }
    this.#tokenCount = 1
    this.#at = 1
    this.#readRoot()
    if (this.#fault === null && this.#at !== this.#bytes.length) this.#fault = 'trailing-bytes'
    const message = this.#fault === null ? this.#message() : null
    if (message !== null) return { ok: true, message }
    return { ok: false, fault: { code: this.#fault ?? 'not-a-message' } }
  }

  #message(): KrpcMessage | null {
    const kind = kindOf(this.#letter)
    if (kind === null || this.#t === null) return null
    if (kind === 'query' && (this.#method === null || this.#bodyLetter !== CODE_A)) {
      // A query without arguments is answered with an error, so it stays a message.
      if (this.#method === null) return null
      this.#body.isMalformed = true
    }
    if (kind === 'response' && this.#bodyLetter !== CODE_R) return null
    if (kind === 'error' && this.#errorCode === null) return null
    return {
      kind,
      t: this.#t,
      v: this.#v,
      ip: this.#ip,
      isReadOnly: this.#isReadOnly,
      method: kind === 'query' ? (this.#method ?? '') : '',
      errorCode: kind === 'error' ? (this.#errorCode ?? 0) : 0,
      errorMessage: kind === 'error' ? this.#errorMessage : null,
      body: this.#body,
    }
  }

  #readRoot(): void {
    let seen = 0
    while (this.#fault === null) {
      if (this.#bytes[this.#at] === CODE_E) {
        this.#at++
        return
      }
      const key = this.#readString()
      if (key === null) return
      const [first = 0, second = 0] = key
      const field = key.length === 1 ? first : key.length === 2 ? first * 256 + second : 0
      const bit = ROOT_BITS.get(field) ?? 0
      if ((seen & bit) !== 0) return this.#fail('key-repeated')
      seen |= bit
      this.#readRootField(field)
    }
  }

  #readRootField(field: number): void {
    switch (field) {
      case CODE_A:
      case CODE_R:
        if (this.#bytes[this.#at] !== CODE_D) return this.#skip(1)
        this.#bodyLetter = field
        return this.#readBody()
      case CODE_E:
        return this.#readError()
      case CODE_T:
        this.#t = this.#bytesOrSkip(1)
        return
      case CODE_Y: {
        const letter = this.#bytesOrSkip(1)
        if (letter?.length === 1) this.#letter = letter[0] ?? 0
        return
      }
      case CODE_Q: {
        const method = this.#bytesOrSkip(1)
        if (method !== null && method.length <= MAX_METHOD_BYTES) this.#method = methodOf(method)
        return
      }
      case CODE_V:
        this.#v = this.#bytesOrSkip(1)
        return
      case KEY_IP:
        this.#ip = this.#bytesOrSkip(1)
        return
      case KEY_RO:
        this.#isReadOnly = this.#intOrSkip(1) === 1
        return
      default:
        this.#skip(1)
    }
  }

  /** `[code, text]`; anything else leaves the code `null`. */
  #readError(): void {
    if (this.#bytes[this.#at] !== CODE_L) return this.#skip(1)
    if (!this.#countToken()) return
    this.#at++
    for (let index = 0; this.#fault === null; index++) {
      if (this.#bytes[this.#at] === CODE_E) {
        this.#at++
        return
      }
      if (index === 0) {
        const code = this.#intOrSkip(2)
        this.#errorCode = typeof code === 'number' ? code : null
      } else if (index === 1) this.#errorMessage = this.#bytesOrSkip(2)
      else this.#skip(2)
    }
  }

  #readBody(): void {
    if (!this.#countToken()) return
    this.#at++
    let seen = 0
    while (this.#fault === null) {
      if (this.#bytes[this.#at] === CODE_E) {
        this.#at++
        return
      }
      const start = this.#at
      const hash = this.#readKeyHash()
      if (this.#fault !== null) return
      const field = BODY_FIELDS.get(hash)
      if (field === undefined || !this.#endsWith(field.name, start)) {
        this.#skip(2)
        continue
      }
      if ((seen & field.bit) !== 0) return this.#fail('key-repeated')
      seen |= field.bit
      this.#readBodyField(field)
    }
  }

  /** The hash of a key's bytes: no text is made of it. */
  #readKeyHash(): number {
    const lengthBytes = this.#readLength()
    let hash = lengthBytes
    const end = this.#at + lengthBytes
    for (let at = this.#at; at < end; at++) hash = nextKeyHash(hash, this.#bytes[at] ?? 0)
    this.#at = Math.max(end, this.#at)
    return hash
  }

  #endsWith(name: Uint8Array, start: number): boolean {
    const first = this.#at - name.length
    if (first <= start) return false
    for (let i = 0; i < name.length; i++) if (this.#bytes[first + i] !== name[i]) return false
    return true
  }

  #readBodyField(field: BodyField): void {
    const body = this.#body
    switch (field.shape) {
      case 'bytes': {
        const bytes = this.#bytesOrSkip(2)
        if (bytes === null || (field.lengthBytes !== 0 && bytes.length !== field.lengthBytes)) {
          body.isMalformed = true
        } else body[field.key] = bytes
        return
      }
      case 'flag':
        body[field.key] = this.#intOrSkip(2) === 1
        return
      case 'int': {
        const value = this.#intOrSkip(2)
        if (typeof value === 'number' && value >= 0) body[field.key] = value
        else body.isMalformed = true
        return
      }
      case 'int64': {
        const value = this.#intOrSkip(2)
        if (value === null || value < 0) body.isMalformed = true
        else body[field.key] = BigInt(value)
        return
      }
      case 'raw': {
        const start = this.#at
        this.#skip(2)
        if (this.#fault === null) body.value = this.#bytes.subarray(start, this.#at)
        return
      }
      case 'values':
        body.values = this.#readList()
        return
      case 'want':
        body.want = wantOf(this.#readList())
        return
      default:
        field satisfies never
    }
  }

  /** The strings of a list; others in it are passed over. */
  #readList(): readonly Uint8Array[] | null {
    if (this.#bytes[this.#at] !== CODE_L) {
      this.#body.isMalformed = true
      this.#skip(2)
      return null
    }
    if (!this.#countToken()) return null
    this.#at++
    const items: Uint8Array[] = []
    while (this.#fault === null) {
      if (this.#bytes[this.#at] === CODE_E) {
        this.#at++
        return items
      }
      const item = this.#bytesOrSkip(3)
      if (item !== null) items.push(item)
    }
    return null
  }

  /** `null` where something else stands there, which is then passed over. */
  #bytesOrSkip(depth: number): Uint8Array | null {
    const byte = this.#bytes[this.#at] ?? 0
    if (byte < CODE_0 || byte > CODE_9) {
      this.#skip(depth)
      return null
    }
    return this.#countToken() ? this.#readString() : null
  }

  #intOrSkip(depth: number): number | bigint | null {
    if (this.#bytes[this.#at] !== CODE_I) {
      this.#skip(depth)
      return null
    }
    return this.#countToken() ? this.#readInteger() : null
  }

  /** Passes over one value inside `depth` containers. What is open lies in the bits of two numbers. */
  #skip(depth: number): void {
    let open = 0
    let dictBits = 0
    let keyBits = 0
    while (this.#fault === null) {
      const byte = this.#bytes[this.#at]
      const top = 1 << open
      const isInDict = open > 0 && (dictBits & top) !== 0
      if (byte === CODE_E && open > 0) {
        if (isInDict && (keyBits & top) === 0) return this.#fail('bad-byte')
        this.#at++
        open--
      } else if (isInDict && (keyBits & top) !== 0) {
        this.#readString()
        keyBits &= ~top
        continue
      } else {
        if (!this.#countToken()) return
        if (byte === CODE_L || byte === CODE_D) {
          if (depth + open >= this.#limits.maxDepth) return this.#fail('too-deep')
          open++
          const bit = 1 << open
          dictBits = byte === CODE_D ? dictBits | bit : dictBits & ~bit
          keyBits |= bit
          this.#at++
          continue
        }
        if (byte === CODE_I) this.#readInteger()
        else this.#readString()
      }
      if (open === 0) return
      keyBits |= 1 << open
    }
  }

  #countToken(): boolean {
    this.#tokenCount++
    if (this.#tokenCount <= this.#limits.maxTokens) return true
    this.#fail('too-many-tokens')
    return false
  }

  /** Grammar: `i` ( `0` | `-`? [1-9][0-9]{0,18} ) `e`, in the range of 64 bits. `null` after a fault. */
  #readInteger(): number | bigint | null {
    const bytes = this.#bytes
    const first = this.#at + 1
    const isNegative = bytes[first] === CODE_MINUS
    const digits = isNegative ? first + 1 : first
    let at = digits
    let value = 0
    for (; at - digits <= MAX_DIGITS; at++) {
      const byte = bytes[at] ?? 0
      if (byte < CODE_0 || byte > CODE_9) break
      value = value * 10 + byte - CODE_0
    }
    if (at >= bytes.length) return this.#failNull('truncated')
    const hasLeadingZero = bytes[digits] === CODE_0 && (at - digits > 1 || isNegative)
    if (bytes[at] !== CODE_E || at === digits || hasLeadingZero || at - digits > MAX_DIGITS) {
      return this.#failNull('bad-integer')
    }
    this.#at = at + 1
    if (at - digits <= SAFE_DIGITS) return isNegative ? -value : value
    const big = BigInt(latin1Decode(bytes.subarray(first, at)))
    if (big < INT64_MIN || big > INT64_MAX) return this.#failNull('bad-integer')
    const small = Number(big)
    return Number.isSafeInteger(small) ? small : big
  }

  #readString(): Uint8Array | null {
    const lengthBytes = this.#readLength()
    if (this.#fault !== null) return null
    const start = this.#at
    this.#at = start + lengthBytes
    return this.#bytes.subarray(start, this.#at)
  }

  /** The length before a string, which lies whole in the datagram; 0 after a fault. */
  #readLength(): number {
    const bytes = this.#bytes
    const start = this.#at
    let at = start
    let lengthBytes = 0
    for (; at - start <= MAX_LENGTH_DIGITS; at++) {
      const byte = bytes[at] ?? 0
      if (byte < CODE_0 || byte > CODE_9) break
      lengthBytes = lengthBytes * 10 + byte - CODE_0
    }
    if (at >= bytes.length) return this.#failZero('truncated')
    if (at === start) return this.#failZero('bad-byte')
    const hasLeadingZero = bytes[start] === CODE_0 && at - start > 1
    if (bytes[at] !== CODE_COLON || hasLeadingZero || at - start > MAX_LENGTH_DIGITS) {
      return this.#failZero('bad-length')
    }
    if (lengthBytes > bytes.length - at - 1) return this.#failZero('truncated')
    this.#at = at + 1
    return lengthBytes
  }

  #fail(code: KrpcFaultCode): void {
    this.#fault = this.#at >= this.#bytes.length ? 'truncated' : code
  }

  #failNull(code: KrpcFaultCode): null {
    this.#fail(code)
    return null
  }

  #failZero(code: KrpcFaultCode): 0 {
    this.#fail(code)
    return 0
  }
}

const CODE_0 = 0x30
const CODE_9 = 0x39
const CODE_COLON = 0x3a
const CODE_MINUS = 0x2d
const CODE_A = 0x61
const CODE_D = 0x64
const CODE_E = 0x65
const CODE_I = 0x69
const CODE_L = 0x6c
const CODE_Q = 0x71
const CODE_R = 0x72
const CODE_T = 0x74
const CODE_V = 0x76
const CODE_Y = 0x79
const KEY_IP = 0x69 * 256 + 0x70
const KEY_RO = 0x72 * 256 + 0x6f

const MAX_DIGITS = 19
const SAFE_DIGITS = 15
const MAX_LENGTH_DIGITS = 10
const MAX_METHOD_BYTES = 32
const INT64_MIN = -(1n << 63n)
const INT64_MAX = (1n << 63n) - 1n

const ROOT_BITS: ReadonlyMap<number, number> = new Map(
  [CODE_A, CODE_R, CODE_E, CODE_T, CODE_Y, CODE_Q, CODE_V, KEY_IP, KEY_RO].map(
    (key, index): [number, number] => [key, 1 << index],
  ),
)

/** Known names are shared, so that no text is made of them. */
const METHODS: readonly (readonly [Uint8Array, string])[] = [
  'ping',
  'find_node',
  'get_peers',
  'announce_peer',
  'get',
  'put',
  'sample_infohashes',
].map((name) => [Uint8Array.from(name, (character) => character.charCodeAt(0)), name] as const)

function methodOf(bytes: Uint8Array): string {
  for (const [known, name] of METHODS) {
    if (known.length !== bytes.length || known[0] !== bytes[0]) continue
    if (known.every((byte, i) => bytes[i] === byte)) return name
  }
  return latin1Decode(bytes)
}

function kindOf(letter: number): KrpcMessage['kind'] | null {
  if (letter === CODE_Q) return 'query'
  if (letter === CODE_R) return 'response'
  return letter === CODE_E ? 'error' : null
}

function wantOf(items: readonly Uint8Array[] | null): KrpcBody['want'] {
  if (items === null) return null
  const texts = items.filter(({ length }) => length === 2).map(latin1Decode)
  return { nodes: texts.includes('n4'), nodes6: texts.includes('n6') }
}

function emptyBody(): Mutable<KrpcBody> {
  return {
    id: null,
    target: null,
    infoHash: null,
    token: null,
    port: null,
    isPortImplied: false,
    isSeed: false,
    isWithoutSeeds: false,
    isScrape: false,
    want: null,
    nodes: null,
    nodes6: null,
    values: null,
    seedFilter: null,
    peerFilter: null,
    value: null,
    publicKey: null,
    signature: null,
    salt: null,
    seq: null,
    cas: null,
    samples: null,
    sampleCount: null,
    intervalS: null,
    isMalformed: false,
  }
}
