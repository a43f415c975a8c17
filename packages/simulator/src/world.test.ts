import { createHash } from 'node:crypto'
import { layoutOf } from '@pigeon/engine/layout'
import type { PeerSocket } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

function linesOf(...sockets: PeerSocket[]): string[] {
  const lines: string[] = []
  for (const [index, socket] of sockets.entries()) {
    socket.onBytes = (bytes) => lines.push(`${index} got ${bytes.length}`)
    socket.onClosed = (problem) => lines.push(`${index} closed ${problem?.code ?? 'orderly'}`)
    socket.onDrained = () => lines.push(`${index} drained`)
  }
  return lines
}

/** Two hosts with a stream between them. */
async function connected(
  world: World,
  rates: { readonly upRate?: number } = {},
): Promise<{ readonly here: PeerSocket; readonly there: PeerSocket }> {
  const ann = world.host('ann', rates)
  const bob = world.host('bob')
  let there: PeerSocket | null = null
  let here: PeerSocket | null = null
  const ports = bob.start()
  const port = await ports.network.listen({ host: '0.0.0.0', port: 6881 }, (socket) => {
    there = socket
  })
  if (isIoProblem(port)) throw new Error(port.message)
  ann.start().network.dial(
    { host: bob.address, port: 6881 },
    {
      opened: (socket) => {
        here = socket
      },
      failed: (problem) => {
        throw new Error(problem.message)
      },
    },
  )
  await world.runUntil(() => here !== null, 1000)
  if (here === null || there === null) throw new Error('not connected')
  return { here, there }
}

