/** `pigeon dht`: asks the DHT, through whichever node it is. What is signed is signed here: keys never leave. */
import { readFile, stat } from 'node:fs/promises'
import type { Problem } from '@pigeon/control/contract'
import type { DhtAnswer, DhtQuery } from '@pigeon/control/network'
import { isProblem, problem } from '@pigeon/control/problems'
import { createSignaturePort } from '@pigeon/node/signatures'
import { MAX_SEQ, MAX_VALUE_BYTES, signedBytes } from '@pigeon/protocol/bep/0044-items'
import { toHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, type NodeAction, textFlag } from './around.ts'
import { bootstrapped } from './dht-bootstrap.ts'
import { readKey } from './dht-keys.ts'
import {
  fromBase64,
  readInfoHash,
  readNode,
  readPublicKey,
  readSalt,
  readSeq,
  readTarget,
  readValue,
  stringIn,
  toBase64,
  valueLines,
} from './dht-values.ts'
import { printFacts } from './table.ts'
import type { Read } from './values.ts'

type Answer<Kind extends DhtAnswer['kind']> = Extract<DhtAnswer, { kind: Kind }>

export const ping: NodeAction = async (around, given) => {
  const node = readNode(given.args[0] ?? '')
  if (isProblem(node)) return node
  const answer = await ask(around, { do: 'ping', node: node.value }, 'pong')
  if (isProblem(answer)) return answer
  const { nodeId, client, roundTripMs } = answer
  if (hasFlag(given, 'json')) around.print(jsonLine({ nodeId, client, roundTripMs }))
  else {
    printFacts(around, [
      ['node id', nodeId],
      ['client', client ?? ''],
      ['answered in', `${Math.round(roundTripMs)} ms`],
    ])
  }
  return null
}

export const peers: NodeAction = async (around, given) => {
  const infoHash = readInfoHash(given.args[0] ?? '')
  if (isProblem(infoHash)) return infoHash
  const answer = await askAll(around, { do: 'peers', infoHash: infoHash.value }, 'peers')
  if (isProblem(answer)) return answer
  const { kind: _, ...found } = answer
  if (hasFlag(given, 'json')) {
    around.print(jsonLine({ infoHash: infoHash.value, ...found }))
    return null
  }
  for (const peer of found.peers) around.print(peer)
  if (found.peers.length === 0) return nobodyHas('peers of that torrent', found.nodesAsked)
  const { seeds, downloaders } = found
  const swarm =
    seeds === null
      ? ''
      : ` The swarm: about ${counted(seeds, 'seed')}, ${counted(downloaders ?? 0, 'other')}.`
  around.note(`${counted(found.peers.length, 'peer')}; ${asked(found.nodesAsked)}.${swarm}`)
  return null
}

export const get: NodeAction = async (around, given) => {
  const keyText = textFlag(given, 'key')
  const [targetText] = given.args
  if ((keyText === undefined) === (targetText === undefined)) return TARGET_OR_KEY
  if (keyText !== undefined) return getMutable(around, given, keyText)
  if (textFlag(given, 'salt') !== undefined) return SALT_WITHOUT_KEY
  const target = readTarget(targetText ?? '')
  if (isProblem(target)) return target
  const answer = await askAll(around, { do: 'get', target: target.value }, 'value')
  if (isProblem(answer)) return answer
  return printValue(around, given, answer, { target: target.value })
}

async function getMutable(around: Around, given: Given, keyText: string): Promise<Problem | null> {
  const publicKey = readPublicKey(keyText)
  if (isProblem(publicKey)) return publicKey
  const salt = readSalt(textFlag(given, 'salt') ?? '')
  if (isProblem(salt)) return salt
  const answer = await askMutable(around, publicKey.value, salt.value)
  if (isProblem(answer)) return answer
  const { seq, signature } = answer
  return printValue(around, given, answer, { publicKey: publicKey.value, seq, signature })
}

