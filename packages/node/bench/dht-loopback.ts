/**
 * Answers of a DHT node over a real socket: ours beside `bittorrent-dht`, each in a process of its own with a table of
 * its own, asked by a third process that keeps a window of queries under way.
 *
 *   node --conditions=pigeon-source packages/node/bench/dht-loopback.ts [--seconds 4] [--only pigeon,bittorrent-dht] [--json]
 *
 * Prints answers a second and CPU microseconds an answer, of the whole process. The limits that protect others are lifted,
 * for all queries come from one address here.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { parseArgs } from 'node:util'
import { isIoProblem } from '@pigeon/engine/problem'
import { encodeKrpc } from '../../protocol/src/bep/0005-krpc.ts'
import { encodeNode } from '../../protocol/src/bep/0032-nodes.ts'
import { nodeIdFor } from '../../protocol/src/bep/0042-node-id.ts'
import { Dht, type DhtEffect } from '../../protocol/src/dht/dht.ts'
import { encodeSavedState } from '../../protocol/src/dht/saved-state.ts'
import { createDatagramPort } from '../src/datagrams.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'pigeon,bittorrent-dht' },
    json: { type: 'boolean', default: false },
    role: { type: 'string' },
  },
})

const HOST = '127.0.0.1'
const NODES = 400
const WINDOW = 64
const BOUNDLESS = 1e12
const OWN_ID = randomBytes(20)
const QUERIES = ['ping', 'find_node', 'get_peers'] as const
type Query = (typeof QUERIES)[number]
/** A query that is lost must not stop the window. */
const LOST_MS = 200

const nodes = Array.from({ length: NODES }, (_, at) => {
  const ip = Uint8Array.of(20 + (at % 60), at >> 4, at & 255, 9)
  return { ip, id: nodeIdFor(ip, randomBytes(20)) }
})

interface Figures {
  readonly kind: string
  readonly query: Query
  readonly answersPerSecond: number
  readonly cpuMicrosecondsPerAnswer: number
}

if (values.role === 'pigeon') await servePigeon()
else if (values.role === 'bittorrent-dht') await serveOther()
else await main()

async function main(): Promise<void> {
  const found: Figures[] = []
  for (const kind of values.only.split(',')) {
    const child = fork(import.meta.filename, ['--role', kind], { execArgv: process.execArgv })
    const port = await said(child)
    for (const query of QUERIES) {
      const before = await cpuOf(child)
      const { answers, seconds } = await ask(port, query, Number(values.seconds))
      const cpuSeconds = (await cpuOf(child)) - before
      const figures = {
        kind,
        query,
        answersPerSecond: answers / seconds,
        cpuMicrosecondsPerAnswer: (cpuSeconds * 1e6) / answers,
      }
      found.push(figures)
      if (!values.json) console.log(describe(figures))
    }
    child.kill()
  }
  if (values.json) console.log(JSON.stringify(found))
}

function describe({ kind, query, answersPerSecond, cpuMicrosecondsPerAnswer }: Figures): string {
  return `${kind.padEnd(15)} ${query.padEnd(10)} ${answersPerSecond.toFixed(0).padStart(7)} answers/s, ${cpuMicrosecondsPerAnswer.toFixed(1).padStart(6)} us CPU an answer`
}

type Child = ReturnType<typeof fork>

function said(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)))
    child.once('exit', () => reject(new Error('the node ended before it listened')))
  })
}

/** CPU seconds of the child so far, as it counts them itself. */
async function cpuOf(child: Child): Promise<number> {
  const answer = said(child)
  child.send('cpu')
  return answer
}

function tellCpu(): void {
  process.on('disconnect', () => process.exit())
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1e6)
  })
}

