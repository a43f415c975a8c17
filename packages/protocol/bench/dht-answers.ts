/**
 * How long the DHT machine alone takes for an answer: `node bench/dht-answers.ts`. Prints microseconds an answer.
 * The table is that of a node in a large network, and askers come from many addresses, as they do there.
 */
import { encodeKrpc, type KrpcBodyDraft } from '../src/bep/0005-krpc.ts'
import { encodeNode } from '../src/bep/0032-nodes.ts'
import { nodeIdFor } from '../src/bep/0042-node-id.ts'
import { Dht } from '../src/dht/dht.ts'
import { encodeSavedState } from '../src/dht/saved-state.ts'
import { randomBytes } from 'node:crypto'

const NODES = 2_000
const ASKERS = 512
const QUERIES = 200_000
const ROUNDS = 5

const own = randomBytes(20)
const dht = new Dht(
  {
    families: [4],
    randomBytes,
    verify: () => true,
    version: Uint8Array.of(0x50, 0x47, 0, 1),
    isReadOnly: false,
    savedState: encodeSavedState({ 4: { id: own, nodes: savedNodes() }, 6: null }),
    limits: { queriesPerSecond: Number.POSITIVE_INFINITY, queryBurst: Number.POSITIVE_INFINITY },
  },
  0,
)
wake()
process.stdout.write(`${dht.status(0)[0]?.nodes ?? 0} good nodes in the table\n`)

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
  const start = process.hrtime.bigint()
  for (let i = 0; i < QUERIES; i++) {
    const bytes = queries[i % ASKERS] ?? new Uint8Array(0)
    const from = { host: hosts[i % ASKERS] ?? '', port: 6_881 }
    for (const effect of dht.handle({ kind: 'datagram', bytes, from }, 0)) {
      if (effect.kind === 'send') answerBytes = effect.bytes.length
    }
  }
  return { us: Number(process.hrtime.bigint() - start) / 1_000 / QUERIES, answerBytes }
}

function savedNodes(): Uint8Array[] {
  return Array.from({ length: NODES }, (_, i) => {
    const ip = Uint8Array.of(20 + (i % 60), (i >> 3) & 255, i & 255, 9)
    return encodeNode(nodeIdFor(ip, randomBytes(20)), ip, 6_881)
  })
}

/** Lets every node of the table answer once. */
function wake(): void {
  for (let nowMs = 0; nowMs < 600_000; nowMs += 5_000) {
    for (const effect of dht.handle({ kind: 'tick' }, nowMs)) {
      if (effect.kind !== 'send') continue
      const [a = 0, b = 0, c = 0, d = 0] = effect.to.host.split('.').map(Number)
      const t = effect.bytes.subarray(effect.bytes.indexOf(0x74) + 3)
      const at = Buffer.from(effect.bytes).indexOf('1:t4:')
      const id = nodeIdFor(Uint8Array.of(a, b, c, d), randomBytes(20))
      void t
      const bytes = encodeKrpc({
        kind: 'response',
        t: effect.bytes.subarray(at + 5, at + 9),
        body: { id, nodes: Buffer.concat(savedNodes().slice(0, 8)) },
      })
      dht.handle({ kind: 'datagram', bytes, from: effect.to }, 0)
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
    for (const effect of dht.handle({ kind: 'datagram', bytes: asked, from }, 0)) {
      if (effect.kind !== 'send') continue
      const at = Buffer.from(effect.bytes).indexOf('5:token8:')
      if (at < 0) continue
      const token = effect.bytes.slice(at + 9, at + 17)
      const body = { id, infoHash, port: 7_000 + i, token }
      const bytes = encodeKrpc({ kind: 'query', t: randomBytes(2), method: 'announce_peer', body })
      dht.handle({ kind: 'datagram', bytes, from }, 0)
    }
  }
}
