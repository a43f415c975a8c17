import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnnounceRequest } from '../bep/0003-http-tracker.ts'
import { latin1Decode, utf8Encode } from '../bytes.ts'
import { type JsonObject, parseJsonObject } from './json-fields.ts'
import {
  encodeWsAnnounce,
  encodeWsAnnounced,
  encodeWsAnswer,
  encodeWsCounts,
  encodeWsFailure,
  encodeWsScrape,
  encodeWsSignal,
  MAX_OFFERS_PER_ANNOUNCE,
  MAX_SDP_UNITS,
  MAX_WS_MESSAGE_UNITS,
  parseWsClientMessage,
  parseWsTrackerMessage,
} from './tracker-messages.ts'

const INFO_HASH = Uint8Array.from({ length: 20 }, (_, i) => 0xff - i)
const PEER_ID = Uint8Array.from({ length: 20 }, (_, i) => i)
const OTHER_ID = new Uint8Array(20).fill(0x80)
const OFFER_ID = new Uint8Array(20).fill(0xab)
const SIGNAL = { infoHash: INFO_HASH, peerId: PEER_ID, offerId: OFFER_ID, sdp: 'v=0\r\n' }
const REQUEST: AnnounceRequest = {
  infoHash: INFO_HASH,
  peerId: PEER_ID,
  port: 6881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  leftBytes: 3,
  event: 'started',
  key: 1,
  numWant: 5,
  trackerId: null,
}

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 })
const offers = fc.array(fc.record({ offerId: bytes20, sdp: fc.string({ minLength: 1 }) }), {
  maxLength: MAX_OFFERS_PER_ANNOUNCE,
})

function fieldsOf(text: string): JsonObject {
  return parseJsonObject(text) ?? {}
}

function fromTracker(fields: object): unknown {
  const result = parseWsTrackerMessage(JSON.stringify(fields))
  return result.ok ? result.message : result.fault.code
}

function fromClient(fields: object): unknown {
  const result = parseWsClientMessage(JSON.stringify(fields))
  return result.ok ? result.message : result.fault.code
}

describe('names', () => {
  test('go as 20 characters, one a byte, never as hex', () => {
    const fields: unknown = JSON.parse(encodeWsAnnounce(REQUEST, []))
    expect(fields).toMatchObject({ info_hash: latin1Decode(INFO_HASH) })
  })

  test.each([
    ['hex', '00'.repeat(20)],
    ['19 characters', 'x'.repeat(19)],
    ['21 characters', 'x'.repeat(21)],
    ['a character that is no byte', `${'x'.repeat(19)}\u0100`],
    ['a number', 20],
    ['a list of 20', Array.from({ length: 20 }, () => 'x')],
    ['nothing', undefined],
  ])('given as %s are refused', (_, infoHash) => {
    expect(fromTracker({ action: 'announce', info_hash: infoHash, interval: 1 })).toBe('bad-name')
    const peer = latin1Decode(PEER_ID)
    expect(fromClient({ action: 'announce', info_hash: infoHash, peer_id: peer })).toBe('bad-name')
    expect(fromClient({ action: 'announce', info_hash: peer, peer_id: infoHash })).toBe('bad-name')
  })
})