function printValue(
  around: Around,
  given: Given,
  { value, nodesAsked }: { readonly value: string | null; readonly nodesAsked: number },
  about: { readonly seq?: string | null } & Readonly<Record<string, string | null>>,
): Problem | null {
  if (value === null) return nobodyHas('such a value', nodesAsked)
  const bytes = fromBase64(value)
  if (hasFlag(given, 'json')) {
    around.print(jsonLine({ ...about, value, nodesAsked }))
    return null
  }
  if (hasFlag(given, 'raw')) return around.printBytes(stringIn(bytes) ?? bytes)
  for (const line of valueLines(bytes)) around.print(line)
  const { seq = null } = about
  const number = seq === null ? '' : `sequence number ${seq}; `
  around.note(`${number}${asked(nodesAsked)}.`)
  return null
}

export const put: NodeAction = async (around, given) => {
  const keyFile = textFlag(given, 'keyFile')
  const mutable = ['salt', 'seq', 'cas'].find((flag) => textFlag(given, flag) !== undefined)
  if (keyFile === undefined && mutable !== undefined) return needsKey(mutable)
  const value = await valueGiven(around, given)
  if (isProblem(value)) return value
  if (keyFile !== undefined) return putMutable(around, given, keyFile, value.value)
  const answer = await askAll(around, { do: 'put', value: toBase64(value.value) }, 'stored')
  return isProblem(answer) ? answer : printStored(around, given, answer, {})
}

async function putMutable(
  around: Around,
  given: Given,
  keyFile: string,
  value: Uint8Array,
): Promise<Problem | null> {
  const salt = readSalt(textFlag(given, 'salt') ?? '')
  if (isProblem(salt)) return salt
  const wishes = seqsGiven(given)
  if (isProblem(wishes)) return wishes
  const seed = await readKey(keyFile)
  if (isProblem(seed)) return seed
  const signatures = createSignaturePort()
  const publicKey = toHex(signatures.publicKey(seed))
  const seq = wishes.value.seq ?? (await nextSeq(around, publicKey, salt.value))
  if (typeof seq !== 'bigint') return seq
  const signature = signatures.sign(seed, signedBytes({ salt: salt.value, seq, value }))
  const { cas } = wishes.value
  const answer = await askAll(
    around,
    {
      do: 'put-mutable',
      value: toBase64(value),
      publicKey,
      salt: toBase64(salt.value),
      seq: String(seq),
      signature: toHex(signature),
      ...(cas === null ? {} : { cas: String(cas) }),
    },
    'stored',
  )
  if (isProblem(answer)) return answer
  return printStored(around, given, answer, { publicKey, seq: String(seq) })
}

interface Seqs {
  readonly seq: bigint | null
  readonly cas: bigint | null
}

function seqsGiven(given: Given): Read<Seqs> {
  const read = (flag: string): Read<bigint | null> => {
    const text = textFlag(given, flag)
    return text === undefined ? { value: null } : readSeq(text)
  }
  const seq = read('seq')
  if (isProblem(seq)) return seq
  const cas = read('cas')
  return isProblem(cas) ? cas : { value: { seq: seq.value, cas: cas.value } }
}

/** One more than what is stored now. */
async function nextSeq(
  around: Around,
  publicKey: string,
  salt: Uint8Array,
): Promise<bigint | Problem> {
  const present = await askMutable(around, publicKey, salt)
  if (isProblem(present)) return present
  const seq = present.seq === null ? 0n : BigInt(present.seq)
  return seq < MAX_SEQ ? seq + 1n : LAST_SEQ
}

function printStored(
  around: Around,
  given: Given,
  { target, nodes }: Answer<'stored'>,
  about: { readonly publicKey?: string; readonly seq?: string },
): Problem | null {
  if (nodes === 0) return NOBODY_TOOK_IT
  if (hasFlag(given, 'json')) {
    around.print(jsonLine({ target, ...about, nodes }))
    return null
  }
  around.print(target)
  const { publicKey, seq } = about
  const number = seq === undefined ? '' : ` as number ${seq}`
  around.note(`${counted(nodes, 'node')} took it${number}.`)
  if (publicKey !== undefined) around.note(`Its public key: ${publicKey}`)
  return null
}

