/**
 * How long the DHT machine alone takes for an answer: `node bench/dht-answers.ts`. Prints CPU microseconds an answer.
 * The table is that of a node in a large network, and askers come from many addresses, as they do there.
 */
import { encodeKrpc, type KrpcBodyDraft } from '../src/bep/0005-krpc.ts'
import { encodeNode } from '../src/bep/0032-nodes.ts'
import { nodeIdFor } from '../src/bep/0042-node-id.ts'
import { Dht } from '../src/dht/dht.ts'
import { encodeSavedState } from '../src/dht/saved-state.ts'
import { randomBytes } from 'node:crypto'

const NODES = 400
const ASKERS = 512
const QUERIES = 30_000
const ROUNDS = 3

const nodes = nodesOf(NODES)
let nowMs = 0
const dht = new Dht(
  {
    families: [4],
    randomBytes,
    verify: () => true,
    version: Uint8Array.of(0x50, 0x47, 0, 1),
    isReadOnly: false,
    savedState: encodeSavedState({
      4: { id: randomBytes(20), nodes: [...nodes].map(compact) },
      6: null,
    }),
    limits: { queriesPerSecond: Number.POSITIVE_INFINITY, queryBurst: Number.POSITIVE_INFINITY },
  },
  0,
)
wake()
process.stdout.write(`${dht.status(nowMs)[0]?.nodes ?? 0} good nodes in the table\n`)

const infoHash = randomBytes(20)
announcePeers()
for (const [name, body] of [
  ['ping', () => ({})],
  ['find_node', () => ({ target: randomBytes(20) })],
  ['get_peers', () => ({ infoHash: randomBytes(20) })],
  ['get_peers', () => ({ infoHash })],
  ['get', () => ({ target: randomBytes(20) })],
] as const) {
  const rounds = Array.from({ length: ROUNDS }, () => measure(name, body)).sort(
    (a, b) => a.us - b.us,
  )
  const median = rounds[ROUNDS >> 1]
  process.stdout.write(`${name}: ${median?.us.toFixed(2)} us, ${median?.answerBytes} bytes\n`)
}

function measure(method: string, body: () => KrpcBodyDraft): { us: number; answerBytes: number } {
  const queries = Array.from({ length: ASKERS }, () =>
    encodeKrpc({
      kind: 'query',
      t: randomBytes(2),
      method,
      body: { id: randomBytes(20), ...body() },
    }),
  )
  const hosts = queries.map((_, i) => `45.${i >> 8}.${i & 255}.7`)
  let answerBytes = 0
  const start = process.cpuUsage()
  for (let i = 0; i < QUERIES; i++) {
    const bytes = queries[i % ASKERS] ?? new Uint8Array(0)
    const from = { host: hosts[i % ASKERS] ?? '', port: 6_881 }
    for (const effect of dht.handle({ kind: 'datagram', bytes, from }, nowMs)) {
      if (effect.kind === 'send') answerBytes = effect.bytes.length
    }
  }
  return { us: process.cpuUsage(start).user / QUERIES, answerBytes }
}

function nodesOf(count: number): Map<string, Uint8Array> {
  const found = Array.from({ length: count }, (_, i): [string, Uint8Array] => {
    const ip = Uint8Array.of(20 + (i % 60), (i >> 3) & 255, i & 255, 9)
    return [ip.join('.'), nodeIdFor(ip, randomBytes(20))]
  })
  return new Map(found)
}

function compact([host, id]: [string, Uint8Array]): Uint8Array {
  return encodeNode(id, Uint8Array.from(host.split('.'), Number), 6_881)
}

/** Lets every node that is asked answer, with others that it knows. */
function wake(): void {
  const named = [...nodes].map(compact)
  for (; nowMs < 1_200_000; nowMs += 1_000) {
    for (const effect of dht.handle({ kind: 'tick' }, nowMs)) {
      const id = effect.kind === 'send' ? nodes.get(effect.to.host) : undefined
      if (effect.kind !== 'send' || id === undefined) continue
      const at = Buffer.from(effect.bytes).indexOf('1:t4:')
      const t = effect.bytes.subarray(at + 5, at + 9)
      const from = Math.floor(Math.random() * (named.length - 8))
      const body = { id, nodes: Buffer.concat(named.slice(from, from + 8)) }
      const bytes = encodeKrpc({ kind: 'response', t, body })
      dht.handle({ kind: 'datagram', bytes, from: effect.to }, nowMs)
    }
  }
}

function announcePeers(): void {
  for (let i = 0; i < 100; i++) {
    const from = { host: `46.${i}.1.1`, port: 6_881 }
    const id = randomBytes(20)
    const asked = encodeKrpc({
      kind: 'query',
      t: randomBytes(2),
      method: 'get_peers',
      body: { id, infoHash },
    })
    for (const effect of dht.handle({ kind: 'datagram', bytes: asked, from }, nowMs)) {
      if (effect.kind !== 'send') continue
      const at = Buffer.from(effect.bytes).indexOf('5:token8:')
      if (at < 0) continue
      const token = effect.bytes.slice(at + 9, at + 17)
      const body = { id, infoHash, port: 7_000 + i, token }
      const bytes = encodeKrpc({ kind: 'query', t: randomBytes(2), method: 'announce_peer', body })
      dht.handle({ kind: 'datagram', bytes, from }, nowMs)
    }
  }
}
