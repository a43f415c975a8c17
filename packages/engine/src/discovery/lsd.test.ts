import {
  decodeLsd,
  encodeLsd,
  LSD_HASHES_LIMIT,
  LSD_INTERVAL_MS,
  LSD_LEAST_INTERVAL_MS,
  type LsdAnnounce,
} from '@pigeon/protocol/bep/0014-lsd'
import { toHex } from '@pigeon/protocol/bytes'
import { describe, expect, it } from 'vitest'
import type { Address, DatagramSocket, Ports } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import {
  LocalDiscovery,
  LSD_ANSWERED_NEIGHBOURS,
  LSD_HEARD_PER_SECOND,
  LSD_REJOIN_MS,
} from './lsd.ts'

const NEIGHBOUR = { host: '192.168.1.7', port: 6771 }
const REFUSED = ioProblem('not-allowed', 'No', 'Wait')

function hashOf(index: number): Uint8Array {
  return new Uint8Array(20).fill(index)
}

/** Local discovery over one IPv4 group that a test hears and speaks to. */
function lan(): {
  readonly lsd: LocalDiscovery
  readonly sent: LsdAnnounce[]
  readonly found: Address[]
  readonly hear: (announce: Partial<LsdAnnounce>, from?: Address) => void
  readonly settings: { isOn: boolean; isRefused: boolean; nowMs: number }
  readonly binds: () => number
  readonly add: (...indexes: readonly number[]) => () => void
} {
  const sent: LsdAnnounce[] = []
  const found: Address[] = []
  const settings = { isOn: true, isRefused: false, nowMs: 0 }
  let receive: ((bytes: Uint8Array, from: Address) => void) | null = null
  let binds = 0
  const bind = (
    address: Address,
    handler: (bytes: Uint8Array, from: Address) => void,
  ): Promise<DatagramSocket | IoProblem> => {
    if (address.host === '::') return Promise.resolve(REFUSED)
    binds += 1
    if (settings.isRefused) return Promise.resolve(REFUSED)
    receive = handler
    return Promise.resolve({
      address,
      send: (bytes) => {
        const announce = decodeLsd(bytes)
        if (announce !== null) sent.push(announce)
      },
      close: () => {
        receive = null
      },
    })
  }
  const clock: Ports['clock'] = {
    nowMs: () => settings.nowMs,
    wallMs: () => 1_000_000 + settings.nowMs,
    localTime: () => ({ weekday: 'mon', minute: 0 }),
    after: () => () => {},
  }
  const lsd = new LocalDiscovery({
    ports: {
      clock,
      datagrams: { bind, resolve: () => Promise.resolve([]) },
      random: { bytes: (lengthBytes) => new Uint8Array(lengthBytes), int: () => 0 },
      log: { write: () => {} },
    },
    isOn: () => settings.isOn,
    listenPort: () => 6881,
  })
  return {
    lsd,
    sent,
    found,
    settings,
    binds: () => binds,
    hear: (announce, from = NEIGHBOUR) =>
      receive?.(
        encodeLsd({ host: 'x', port: 7000, infoHashes: [hashOf(1)], cookie: 'other', ...announce }),
        from,
      ),
    add: (...indexes) =>
      lsd.find({
        infoHashes: indexes.map(hashOf),
        isSeed: () => false,
        wantedPeers: () => 1,
        onPeers: (addresses) => found.push(...addresses),
      }),
  }
}

/** Lets what was begun be done. */
async function tick({ lsd, settings }: ReturnType<typeof lan>, nowMs: number): Promise<void> {
  settings.nowMs = nowMs
  lsd.tick(nowMs)
  await Promise.resolve()
  await Promise.resolve()
  lsd.tick(nowMs)
}