describe('what a client says', () => {
  test('an announce with offers is read again as it was written', () => {
    fc.assert(
      fc.property(bytes20, bytes20, offers, (infoHash, peerId, made) => {
        const text = encodeWsAnnounce({ ...REQUEST, infoHash, peerId }, made)
        expect(parseWsClientMessage(text)).toEqual({
          ok: true,
          message: {
            kind: 'announce',
            infoHash,
            peerId,
            event: 'started',
            leftBytes: 3,
            offers: made,
          },
        })
      }),
    )
  })

  test('no offer goes out with `stopped` or `completed`, and none is read there', () => {
    for (const event of ['stopped', 'completed'] as const) {
      const text = encodeWsAnnounce({ ...REQUEST, event }, [SIGNAL])
      expect(text).not.toContain('offers')
      const forged = { ...fieldsOf(text), offers: [{ offer: {}, offer_id: '' }] }
      expect(fromClient(forged)).toMatchObject({ event, offers: [] })
    }
  })

  test('ten offers go out, and not one more', () => {
    const many = Array.from({ length: 11 }, (_, i) => ({
      offerId: new Uint8Array(20).fill(i),
      sdp: 'v=0',
    }))
    const text = encodeWsAnnounce(REQUEST, many)
    expect(parseWsClientMessage(text)).toMatchObject({ message: { offers: many.slice(0, 10) } })
    const fields = fieldsOf(text)
    const listed: readonly unknown[] = Array.isArray(fields['offers']) ? fields['offers'] : []
    const eleven = { ...fields, offers: [...listed, listed[0]] }
    expect(fromClient(eleven)).toMatchObject({ offers: many.slice(0, 10) })
  })

  test('offers that would make the message longer than 64 KiB stay behind', () => {
    const large = Array.from({ length: 10 }, (_, i) => ({
      offerId: new Uint8Array(20).fill(i),
      sdp: 'ü'.repeat(8_000),
    }))
    const text = encodeWsAnnounce(REQUEST, large)
    expect(utf8Encode(text).length).toBeLessThanOrEqual(MAX_WS_MESSAGE_UNITS)
    expect(parseWsClientMessage(text)).toMatchObject({ message: { offers: large.slice(0, 4) } })
  })

  test('malformed offers are left out, and the others kept', () => {
    const good = { offer: { type: 'offer', sdp: 'v=0' }, offer_id: latin1Decode(OFFER_ID) }
    const bad = [
      null,
      7,
      { ...good, offer_id: 'short' },
      { ...good, offer: { type: 'answer', sdp: 'v=0' } },
      { ...good, offer: { type: 'offer', sdp: '' } },
      { ...good, offer: { type: 'offer', sdp: 'x'.repeat(MAX_SDP_UNITS + 1) } },
    ]
    const fields = fieldsOf(encodeWsAnnounce(REQUEST, []))
    expect(fromClient({ ...fields, offers: [...bad, good] })).toMatchObject({
      offers: [{ offerId: OFFER_ID, sdp: 'v=0' }],
    })
  })

  test('a client that does not know what it lacks is no seed', () => {
    const fields = fieldsOf(encodeWsAnnounce(REQUEST, []))
    // JSON writes Infinity as null, as browsers do for magnets.
    expect(fromClient({ ...fields, left: null })).toMatchObject({ leftBytes: null })
    expect(fromClient({ ...fields, left: -1 })).toMatchObject({ leftBytes: null })
  })

  test('an answer names whom it is for', () => {
    const text = encodeWsAnswer({ ...SIGNAL, toPeerId: OTHER_ID })
    expect(parseWsClientMessage(text)).toEqual({
      ok: true,
      message: { kind: 'answer', ...SIGNAL, toPeerId: OTHER_ID },
    })
  })

  test('a scrape asks for one, some or all', () => {
    expect(parseWsClientMessage(encodeWsScrape([INFO_HASH, PEER_ID]))).toMatchObject({
      message: { infoHashes: [INFO_HASH, PEER_ID] },
    })
    expect(fromClient({ action: 'scrape', info_hash: latin1Decode(INFO_HASH) })).toMatchObject({
      infoHashes: [INFO_HASH],
    })
    expect(fromClient({ action: 'scrape' })).toEqual({ kind: 'scrape', infoHashes: null })
    const many = Array.from({ length: 75 }, () => INFO_HASH)
    expect(encodeWsScrape(many)).toBe(encodeWsScrape(many.slice(0, 74)))
  })
})

