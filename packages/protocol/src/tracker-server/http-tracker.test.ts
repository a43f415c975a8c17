import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { announceUrl, parseAnnounceAnswer, type AnnounceRequest } from '../bep/0003-http-tracker.ts'
import { parseScrapeAnswer, scrapeUrl } from '../bep/0048-scrape.ts'
import { latin1Decode } from '../bytes.ts'
import { parseTrackerUrl, type TrackerUrl } from '../tracker-url.ts'
import {
  answerHttpTracker,
  MAX_TRACKER_QUERY_UNITS,
  parseHttpTrackerRequest,
} from './http-tracker.ts'
import { SwarmBook } from './swarm-book.ts'

const INFO_HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 13)
const REQUEST: AnnounceRequest = {
  infoHash: INFO_HASH,
  peerId: new Uint8Array(20).fill(0x25),
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 5,
  event: 'started',
  key: 1,
  numWant: 30,
  trackerId: null,
}

function tracker(): TrackerUrl {
  const parsed = parseTrackerUrl('http://192.0.2.9:6969/announce')
  if (!parsed.ok) throw new Error('no tracker')
  return parsed.tracker
}

const pathOf = (url: string) => url.slice('http://192.0.2.9:6969'.length)
const asked = (request: Partial<AnnounceRequest> = {}) =>
  pathOf(announceUrl(tracker(), { ...REQUEST, ...request }))

class Scene {
  readonly book = new SwarmBook({ chance: () => 0, intervalMs: 600_000, isKnown: () => true })

  raw(path: string, host = '192.0.2.1'): Uint8Array {
    const request = parseHttpTrackerRequest(path)
    if (request.kind === 'elsewhere') throw new Error('elsewhere')
    return answerHttpTracker(this.book, request, host, 0)
  }

  get(path: string, host?: string) {
    return parseAnnounceAnswer(this.raw(path, host))
  }
}

describe('an announce', () => {
  test('is read from what a client writes', () => {
    const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(
        bytes20,
        bytes20,
        fc.integer({ min: 1, max: 65_535 }),
        (infoHash, peerId, port) => {
          expect(parseHttpTrackerRequest(asked({ infoHash, peerId, port }))).toEqual({
            kind: 'announce',
            infoHash,
            peerId,
            port,
            leftBytes: 5,
            event: 'started',
            numWant: 30,
            isCompact: true,
            hasPeerIds: false,
          })
        },
      ),
    )
  })

  test('is answered with peers of both families, compact, and our address', () => {
    const scene = new Scene()
    scene.get(asked({ port: 1 }), '192.0.2.1')
    scene.get(asked({ port: 2, peerId: new Uint8Array(20) }), '2001:db8::2')
    const answer = scene.get(asked({ port: 3, peerId: new Uint8Array(20).fill(1) }), '192.0.2.3')
    expect(answer).toMatchObject({
      kind: 'peers',
      intervalMs: 600_000,
      minIntervalMs: 60_000,
      seeds: 0,
      leechers: 3,
      externalIp: '192.0.2.3',
      peers: [
        { host: '192.0.2.1', port: 1 },
        { host: '2001:db8::2', port: 2 },
      ],
    })
  })

  test('that wants no compact list gets dictionaries, with peer ids unless it wants none', () => {
    const scene = new Scene()
    scene.get(asked())
    const other = asked({ peerId: new Uint8Array(20), port: 7 })
    const long = latin1Decode(scene.raw(other.replace('compact=1', 'compact=0')))
    expect(long).toContain('2:ip9:192.0.2.14:porti6881e')
    expect(long).not.toContain('peer id')
    const bare = other.replace('compact=1', 'compact=0').replace('no_peer_id=1', 'no_peer_id=0')
    expect(latin1Decode(scene.raw(bare))).toContain(`7:peer id20:${'%'.repeat(20)}`)
  })

  test('lists nobody at an address that it merely names', () => {
    const scene = new Scene()
    scene.get(`${asked()}&ip=198.51.100.7&ipv4=198.51.100.7&ipv6=2001:db8::7`, '192.0.2.1')
    const answer = scene.get(asked({ peerId: new Uint8Array(20), port: 7 }))
    expect(answer).toMatchObject({ peers: [{ host: '192.0.2.1' }] })
  })

  test.each([
    ['info_hash', '/announce?peer_id=aaaaaaaaaaaaaaaaaaaa&port=1'],
    ['info_hash', '/announce?info_hash=short&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1'],
    ['peer_id', '/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&port=1'],
    ['port', '/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa'],
    ['port', '/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=0'],
    ['port', '/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=65536'],
    ['percent', '/announce?info_hash=%zz'],
  ])('with a wrong "%s" is told so', (what, path) => {
    const answer = new Scene().get(path)
    expect(answer).toMatchObject({ kind: 'failure', retryIn: null })
    expect(answer.kind === 'failure' ? answer.reason : '').toContain(what)
  })

  test('that nobody may answer says when to come back', () => {
    const limits = { torrents: 0 }
    const full = new SwarmBook({ chance: () => 0, intervalMs: 1, isKnown: () => true, limits })
    const closed = new SwarmBook({ chance: () => 0, intervalMs: 1, isKnown: () => false })
    const request = parseHttpTrackerRequest(asked())
    if (request.kind !== 'announce') throw new Error('no announce')
    const [whenFull, whenClosed] = [full, closed].map((book) =>
      parseAnnounceAnswer(answerHttpTracker(book, request, '192.0.2.1', 0)),
    )
    expect(whenFull).toMatchObject({ kind: 'failure', retryIn: 30 * 60_000 })
    expect(whenClosed).toMatchObject({ kind: 'failure', retryIn: 'never' })
  })

  test('gets 200 peers at most', () => {
    const scene = new Scene()
    for (let n = 0; n < 201; n++) {
      scene.get(asked({ peerId: new Uint8Array(20).fill(n), port: n + 1 }), `192.0.2.${n}`)
    }
    const body = latin1Decode(scene.raw(asked({ numWant: 9999, port: 999 }), '198.51.100.1'))
    expect(body).toContain('5:peers1200:')
  })
})