describe('what we announce', () => {
  it(`holds ${LSD_HASHES_LIMIT} torrents; the rest goes out a minute later, and the first again after five`, async () => {
    const made = lan()
    for (let index = 0; index <= LSD_HASHES_LIMIT; index += 1) made.add(index)
    await tick(made, 0)
    expect(made.sent.map(({ infoHashes }) => infoHashes.length)).toEqual([LSD_HASHES_LIMIT])
    await tick(made, LSD_LEAST_INTERVAL_MS - 1)
    expect(made.sent).toHaveLength(1)
    await tick(made, LSD_LEAST_INTERVAL_MS)
    expect(made.sent[1]?.infoHashes.map(toHex)).toEqual([toHex(hashOf(LSD_HASHES_LIMIT))])
    await tick(made, LSD_INTERVAL_MS - 1)
    expect(made.sent).toHaveLength(2)
    await tick(made, LSD_INTERVAL_MS)
    expect(made.sent[2]?.infoHashes).toHaveLength(LSD_HASHES_LIMIT)
  })

  it('leaves out what is not searched for any more', async () => {
    const made = lan()
    const stop = made.add(1)
    stop()
    await tick(made, 0)
    expect(made.sent).toEqual([])
    made.hear({})
    expect(made.found).toEqual([])
  })

  it('tries again later to join a group that it could not join', async () => {
    const made = lan()
    made.settings.isRefused = true
    made.add(1)
    await tick(made, 0)
    made.settings.isRefused = false
    await tick(made, LSD_REJOIN_MS - 1)
    expect([made.binds(), made.sent]).toEqual([1, []])
    await tick(made, LSD_REJOIN_MS)
    expect([made.binds(), made.sent.length]).toEqual([2, 1])
  })
})

describe('a neighbour that is new', () => {
  it('hears of us within a minute, once', async () => {
    const made = lan()
    made.add(1, 2)
    await tick(made, 0)
    made.hear({})
    await tick(made, LSD_LEAST_INTERVAL_MS - 1)
    expect(made.sent).toHaveLength(1)
    await tick(made, LSD_LEAST_INTERVAL_MS)
    expect(made.sent[1]?.infoHashes.map(toHex)).toEqual([toHex(hashOf(1))])
    made.hear({})
    await tick(made, LSD_INTERVAL_MS - 1)
    expect(made.sent).toHaveLength(2)
  })

  it('is new again when it was started anew, and so is a torrent that was added again', async () => {
    const made = lan()
    const stop = made.add(1)
    made.hear({})
    await tick(made, 0)
    made.hear({ cookie: 'second run' })
    await tick(made, LSD_LEAST_INTERVAL_MS)
    expect(made.sent).toHaveLength(2)
    stop()
    made.add(1)
    await tick(made, 2 * LSD_LEAST_INTERVAL_MS)
    made.hear({})
    await tick(made, 3 * LSD_LEAST_INTERVAL_MS)
    expect(made.sent).toHaveLength(4)
  })

  it(`is answered as one of the first ${LSD_ANSWERED_NEIGHBOURS}, and not after them`, async () => {
    for (const [others, messages] of [
      [LSD_ANSWERED_NEIGHBOURS - 1, 3],
      [LSD_ANSWERED_NEIGHBOURS, 2],
    ] as const) {
      const made = lan()
      made.add(1)
      await tick(made, 0)
      for (let index = 0; index < others; index += 1) {
        made.settings.nowMs += 20
        made.hear({ port: 2_000 + index })
      }
      await tick(made, LSD_LEAST_INTERVAL_MS)
      made.hear({ port: 9_000 })
      await tick(made, 2 * LSD_LEAST_INTERVAL_MS)
      expect(made.sent).toHaveLength(messages)
    }
  })
})

describe('what we hear', () => {
  it.each([
    ['a neighbour', NEIGHBOUR, {}, 1],
    ['a neighbour by link-local address', { host: 'fe80::7', port: 6771 }, {}, 1],
    ['a stranger', { host: '203.0.113.7', port: 6771 }, {}, 0],
    ['ourselves', NEIGHBOUR, { cookie: '0000000000000000' }, 0],
    ['a neighbour with a port of a service', NEIGHBOUR, { port: 80 }, 0],
    ['a neighbour with another torrent', NEIGHBOUR, { infoHashes: [hashOf(2)] }, 0],
  ])('of %s counts as it should', async (_, from, announce, count) => {
    const made = lan()
    made.add(1)
    await tick(made, 0)
    made.hear(announce, from)
    expect(made.found).toHaveLength(count)
  })

  it(`is bounded to ${LSD_HEARD_PER_SECOND} messages a second`, async () => {
    const made = lan()
    made.add(1)
    await tick(made, 0)
    for (let message = 0; message <= LSD_HEARD_PER_SECOND; message += 1) made.hear({})
    expect(made.found).toHaveLength(LSD_HEARD_PER_SECOND)
    made.settings.nowMs = 1_000
    made.hear({})
    expect(made.found).toHaveLength(LSD_HEARD_PER_SECOND + 1)
    expect(made.lsd.lastHeardAtMs).toBe(1_001_000)
  })

  it('ends when it is switched off', async () => {
    const made = lan()
    made.add(1)
    await tick(made, 0)
    made.settings.isOn = false
    await tick(made, 1)
    made.hear({})
    expect(made.found).toEqual([])
  })
})