describe('what a tracker says', () => {
  test('its answer is read', () => {
    const text = encodeWsAnnounced({
      infoHash: INFO_HASH,
      intervalMs: 120_000,
      seeds: 1,
      leechers: 2,
    })
    expect(parseWsTrackerMessage(text)).toEqual({
      ok: true,
      message: {
        kind: 'announced',
        infoHash: INFO_HASH,
        intervalMs: 120_000,
        minIntervalMs: null,
        seeds: 1,
        leechers: 2,
        warning: null,
        trackerId: null,
      },
    })
  })

  test('numbers that are none are read as absent', () => {
    const odd = { interval: -1, 'min interval': '7', complete: 1.5, incomplete: -1 }
    const fields = { action: 'announce', info_hash: latin1Decode(INFO_HASH), ...odd }
    expect(fromTracker(fields)).toMatchObject({
      intervalMs: null,
      minIntervalMs: null,
      seeds: null,
      leechers: null,
    })
  })

  test.each(['offer', 'answer'] as const)('an %s of another client is read', (kind) => {
    const result = parseWsTrackerMessage(encodeWsSignal(kind, SIGNAL))
    expect(result).toEqual({ ok: true, message: { kind, ...SIGNAL } })
  })

  test('a description of 16 KiB is taken, and not one character more', () => {
    const of = (units: number) =>
      parseWsTrackerMessage(encodeWsSignal('offer', { ...SIGNAL, sdp: 'x'.repeat(units) })).ok
    expect(of(MAX_SDP_UNITS)).toBe(true)
    expect(of(MAX_SDP_UNITS + 1)).toBe(false)
  })

  test('a failure is one wherever it stands, and its text is cut', () => {
    expect(fromTracker({ 'failure reason': 'x'.repeat(600) })).toEqual({
      kind: 'failure',
      infoHash: null,
      reason: 'x'.repeat(512),
    })
    expect(parseWsTrackerMessage(encodeWsFailure('no', INFO_HASH))).toMatchObject({
      message: { kind: 'failure', infoHash: INFO_HASH, reason: 'no' },
    })
  })

  test('numbers of many swarms are read, 74 of them at most', () => {
    const counts = new Map(
      Array.from({ length: 75 }, (_, i) => [
        latin1Decode(new Uint8Array(20).fill(i)),
        { seeds: i, leechers: 0, completions: null },
      ]),
    )
    const result = parseWsTrackerMessage(encodeWsCounts(counts))
    expect(result).toMatchObject({ ok: true })
    const size = result.ok && result.message.kind === 'counts' ? result.message.counts.size : 0
    expect(size).toBe(74)
  })
})

describe('garbage', () => {
  test.each(['', 'null', '[]', '7', '"x"', '{', '{"a":', '\u0000', '[[[[[[[[['.repeat(1000)])(
    '%j is a fault',
    (text) => {
      expect(parseWsTrackerMessage(text)).toMatchObject({ ok: false, fault: { code: 'not-json' } })
      expect(parseWsClientMessage(text)).toMatchObject({ ok: false, fault: { code: 'not-json' } })
    },
  )

  test('a message of 64 KiB is read, and not one character more', () => {
    const of = (units: number) => `{"action":"scrape","x":"${'x'.repeat(units - 26)}"}`
    expect(of(MAX_WS_MESSAGE_UNITS)).toHaveLength(MAX_WS_MESSAGE_UNITS)
    expect(parseWsTrackerMessage(of(MAX_WS_MESSAGE_UNITS))).toMatchObject({ ok: true })
    expect(parseWsTrackerMessage(of(MAX_WS_MESSAGE_UNITS + 1))).toMatchObject({
      fault: { code: 'too-long' },
    })
  })

  test('nothing is taken from a prototype', () => {
    const text = '{"__proto__":{"action":"announce"},"constructor":1}'
    expect(parseWsTrackerMessage(text)).toMatchObject({ fault: { code: 'unknown-action' } })
    expect(fromTracker({ action: 'scrape', files: { toString: {} } })).toMatchObject({
      counts: new Map(),
    })
  })

  test('any JSON at all is a message or a fault', () => {
    const action = fc.constantFrom('announce', 'scrape', 'x')
    const odd = fc.record({ action, info_hash: fc.json(), offers: fc.array(fc.anything()) })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          odd.map((value) => JSON.stringify(value) ?? ''),
        ),
        (text) => {
          expect(typeof parseWsTrackerMessage(text).ok).toBe('boolean')
          expect(typeof parseWsClientMessage(text).ok).toBe('boolean')
        },
      ),
    )
  })
})
