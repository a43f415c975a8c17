import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dictOf, encodeBencode } from '../bencode.ts'
import { latin1Encode, percentDecode, utf8Encode } from '../bytes.ts'
import { parseTrackerUrl, trackerOrigin, type TrackerUrl } from '../tracker-url.ts'
import {
  announceUrl,
  type AnnounceRequest,
  MAX_PEERS_PER_ANSWER,
  MAX_TRACKER_ID_BYTES,
  MAX_TRACKER_TEXT_UNITS,
  parseAnnounceAnswer,
} from './0003-http-tracker.ts'

const REQUEST: AnnounceRequest = {
  infoHash: Uint8Array.of(
    0,
    0x20,
    0x25,
    0x2b,
    0x7f,
    0x80,
    0xff,
    0x26,
    0x3d,
    0x41,
    0x7e,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
  ),
  peerId: latin1Encode('-PG0010-abcdefghijkl'),
  port: 6881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  leftBytes: 2 ** 45,
  event: 'started',
  key: 0xab,
  numWant: 50,
  trackerId: null,
}

function trackerAt(url: string): TrackerUrl {
  const result = parseTrackerUrl(url)
  if (!result.ok) throw new Error(result.fault.detail)
  return result.tracker
}

describe('the announce address', () => {
  test('escapes every byte class and never writes a plus', () => {
    const url = announceUrl(trackerAt('http://t.example/announce'), REQUEST)
    expect(url).toBe(
      'http://t.example/announce?info_hash=%00%20%25%2B%7F%80%FF%26%3DA~%01%02%03%04%05%06%07%08%09' +
        '&peer_id=-PG0010-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=35184372088832' +
        '&compact=1&no_peer_id=1&key=000000AB&numwant=50&event=started',
    )
  })

  test.each([
    ['http://t.example/announce', 'http://t.example/announce?info_hash'],
    ['http://t.example/announce?passkey=x&y', 'http://t.example/announce?passkey=x&y&info_hash'],
    ['http://t.example/announce?', 'http://t.example/announce?info_hash'],
    ['http://t.example/announce?a=1&', 'http://t.example/announce?a=1&info_hash'],
  ])('keeps what %s brings along, first', (url, begins) => {
    expect(announceUrl(trackerAt(url), REQUEST).startsWith(begins)).toBe(true)
  })

  test('any name comes back as the same twenty bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (infoHash) => {
        const url = announceUrl(trackerAt('http://t.example/announce'), { ...REQUEST, infoHash })
        const text = /info_hash=([^&]*)/.exec(url)?.[1] ?? ''
        expect(percentDecode(text)).toEqual(infoHash)
      }),
      { numRuns: 200 },
    )
  })

  test('is named in logs without path and query', () => {
    expect(trackerOrigin(trackerAt('udp://[2001:db8::1]:6969/SECRET?SECRET'))).toBe(
      'udp://[2001:db8::1]:6969',
    )
    expect(trackerOrigin(trackerAt('https://me:SECRET@t.example/SECRET'))).toBe(
      'https://t.example:443',
    )
  })
})

describe('the answer', () => {
  const peersIn = (fields: Parameters<typeof dictOf>[0]): number => {
    const answer = parseAnnounceAnswer(encodeBencode(dictOf(fields)))
    return answer.kind === 'peers' ? answer.peers.length : -1
  }

  test('takes two hundred peers of whatever form, and not one more', () => {
    const compact = (count: number, entryBytes: number) =>
      new Uint8Array(count * entryBytes).fill(0x20)
    const listed = (count: number) =>
      Array.from({ length: count }, () => dictOf({ ip: '192.0.2.1', port: 1 }))
    for (const over of [0, 1]) {
      const count = MAX_PEERS_PER_ANSWER + over
      expect(peersIn({ peers: compact(count, 6) })).toBe(MAX_PEERS_PER_ANSWER)
      expect(peersIn({ peers6: compact(count, 18) })).toBe(MAX_PEERS_PER_ANSWER)
      expect(peersIn({ peers: listed(count) })).toBe(MAX_PEERS_PER_ANSWER)
    }
    const both = parseAnnounceAnswer(
      encodeBencode(dictOf({ peers: compact(500, 6), peers6: compact(500, 18) })),
    )
    const six =
      both.kind === 'peers' ? both.peers.filter(({ host }) => host.includes(':')).length : 0
    expect(six).toBe(MAX_PEERS_PER_ANSWER / 2)
  })

  test('takes texts and ids up to their limits', () => {
    const read = (length: number) =>
      parseAnnounceAnswer(
        encodeBencode(
          dictOf({
            interval: 1,
            'warning message': 'ä'.repeat(length),
            'tracker id': new Uint8Array(length),
          }),
        ),
      )
    expect(read(MAX_TRACKER_TEXT_UNITS)).toMatchObject({
      warning: 'ä'.repeat(MAX_TRACKER_TEXT_UNITS),
    })
    expect(read(MAX_TRACKER_TEXT_UNITS + 1)).toMatchObject({
      warning: 'ä'.repeat(MAX_TRACKER_TEXT_UNITS),
    })
    expect(read(MAX_TRACKER_ID_BYTES)).toMatchObject({
      trackerId: new Uint8Array(MAX_TRACKER_ID_BYTES),
    })
    expect(read(MAX_TRACKER_ID_BYTES + 1)).toMatchObject({ trackerId: null })
  })

  test('does not hold on to the bytes it came in', () => {
    const body = encodeBencode(dictOf({ interval: 1, 'tracker id': 'abc' }))
    const answer = parseAnnounceAnswer(body)
    body.fill(0)
    expect(answer).toMatchObject({ trackerId: utf8Encode('abc') })
  })

  test('noise never throws, and is a fault or an answer within bounds', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .dictionary(
          fc.constantFrom(
            'interval',
            'peers',
            'peers6',
            'failure reason',
            'retry in',
            'tracker id',
          ),
          fc.oneof(fc.integer(), fc.string(), fc.uint8Array(), fc.array(fc.integer())),
        )
        .map((fields) => encodeBencode(dictOf(fields))),
    )
    fc.assert(
      fc.property(noise, (body) => {
        const answer = parseAnnounceAnswer(body)
        if (answer.kind !== 'peers') return
        for (const { port } of answer.peers) expect(port).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})
