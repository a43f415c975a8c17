/** Questions to the DHT as the contract has them, in hex and base64, put to the engine, which has them in bytes. */
import { decodeBencode } from '@pigeon/protocol/bencode'
import type { DhtAccess } from '@pigeon/engine/dht-access'
import type { SessionProblem } from './controlled-session.ts'
import type { Problem } from './contract.ts'
import { showDhtAnswer, showRefusal } from './display.ts'
import type { DhtAnswer, DhtQuery } from './network.ts'
import { isProblem, problem } from './problems.ts'

/** BEP 44: a value is smaller than this when bencoded. */
export const DHT_VALUE_BYTES = 1_000
/** BEP 44 */
export const DHT_SALT_BYTES = 64
const LAST_SEQ = 2n ** 63n - 1n

type EngineAnswer = Awaited<ReturnType<DhtAccess[keyof DhtAccess]>>

/** The answer, fit to show, or why nobody was asked. The query was checked by its schema. */
export async function askDht(dht: DhtAccess, query: DhtQuery): Promise<DhtAnswer | Problem> {
  const wrong = refuseQuery(query)
  if (wrong !== null) return wrong
  const answer = await put(dht, query)
  return isRefused(answer) ? showRefusal(answer) : showDhtAnswer(toContract(answer))
}

function put(dht: DhtAccess, query: DhtQuery): Promise<EngineAnswer> {
  switch (query.do) {
    case 'ping':
      return dht.ping(query.node)
    case 'peers':
      return dht.findPeers(fromHex(query.infoHash))
    case 'get':
      return dht.get(fromHex(query.target))
    case 'get-mutable':
      return dht.getMutable(fromHex(query.publicKey), fromBase64(query.salt))
    case 'put':
      return dht.put(fromBase64(query.value))
    case 'put-mutable':
      return dht.putMutable({
        value: fromBase64(query.value),
        publicKey: fromHex(query.publicKey),
        salt: fromBase64(query.salt),
        seq: BigInt(query.seq),
        signature: fromHex(query.signature),
        cas: query.cas === undefined ? null : BigInt(query.cas),
      })
    default:
      return query satisfies never
  }
}

/** What a schema cannot say about it. */
function refuseQuery(query: DhtQuery): Problem | null {
  if ('salt' in query && fromBase64(query.salt).length > DHT_SALT_BYTES) return SALT_TOO_LONG
  if ('value' in query) {
    const wrong = refuseValue(fromBase64(query.value))
    if (wrong !== null) return wrong
  }
  if (query.do !== 'put-mutable') return null
  const numbers = [query.seq, ...(query.cas === undefined ? [] : [query.cas])].map(BigInt)
  return numbers.every((number) => number <= LAST_SEQ) ? null : SEQ_TOO_HIGH
}

function refuseValue(bytes: Uint8Array): Problem | null {
  if (bytes.length > DHT_VALUE_BYTES) return VALUE_TOO_LONG
  const decoded = decodeBencode(bytes, { maxDepth: 32, maxTokens: 1_000, strict: true })
  return decoded.ok ? null : NOT_BENCODED
}

function isRefused(answer: EngineAnswer): answer is Extract<EngineAnswer, SessionProblem> {
  return isProblem(answer)
}

function toContract(answer: Exclude<EngineAnswer, SessionProblem>): DhtAnswer {
  switch (answer.kind) {
    case 'pong':
      return {
        ...answer,
        nodeId: toHex(answer.nodeId),
        client: answer.client === null ? null : clientText(answer.client),
      }
    case 'peers':
      return { ...answer, peers: answer.peers.map(hostPort) }
    case 'value':
      return { ...answer, value: toBase64(answer.value) }
    case 'mutable':
      return {
        ...answer,
        value: toBase64(answer.value),
        seq: answer.seq === null ? null : String(answer.seq),
        signature: answer.signature === null ? null : toHex(answer.signature),
      }
    case 'stored':
      return { ...answer, target: toHex(answer.target) }
    default:
      return answer satisfies never
  }
}

/** By convention two letters, then the version as bytes: `LT 0209`. */
function clientText(client: Uint8Array): string {
  const name = Buffer.from(client).toString('latin1')
  const [, letters, version] = /^([!-~]{2})([^]{2})$/.exec(name) ?? []
  if (letters === undefined || version === undefined) return name
  return `${letters} ${Buffer.from(version, 'latin1').toString('hex')}`
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function toBase64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('base64')
}

const VALUE_TOO_LONG = problem(
  'bad-value',
  `The value has too many bytes: bencoded, no more than ${DHT_VALUE_BYTES} can be stored.`,
  'Store less, or store where it can be found.',
)
const NOT_BENCODED = problem(
  'bad-value',
  'The value is not bencoded, or not in the one form that BEP 44 wants.',
  'Bencode it with sorted keys and nothing after it, then base64.',
)
const SALT_TOO_LONG = problem(
  'bad-value',
  `The salt has more than ${DHT_SALT_BYTES} bytes.`,
  'Choose a shorter one.',
)
const SEQ_TOO_HIGH = problem(
  'bad-value',
  'A sequence number is at most 9223372036854775807.',
  'Choose a lower one.',
)
