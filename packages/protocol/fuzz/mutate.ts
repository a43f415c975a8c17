/** Makes wrong inputs out of right ones: by bytes, by numbers, and by the tree where the input is bencode. */
import {
  encodeBencode,
  isBencodeDict,
  isBencodeList,
  RawBencode,
  type BencodeInput,
  type BencodeValue,
} from '../src/bencode.ts'
import { concatBytes, latin1Decode, latin1Encode } from '../src/bytes.ts'
import { MAX_INPUT_BYTES, type Seed } from './corpus.ts'
import type { Random } from './random.ts'

/** One hostile relative of the seed; `other` lends parts. */
export function mutate(seed: Seed, other: Seed, random: Random): Uint8Array {
  let bytes = seed.bytes
  if (seed.tree !== null && !random.oneIn(3)) bytes = encodeBencode(mutateTree(seed.tree, random))
  const rounds = random.pick([0, 1, 1, 2, 4, 8])
  for (let round = 0; round < rounds; round++) {
    bytes = random.pick(MUTATIONS)(bytes, other.bytes, random)
  }
  return bytes.length > MAX_INPUT_BYTES ? bytes.subarray(0, MAX_INPUT_BYTES) : bytes
}

type Mutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  setByte,
  setInteger,
  remove,
  repeat,
  insert,
  splice,
  replaceNumber,
]

/** What decoders compare with, and what begins or ends something. */
const TELLING_BYTES: readonly [number, ...number[]] = [
  0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x25, 0x26, 0x2a, 0x2d, 0x2e, 0x2f, 0x30, 0x39, 0x3a, 0x3d,
  0x5b, 0x64, 0x65, 0x69, 0x6c, 0xc3, 0xe2, 0xed, 0xf0,
]

const TELLING_INTEGERS: readonly [number, ...number[]] = [
  0, 1, 2, 13, 0x4000, 0x4001, 0xffff, 0x1_0000, 0x10_0000, 0x10_0001, 0x7fff_ffff, 0x8000_0000,
  0xffff_fffe, 0xffff_ffff,
]

const TELLING_NUMBERS: readonly [string, ...string[]] = [
  '0',
  '-0',
  '00',
  '-1',
  '1',
  '19',
  '20',
  '21',
  '64',
  '65',
  '100',
  '101',
  '16384',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '99999999999999999999',
  '281474976710656',
  '281474976710657',
  '1e9',
  '0x10',
  '',
]

const TELLING_KEYS: readonly [string, ...string[]] = [
  '__proto__',
  'constructor',
  'toString',
  'then',
  'length',
  'info',
  'files',
  'path',
  'pieces',
  'piece length',
  'name',
  'private',
  'm',
  'msg_type',
  'piece',
  'total_size',
  'peers',
  'peers6',
  'interval',
  'failure reason',
  'attr',
  '',
  '\xff',
]

function changed(bytes: Uint8Array, at: number, drop: number, put: Uint8Array): Uint8Array {
  return concatBytes([bytes.subarray(0, at), put, bytes.subarray(at + drop)])
}

function flipBit(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  const at = random.below(copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}

function setByte(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const value = random.oneIn(2) ? random.pick(TELLING_BYTES) : random.below(256)
  return changed(bytes, random.below(bytes.length), 1, Uint8Array.of(value))
}

/** A big-endian integer of 32 bits, where binary messages keep their lengths. */
function setInteger(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const field = new Uint8Array(4)
  new DataView(field.buffer).setUint32(0, random.pick(TELLING_INTEGERS))
  const at = random.oneIn(2) ? 0 : random.below(bytes.length)
  return changed(bytes, at, 4, field)
}

function remove(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length)
  return changed(bytes, at, random.oneIn(4) ? bytes.length : 1 + random.below(8), new Uint8Array())
}

function repeat(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length)
  const part = bytes.subarray(at, at + 1 + random.below(16))
  const times = random.oneIn(16) ? random.pick([100, 101, 1000, 5000]) : 1 + random.below(3)
  const repeated = new Uint8Array(part.length * times)
  for (let i = 0; i < repeated.length; i++) repeated[i] = part[i % part.length] ?? 0
  return changed(bytes, at, 0, repeated)
}

function insert(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const part = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256))
  return changed(bytes, random.below(bytes.length + 1), 0, part)
}

function splice(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const from = random.below(other.length)
  return concatBytes([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(from)])
}

/** Replaces a run of digits. */
function replaceNumber(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  let at = random.below(bytes.length)
  while (at < bytes.length && !isDigit(bytes[at])) at++
  while (at > 0 && isDigit(bytes[at - 1])) at--
  let end = at
  while (isDigit(bytes[end])) end++
  return changed(bytes, at, end - at, latin1Encode(random.pick(TELLING_NUMBERS)))
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Changes one node, most often deep inside. */
function mutateTree(value: BencodeValue, random: Random): BencodeInput {
  if (isBencodeList(value) && value.length > 0 && !random.oneIn(4)) {
    const at = random.below(value.length)
    return value.map((item, index) => (index === at ? mutateTree(item, random) : item))
  }
  if (isBencodeDict(value) && value.size > 0) {
    const at = random.below(value.size)
    const entries = [...value].map(([key, item], index): [string, BencodeInput] =>
      index === at ? [key, mutateTree(item, random)] : [key, item],
    )
    if (random.oneIn(4)) entries.splice(at, 1)
    if (random.oneIn(4)) entries.push([random.pick(TELLING_KEYS), otherValue(value, random)])
    return new Map(entries)
  }
  return otherValue(value, random)
}

function otherValue(value: BencodeValue, random: Random): BencodeInput {
  switch (random.below(8)) {
    case 0:
      return new RawBencode(latin1Encode(`i${random.pick(TELLING_NUMBERS)}e`))
    case 1:
      return new RawBencode(latin1Encode(`${random.pick(TELLING_NUMBERS)}:a`))
    case 2:
      return [value, value]
    case 3:
      return new Map([[random.pick(TELLING_KEYS), value]])
    case 4:
      return nested(value, random.pick([1, 16, 99, 100, 101, 1000]))
    case 5:
      return Uint8Array.from({ length: random.pick([0, 1, 4, 6, 18, 20, 26, 40]) }, () =>
        random.below(256),
      )
    case 6:
      return random.pick(TELLING_INTEGERS)
    default:
      return value instanceof Uint8Array ? latin1Encode(latin1Decode(value).repeat(2)) : value
  }
}

function nested(value: BencodeValue, depth: number): RawBencode {
  const open = new Uint8Array(depth).fill(0x6c)
  const close = new Uint8Array(depth).fill(0x65)
  return new RawBencode(concatBytes([open, encodeBencode(value), close]))
}