function ask(
  port: number,
  query: Query,
  seconds: number,
): Promise<{ readonly answers: number; readonly seconds: number }> {
  const queries = Array.from({ length: 256 }, (_, at) => queryBytes(query, at))
  const socket = createSocket('udp4')
  let answers = 0
  let next = 0
  let heardMs = performance.now()
  const send = (): void => {
    socket.send(queries[next % queries.length] ?? Buffer.alloc(0), port, HOST)
    next += 1
  }
  return new Promise((resolve) => {
    const startMs = performance.now()
    socket.on('message', (bytes) => {
      // Who does not answer a ping gets no more than short answers: this one is where it says.
      if (bytes.includes('1:q4:ping')) {
        socket.send(pong(bytes), port, HOST)
        return
      }
      answers += 1
      heardMs = performance.now()
      send()
    })
    for (let at = 0; at < WINDOW; at += 1) send()
    const watch = setInterval(() => {
      const nowMs = performance.now()
      if (nowMs - heardMs > LOST_MS) for (let at = 0; at < WINDOW; at += 1) send()
      if (nowMs - startMs < seconds * 1000) return
      clearInterval(watch)
      socket.close()
      resolve({ answers, seconds: (nowMs - startMs) / 1000 })
    }, 50)
  })
}

function pong(ping: Buffer): Buffer {
  const at = ping.indexOf('1:t') + 3
  const [length = ''] = ping.toString('latin1', at, at + 4).split(':')
  const t = ping.subarray(at + length.length + 1, at + length.length + 1 + Number(length))
  return Buffer.from(encodeKrpc({ kind: 'response', t, body: { id: OWN_ID } }))
}

function queryBytes(query: Query, at: number): Buffer {
  const target = randomBytes(20)
  const t = Buffer.from([at >> 8, at & 255])
  const id = OWN_ID
  const body =
    query === 'ping' ? { id } : query === 'find_node' ? { id, target } : { id, infoHash: target }
  return Buffer.from(encodeKrpc({ kind: 'query', t, method: query, body }))
}

async function servePigeon(): Promise<void> {
  const dht = new Dht(
    {
      families: [4],
      randomBytes,
      verify: () => true,
      version: Uint8Array.of(0x50, 0x47, 0, 1),
      isReadOnly: false,
      savedState: encodeSavedState({
        4: { id: randomBytes(20), nodes: nodes.map(({ ip, id }) => encodeNode(id, ip, 6881)) },
        6: null,
      }),
      limits: {
        queriesPerSecond: BOUNDLESS,
        queryBurst: BOUNDLESS,
        largeAnswerRate: BOUNDLESS,
      },
    },
    0,
  )
  const answered = fillTable(dht)
  const socket = await createDatagramPort().bind({ host: HOST, port: 0 }, (bytes, from) => {
    for (const effect of dht.handle({ kind: 'datagram', bytes, from }, answered))
      if (effect.kind === 'send' && !isIoProblem(socket)) socket.send(effect.bytes, effect.to)
  })
  if (isIoProblem(socket)) throw new Error(socket.message)
  tellCpu()
  process.send?.(socket.address.port)
}

/** Lets every node of the saved table answer once; the time at which they all had. */
function fillTable(dht: Dht): number {
  const answer = (effect: DhtEffect, nowMs: number): void => {
    if (effect.kind !== 'send') return
    const node = nodes.find(({ ip }) => ip.join('.') === effect.to.host)
    const at = Buffer.from(effect.bytes).indexOf('1:t4:')
    if (node === undefined || at < 0) return
    const t = effect.bytes.subarray(at + 5, at + 9)
    const bytes = encodeKrpc({ kind: 'response', t, body: { id: node.id } })
    dht.handle({ kind: 'datagram', bytes, from: effect.to }, nowMs)
  }
  let nowMs = 0
  for (; nowMs < 600_000; nowMs += 1_000)
    for (const effect of dht.handle({ kind: 'tick' }, nowMs)) answer(effect, nowMs)
  return nowMs
}

async function serveOther(): Promise<void> {
  const place = '../../conformance/node_modules/bittorrent-dht/index.js'
  const { Client } = await import(new URL(place, import.meta.url).href)
  const dht = new Client({ bootstrap: false })
  dht.listen(0, HOST, () => {
    for (const { ip, id } of nodes)
      dht.nodes.add({ id: Buffer.from(id), host: ip.join('.'), port: 6881 })
    tellCpu()
    process.send?.(dht.address().port)
  })
}