describe('a scrape', () => {
  test('is answered for the names that it gives, in the form that clients read', () => {
    const scene = new Scene()
    scene.get(asked())
    const names = [INFO_HASH, new Uint8Array(20)]
    const url = scrapeUrl(tracker(), names) ?? ''
    expect(parseScrapeAnswer(scene.raw(pathOf(url)), names)).toEqual({
      kind: 'counts',
      counts: [
        { seeds: 0, leechers: 1, completions: 0 },
        { seeds: 0, leechers: 0, completions: 0 },
      ],
    })
    expect(latin1Decode(scene.raw(pathOf(url)))).toContain('11:downloadersi1e')
  })

  test('about everything is refused', () => {
    expect(parseScrapeAnswer(new Scene().raw('/scrape'), [])).toMatchObject({ kind: 'failure' })
  })

  test('counts 74 names at most', () => {
    const names = Array.from({ length: 75 }, () => 'info_hash=aaaaaaaaaaaaaaaaaaaa').join('&')
    expect(parseHttpTrackerRequest(`/scrape?${names}`)).toMatchObject({
      infoHashes: { length: 74 },
    })
  })
})

test('what is asked elsewhere is nobody`s', () => {
  for (const path of ['/', '', '/announce/x', '/scrape.php', '/etc/passwd']) {
    expect(parseHttpTrackerRequest(path)).toEqual({ kind: 'elsewhere' })
  }
  expect(parseHttpTrackerRequest('/passkey/announce?x').kind).toBe('fault')
})

test('a request of 8 KiB is read, and not one character more', () => {
  const path = (units: number) => `${asked()}&x=`.padEnd(units, 'x')
  expect(parseHttpTrackerRequest(path(MAX_TRACKER_QUERY_UNITS)).kind).toBe('announce')
  expect(parseHttpTrackerRequest(path(MAX_TRACKER_QUERY_UNITS + 1)).kind).toBe('fault')
})

test('any text is a request or a fault', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (key, value) => {
      expect(parseHttpTrackerRequest(`/announce?${key}=${value}&port=1`)).toHaveProperty('kind')
    }),
  )
})
