import { describe, expect, test } from 'vitest'
import {
  DhtSearches,
  EMPTY_AGAIN_MS,
  LONELY_AGAIN_MS,
  MAX_SEARCHES_AT_ONCE,
  SEARCH_AGAIN_MS,
  SEARCH_GAP_MS,
  type SearchTask,
} from './dht-searches.ts'
import type { Search } from './finder.ts'

const PEERS = { peers: 3, nodesAsked: 20 }
const NOBODY = { peers: 0, nodesAsked: 20 }
const NO_NODES = { peers: 0, nodesAsked: 0 }

describe('searches of torrents in the DHT', () => {
  test('begin at once, and come again a quarter to half an hour after peers were found', () => {
    const { searches, begun, runUntil } = scene()
    searches.add(search(1), 0)
    runUntil(0)
    expect(begun).toHaveLength(1)
    end(begun, searches, PEERS, 0)
    runUntil(SEARCH_AGAIN_MS - 1)
    expect(begun).toHaveLength(0)
    runUntil(SEARCH_AGAIN_MS * 2)
    expect(begun).toHaveLength(1)
  })

  test('come again after a minute while nobody is found, and wait longer each time, up to the quarter', () => {
    const { searches, begun, runUntil } = scene()
    searches.add(search(1), 0)
    runUntil(0)
    const waits: number[] = []
    let nowMs = 0
    for (let i = 0; i < 8; i++) {
      end(begun, searches, NOBODY, nowMs)
      const dueMs = searches.deadlineMs ?? 0
      waits.push(dueMs - nowMs)
      nowMs = dueMs
      runUntil(nowMs)
    }
    expect(waits[0]).toBeGreaterThanOrEqual(EMPTY_AGAIN_MS)
    expect(waits[0]).toBeLessThan(EMPTY_AGAIN_MS * 2)
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(SEARCH_AGAIN_MS * 2)
    expect(waits.at(-1)).toBeGreaterThanOrEqual(SEARCH_AGAIN_MS)
  })

  test('come again soon when there was no node to ask, and at once when there is one', () => {
    const { searches, begun, runUntil } = scene()
    searches.add(search(1), 0)
    runUntil(0)
    end(begun, searches, NO_NODES, 0)
    expect(searches.deadlineMs).toBeLessThan(LONELY_AGAIN_MS * 2)
    searches.hurry(500)
    runUntil(500)
    expect(begun).toHaveLength(1)
  })

  test('are so many at once and not one more', () => {
    const { searches, begun, runUntil } = scene()
    for (let i = 0; i < MAX_SEARCHES_AT_ONCE + 5; i++) searches.add(search(i), 0)
    runUntil(60_000)
    expect(begun).toHaveLength(MAX_SEARCHES_AT_ONCE)
    expect(searches.deadlineMs).toBeNull()
    const [first] = begun
    if (first !== undefined) searches.ended(first, PEERS, 60_000)
    runUntil(60_000 + SEARCH_GAP_MS)
    expect(begun).toHaveLength(MAX_SEARCHES_AT_ONCE + 1)
  })

  test('of ten thousand torrents are a stream: each once within the time that nodes remember us', () => {
    const { searches, begun, runUntil } = scene()
    for (let i = 0; i < 10_000; i++) searches.add(search(i), 0)
    const seen = new Set<Search>()
    const FORTY_MS = 40 * 60_000
    for (let nowMs = 0; nowMs < FORTY_MS; nowMs += SEARCH_GAP_MS) {
      runUntil(nowMs)
      expect(begun.length).toBeLessThanOrEqual(1)
      for (const task of begun) seen.add(task.search)
      end(begun, searches, PEERS, nowMs)
    }
    expect(seen.size).toBe(10_000)
  })

  test('are forgotten when they are called off, also while one is under way', () => {
    const { searches, begun, runUntil } = scene()
    const stop = searches.add(search(1), 0)
    runUntil(0)
    stop()
    end(begun, searches, PEERS, 0)
    expect(searches.size).toBe(0)
    expect(searches.deadlineMs).toBeNull()
  })

  test('that were broken off are due again', () => {
    const { searches, begun, runUntil } = scene()
    searches.add(search(1), 0)
    runUntil(0)
    begun.length = 0
    searches.interrupt(5_000)
    runUntil(5_000)
    expect(begun).toHaveLength(1)
  })
})

function scene() {
  const begun: SearchTask[] = []
  const random = {
    bytes: (lengthBytes: number) => new Uint8Array(lengthBytes),
    int: (below: number) => below >> 1,
  }
  const searches = new DhtSearches(random, (task) => begun.push(task))
  const runUntil = (untilMs: number): void => {
    for (
      let dueMs = searches.deadlineMs;
      dueMs !== null && dueMs <= untilMs;
      dueMs = searches.deadlineMs
    ) {
      searches.run(dueMs)
    }
  }
  return { searches, begun, runUntil }
}

function search(index: number): Search {
  return {
    infoHashes: [Uint8Array.of(index >> 8, index & 255)],
    isSeed: () => false,
    wantedPeers: () => 5,
    onPeers: () => {},
  }
}

function end(
  begun: SearchTask[],
  searches: DhtSearches,
  found: { peers: number; nodesAsked: number },
  nowMs: number,
): void {
  for (const task of begun.splice(0)) searches.ended(task, found, nowMs)
}