async function valueGiven(around: Around, given: Given): Promise<Read<Uint8Array>> {
  const file = textFlag(given, 'file')
  const [text] = given.args
  if ((file === undefined) === (text === undefined)) return TEXT_OR_FILE
  const isBencoded = hasFlag(given, 'bencoded')
  if (file !== undefined) {
    const bytes = await readSmall(file)
    return isProblem(bytes) ? bytes : readValue(bytes, isBencoded)
  }
  if (text !== '-') return readValue(new TextEncoder().encode(text), isBencoded)
  const bytes = await around.readInput()
  return isProblem(bytes) ? bytes : readValue(bytes, isBencoded)
}

/** A file that is not much larger than any value may be. */
async function readSmall(path: string): Promise<Uint8Array | Problem> {
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES) return tooLarge(path, size)
    return Uint8Array.from(await readFile(path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return problem(
      'unreadable',
      `${toDisplay(path)} cannot be read (${code}).`,
      'Name another file.',
    )
  }
}

const FILE_BYTES = 64 * 1_024

/** Asks once the node knows others. */
async function askAll<Kind extends DhtAnswer['kind']>(
  around: Around,
  query: DhtQuery,
  kind: Kind,
): Promise<Answer<Kind> | Problem> {
  const reason = await bootstrapped(around)
  return reason ?? ask(around, query, kind)
}

async function ask<Kind extends DhtAnswer['kind']>(
  around: Around,
  query: DhtQuery,
  kind: Kind,
): Promise<Answer<Kind> | Problem> {
  const answer = await around.control.dht(query)
  if (isProblem(answer)) return answer
  return isOfKind(answer, kind) ? answer : STRANGE
}

function isOfKind<Kind extends DhtAnswer['kind']>(
  answer: DhtAnswer,
  kind: Kind,
): answer is Answer<Kind> {
  return answer.kind === kind
}

function askMutable(
  around: Around,
  publicKey: string,
  salt: Uint8Array,
): Promise<Answer<'mutable'> | Problem> {
  const query = { do: 'get-mutable', publicKey, salt: toBase64(salt) } as const
  return askAll(around, query, 'mutable')
}

function asked(nodes: number): string {
  return `${counted(nodes, 'node')} asked`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function nobodyHas(what: string, nodesAsked: number): Problem {
  return problem(
    'nothing-found',
    `Nobody in the DHT has ${what} (${asked(nodesAsked)}).`,
    nodesAsked === 0 ? 'See whether the node knows others: "pigeon network" says so.' : '',
  )
}

function needsKey(flag: string): Problem {
  return problem(
    'usage',
    `--${flag} is for values that their owner may change.`,
    'Say --key-file FILE too; "pigeon dht key FILE" makes one.',
  )
}

function tooLarge(path: string, size: number): Problem {
  return problem(
    'too-large',
    `${toDisplay(path)} has ${size} bytes; the DHT keeps ${MAX_VALUE_BYTES} at most.`,
    'Store something shorter, such as a link to it.',
  )
}

const TARGET_OR_KEY = problem(
  'usage',
  'It takes either a target or --key.',
  'Say "dht get TARGET", or "dht get --key PUBLICKEY" for what its owner may change.',
)
const SALT_WITHOUT_KEY = problem('usage', '--salt goes with --key.', 'Say --key PUBLICKEY too.')
const TEXT_OR_FILE = problem(
  'usage',
  'It takes either a text or --file.',
  'Say "dht put TEXT", "dht put -" for stdin, or "dht put --file FILE".',
)
const LAST_SEQ = problem(
  'refused',
  'What is stored has the largest sequence number that there is.',
  'Use another --salt.',
)
const NOBODY_TOOK_IT = problem(
  'nobody-took-it',
  'No node of the DHT took the value.',
  'A newer one may be stored already: see "pigeon dht get". Else try again.',
)
const STRANGE = problem(
  'bad-answer',
  'The node answers something else than was asked.',
  'Update it to the version of this client.',
)