describe('time', () => {
  it('passes only as events happen, in their order', async () => {
    const world = new World(1)
    const { clock } = world.host('ann').start()
    const seen: string[] = []
    clock.after(20, () => seen.push(`b ${clock.nowMs()}`))
    clock.after(10, () => seen.push(`a ${clock.nowMs()}`))
    clock.after(20, () => seen.push(`c ${clock.nowMs()}`))
    clock.after(15, () => seen.push('never'))()
    await world.run(3_600_000)
    expect(seen).toEqual(['a 10', 'b 20', 'c 20'])
    expect(clock.nowMs()).toBe(3_600_000)
  })

  it('lets promises run to their end between two events', async () => {
    const world = new World(1)
    const { clock } = world.host('ann').start()
    const seen: string[] = []
    clock.after(1, () => {
      void (async () => {
        for (let step = 0; step < 100; step += 1) await Promise.resolve()
        seen.push('promises')
      })()
    })
    clock.after(1, () => seen.push('next event'))
    await world.run(10)
    expect(seen).toEqual(['promises', 'next event'])
  })

  it('must be let pass by programs: one that runs on and on within an event is found out', async () => {
    const world = new World(1)
    const { clock } = world.host('ann').start()
    const readOften = (times: number): void => {
      for (let count = 0; count < times; count += 1) clock.nowMs()
    }
    readOften(50_000)
    expect(() => readOften(1)).toThrow('never lets time pass')
    clock.after(10, () => {})
    await world.run(100)
    expect(() => readOften(50_000)).not.toThrow()
  })

  it('keeps thousands of timers in order', async () => {
    const world = new World(3)
    const { clock, random } = world.host('ann').start()
    const seen: number[] = []
    for (let at = 0; at < 3000; at += 1)
      clock.after(random.int(1000), () => seen.push(clock.nowMs()))
    await world.run(1000)
    expect(seen).toHaveLength(3000)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
})

describe('streams', () => {
  it('take the delay of both ends, and the time of the slower line', async () => {
    const world = new World(1)
    const { here, there } = await connected(world, { upRate: 1000 })
    const startMs = world.nowMs
    let gotMs = 0
    there.onBytes = () => {
      gotMs = world.nowMs - startMs
    }
    here.write([new Uint8Array(500)])
    await world.run(5000)
    expect(gotMs).toBe(520)
  })

  it('keep the order and the bytes', async () => {
    const world = new World(1)
    const { here, there } = await connected(world, { upRate: 1_000_000 })
    const got: number[] = []
    there.onBytes = (bytes) => got.push(...bytes)
    const sent = Array.from({ length: 200_000 }, (_, at) => at & 255)
    for (let at = 0; at < sent.length; at += 999)
      here.write([Uint8Array.from(sent.slice(at, at + 999))])
    await world.run(60_000)
    expect(got).toEqual(sent)
  })

  it('hold the sender back while the receiver does not read', async () => {
    const world = new World(1)
    const { here, there } = await connected(world)
    let got = 0
    there.onBytes = (bytes) => {
      got += bytes.length
    }
    there.pause()
    here.write([new Uint8Array(1_000_000)])
    await world.run(10_000)
    expect(got).toBe(0)
    expect(here.queuedBytes).toBeGreaterThan(600_000)
    there.resume()
    await world.run(10_000)
    expect(got).toBe(1_000_000)
    expect(here.queuedBytes).toBe(0)
  })

  it('tell both ends of a break, once', async () => {
    const world = new World(1)
    const { here, there } = await connected(world)
    const lines = linesOf(here, there)
    world.hosts[0]?.resetConnections()
    here.close()
    await world.run(1000)
    expect(lines).toEqual(['0 closed reset', '1 closed reset'])
  })

  it('end in order when closed', async () => {
    const world = new World(1)
    const { here, there } = await connected(world)
    const lines = linesOf(here, there)
    there.close()
    await world.run(1000)
    expect(lines).toEqual(['1 closed orderly', '0 closed orderly'])
  })

  it('stand still while the network is cut, and go on after', async () => {
    const world = new World(1)
    const { here, there } = await connected(world)
    const lines = linesOf(here, there)
    world.network.cut('10.0.0.1', '10.0.0.2')
    here.write([new Uint8Array(10)])
    await world.run(30_000)
    expect(lines).toEqual([])
    world.network.join('10.0.0.1', '10.0.0.2')
    await world.run(1000)
    expect(lines).toContain('1 got 10')
  })

  it('are refused where nobody listens', async () => {
    const world = new World(1)
    const failures: string[] = []
    const ann = world.host('ann').start()
    const handlers = {
      opened: () => {},
      failed: (problem: { code: string }) => failures.push(problem.code),
    }
    ann.network.dial({ host: '10.0.0.9', port: 1 }, handlers)
    ann.network.dial({ host: '10.0.0.9', port: 2 }, handlers).cancel()
    await world.run(60_000)
    expect(failures).toEqual(['refused'])
  })
})

it('carries datagrams, and loses some where told to', async () => {
  const world = new World(5)
  const ann = world.host('ann', { datagramLoss: 0.3 }).start()
  const bob = world.host('bob').start()
  let got = 0
  await bob.datagrams.bind({ host: '0.0.0.0', port: 53 }, (bytes, from) => {
    expect([bytes[0], from.host]).toEqual([7, '10.0.0.1'])
    got += 1
  })
  const socket = await ann.datagrams.bind({ host: '0.0.0.0', port: 0 }, () => {})
  if (isIoProblem(socket)) throw new Error(socket.message)
  for (let count = 0; count < 1000; count += 1)
    socket.send(Uint8Array.of(7), { host: '10.0.0.2', port: 53 })
  await world.run(1000)
  expect(got).toBeGreaterThan(600)
  expect(got).toBeLessThan(800)
})

const PIECE = 32_768

function smallTorrent(): { readonly metainfo: Metainfo; readonly content: Uint8Array } {
  const content = Uint8Array.from({ length: PIECE * 3 }, (_, at) => (at * 7) & 255)
  const sha1 = new Uint8Array(60)
  for (let piece = 0; piece < 3; piece += 1) {
    const bytes = content.subarray(piece * PIECE, (piece + 1) * PIECE)
    sha1.set(createHash('sha1').update(bytes).digest(), piece * 20)
  }
  const file = (name: string, lengthBytes: number, offset: number): Metainfo['files'][number] => ({
    path: [name],
    lengthBytes,
    offset,
    isPad: false,
    piecesRoot: null,
  })
  const metainfo: Metainfo = {
    infoHashes: { v1: new Uint8Array(20), v2: null },
    infoBytes: new Uint8Array(0),
    name: 'small',
    isMultiFile: true,
    pieceLength: PIECE,
    pieceCount: 3,
    totalBytes: content.length,
    files: [file('a', 40_000, 0), file('b', content.length - 40_000, 40_000)],
    hashes: { kind: 'v1', sha1 },
    isPrivate: false,
    trackers: [],
    webSeeds: [],
    dhtNodes: [],
    comment: null,
    createdBy: null,
    creationDate: null,
    warnings: [],
  }
  return { metainfo, content }
}

describe('disks', () => {
  async function opened(seed: number) {
    const world = new World(seed)
    const host = world.host('ann')
    const ports = host.start()
    const { metainfo, content } = smallTorrent()
    const storage = await world.finish(ports.storage.open(layoutOf(metainfo), '/down'))
    if (isIoProblem(storage)) throw new Error(storage.message)
    const proof = (piece: number) => ({
      algorithm: 'sha1' as const,
      digest: metainfo.hashes.sha1.subarray(piece * 20, piece * 20 + 20),
    })
    const commit = async (piece: number, spoil = false) => {
      const buffer = ports.storage.acquire(PIECE)
      if (buffer === null) throw new Error('no buffer')
      buffer.bytes.set(content.subarray(piece * PIECE, (piece + 1) * PIECE))
      if (spoil) buffer.bytes[5] = 1
      const result = await world.finish(storage.commit(piece, buffer, proof(piece)))
      if (result.kind === 'mismatch') buffer.release()
      return result
    }
    return { world, host, ports, storage, content, commit, proof }
  }

  it('write a piece across its files once its hash matches', async () => {
    const { world, host, storage, content, commit, proof } = await opened(1)
    expect((await commit(1, true)).kind).toBe('mismatch')
    expect(host.disk.paths()).toEqual([])
    expect((await commit(1)).kind).toBe('verified')
    expect(host.disk.paths()).toEqual(['/down/small/a', '/down/small/b'])
    expect(await world.finish(storage.verify(1, proof(1)))).toBe('verified')
    expect(await world.finish(storage.verify(2, proof(2)))).toBe('missing')
    const read = await world.finish(storage.read(1, 100, 50))
    expect(read).toEqual(content.slice(PIECE + 100, PIECE + 150))
  })

  it('lose in a power cut what was not synced, and keep what was', async () => {
    const { world, host, storage, commit } = await opened(1)
    host.disk.faults.crashLoss = 1
    await commit(0)
    expect(await world.finish(storage.sync())).toBeNull()
    await commit(2)
    host.cutPower()
    expect(host.disk.sizeOf('/down/small/a')).toBe(PIECE)
    expect(host.disk.sizeOf('/down/small/b')).toBe(-1)
  })

  it('keep after a failed sync nothing that a power cut would spare', async () => {
    const { world, host, storage, commit } = await opened(1)
    await commit(0)
    host.disk.faults.syncFailure = 1
    expect(isIoProblem(await world.finish(storage.sync()))).toBe(true)
    host.disk.faults.syncFailure = 0
    expect(await world.finish(storage.sync())).toBeNull()
    host.cutPower()
    expect(host.disk.paths()).toEqual([])
  })

  it('keep after a mere kill what was written', async () => {
    const { host, commit } = await opened(1)
    await commit(0)
    host.kill()
    expect(host.disk.sizeOf('/down/small/a')).toBe(PIECE)
  })

  it('are full when they are full', async () => {
    const { host, commit } = await opened(1)
    host.disk.faults.capacityBytes = PIECE * 2
    const kinds = [await commit(0), await commit(1), await commit(2)].map((result) =>
      result.kind === 'problem' ? result.problem.code : result.kind,
    )
    expect(kinds).toEqual(['verified', 'verified', 'disk-full'])
    expect(host.disk.freeBytes).toBe(0)
  })

  it('give no more buffers than their limit', async () => {
    const world = new World(1)
    const host = world.host('ann')
    host.dirtyLimitBytes = 100
    const { storage } = host.start()
    const first = storage.acquire(60)
    expect(storage.acquire(60)).toBeNull()
    let calls = 0
    storage.onRelease = () => {
      calls += 1
    }
    first?.release()
    expect(calls).toBe(1)
    expect(storage.acquire(60)).not.toBeNull()
  })
})

describe('programs', () => {
  it('that are killed do nothing more, and start again with their records', async () => {
    const world = new World(1)
    const host = world.host('ann')
    const first = host.start()
    await world.finish(first.records.saveSettings('kept'))
    let ticks = 0
    first.clock.after(100, () => {
      ticks += 1
    })
    void first.records.saveSettings('perhaps')
    host.kill()
    await world.run(1000)
    expect(ticks).toBe(0)
    const settings = await world.finish(host.start().records.loadSettings())
    expect(['kept', 'perhaps']).toContain(settings)
  })

  it('ask servers of the world over HTTP', async () => {
    const world = new World(1)
    world.serve('http://tracker.example', ({ url, from }) => ({
      status: 200,
      body: Uint8Array.from(`${url} ${from}`, (character) => character.charCodeAt(0)),
    }))
    const { http } = world.host('ann').start()
    const options = { limitBytes: 1000, timeoutMs: 1000, allowPrivate: true }
    const answer = await world.finish(http.get('http://tracker.example/announce?x', options))
    if (isIoProblem(answer)) throw new Error(answer.message)
    expect(String.fromCharCode(...answer.body)).toBe('http://tracker.example/announce?x 10.0.0.1')
    const small = await world.finish(
      http.get('http://tracker.example/', { ...options, limitBytes: 3 }),
    )
    expect(isIoProblem(small) && small.code).toBe('answer-too-long')
    const lost = await world.finish(http.get('http://nobody.example/', options))
    expect(isIoProblem(lost) && lost.code).toBe('name-not-found')
  })
})

it('tells the same story for the same seed, and another for another', async () => {
  const story = async (seed: number): Promise<string> => {
    const world = new World(seed)
    const { clock, random, datagrams } = world.host('ann', { datagramLoss: 0.5 }).start()
    const lines: string[] = []
    const bob = world.host('bob').start()
    await bob.datagrams.bind({ host: '0.0.0.0', port: 9 }, (bytes) => {
      lines.push(`${clock.nowMs()} got ${bytes[0]}`)
    })
    const socket = await datagrams.bind({ host: '0.0.0.0', port: 0 }, () => {})
    if (isIoProblem(socket)) throw new Error(socket.message)
    const tick = (): void => {
      socket.send(random.bytes(1), { host: '10.0.0.2', port: 9 })
      clock.after(1 + random.int(50), tick)
    }
    tick()
    await world.run(5000)
    return lines.join('\n')
  }
  expect(await story(7)).toBe(await story(7))
  expect(await story(7)).not.toBe(await story(8))
})
