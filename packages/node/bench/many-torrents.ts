/**
 * What many torrents cost: adds, lists, pauses, moves in the queue and starts a node with so many idle ones.
 *
 *   node --conditions=pigeon-source packages/node/bench/many-torrents.ts [--count 10000] [--pieces 50] [--max-active 20] [--folder DIR]
 *
 * Prints the time of each step, how much of it the main thread was busy, the CPU time of all threads, and the heap after it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { isIoProblem } from '@pigeon/engine/problem'
import type { Session } from '@pigeon/engine/session'
import { type RunningNode, openNode } from '../src/open-node.ts'
import { loadSettings } from '../src/settings.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    pieces: { type: 'string', default: '50' },
    'max-active': { type: 'string', default: '20' },
    folder: { type: 'string', default: '/tmp' },
  },
})
const count = Number(values.count)
const pieceCount = Number(values.pieces)
const IDLE_MS = 5_000

const folder = mkdtempSync(join(values.folder, 'pigeon-bench-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  const first = await start()
  const { session } = first
  await step(`add ${count}, all at once`, async () => {
    await Promise.all(Array.from({ length: count }, (_, number) => add(session, number)))
  })
  const ids = session.list().map(({ id }) => id)
  await step('add 1000 more, one after the other', async () => {
    for (let number = 0; number < 1000; number++) await add(session, count + number)
  })
  await step('remove these again, all at once', async () => {
    const known = new Set(ids)
    const others = session.list().filter(({ id }) => !known.has(id))
    await Promise.all(others.map(({ id }) => session.remove(id, { deleteData: false })))
  })
  await step('list twenty times, nothing changed', () => {
    for (let time = 0; time < 20; time++) session.list()
  })
  await step('summary', () => void session.summary())
  await step('queue the last to the top', () => session.queue(ids.slice(-1), 'top'))
  await step('list after that', () => void session.list())
  await step('queue a thousand to the bottom', () => session.queue(ids.slice(0, 1000), 'bottom'))
  await step('pause all', () => Promise.all(ids.map((id) => session.pause(id))))
  await step(`idle for ${IDLE_MS / 1000} s, all paused`, idle)
  await step('resume all', () => Promise.all(ids.map((id) => session.resume(id))))
  await step(`idle for ${IDLE_MS / 1000} s, some active`, idle)
  await step('stop', () => first.close())
  let second: RunningNode | null = null
  await step('start with all recorded', async () => {
    second = await start()
  })
  await step('list for the first time', () => void second?.session.list())
  await step('stop again', () => second?.close())
}

async function start(): Promise<RunningNode> {
  const flags = {
    state: join(folder, 'state'),
    downloads: join(folder, 'downloads'),
    listenHost: '127.0.0.1',
    hashWorkers: '1',
    maxActive: values['max-active'],
  }
  const loaded = loadSettings({ client: 'bench', env: {}, flags })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const node = await openNode({
    client: 'bench',
    clientName: 'bench 0',
    settings: loaded.settings,
  })
  if (isIoProblem(node)) throw new Error(node.message)
  return node
}

async function add(session: Session, number: number): Promise<void> {
  const name = `torrent ${number}`
  const head = `d4:infod6:lengthi${pieceCount * 16_384}e4:name${name.length}:${name}`
  const pieces = `12:piece lengthi16384e6:pieces${pieceCount * 20}:`
  const bytes = Buffer.concat([
    Buffer.from(head + pieces),
    Buffer.alloc(pieceCount * 20, number & 0xff),
    Buffer.from('ee'),
  ])
  const added = await session.add({ kind: 'metainfo', bytes }, {})
  if (added.kind !== 'added') throw new Error(added.message)
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, IDLE_MS)
  })
}

async function step(name: string, work: () => unknown): Promise<void> {
  const before = performance.eventLoopUtilization()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await work()
  const ms = performance.now() - startMs
  const { utilization } = performance.eventLoopUtilization(before)
  const { user, system } = process.cpuUsage(cpu)
  const cpuMs = (user + system) / 1000
  const heapMib = Math.round(process.memoryUsage().heapUsed / 2 ** 20)
  const busy = `${Math.round(utilization * 100)} % busy, ${Math.round(cpuMs)} ms CPU, heap ${heapMib} MiB`
  console.log(`${name.padEnd(40)} ${ms.toFixed(1).padStart(9)} ms  ${busy}`)
}
