/** Decoders of WebTorrent and of our own tracker, which no BEP has vectors for. */
import { latin1Decode, utf8Decode, utf8Encode } from '../src/bytes.ts'
import { invariant } from '../src/machine.ts'
import { answerHttpTracker, parseHttpTrackerRequest } from '../src/tracker-server/http-tracker.ts'
import { SwarmBook } from '../src/tracker-server/swarm-book.ts'
import { UdpTrackerServer } from '../src/tracker-server/udp-tracker.ts'
import { WsTrackerServer } from '../src/tracker-server/ws-tracker.ts'
import { sanitizeSdp } from '../src/webtorrent/sdp.ts'
import {
  encodeWsAnnounce,
  encodeWsAnnounced,
  encodeWsAnswer,
  encodeWsFailure,
  encodeWsScrape,
  encodeWsSignal,
  parseWsClientMessage,
  parseWsTrackerMessage,
} from '../src/webtorrent/tracker-messages.ts'
import { WsTracker } from '../src/webtorrent/ws-tracker.ts'
import type { DecoderRow } from './decoders.ts'

const NAME = new Uint8Array(20).fill(0xe9)
const SIGNAL = { infoHash: NAME, peerId: new Uint8Array(20), offerId: NAME, sdp: 'v=0\r\n' }
const REQUEST = {
  infoHash: NAME,
  peerId: NAME,
  port: 1,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
  event: null,
  key: 1,
  numWant: null,
  trackerId: null,
}
const COUNTS = { infoHash: NAME, intervalMs: 1000, seeds: 1, leechers: 1 }
const FROM_TRACKER = [
  encodeWsAnnounced(COUNTS),
  encodeWsSignal('offer', SIGNAL),
  encodeWsSignal('answer', SIGNAL),
  encodeWsFailure('no', NAME),
].map(utf8Encode)
const FROM_CLIENT = [
  encodeWsAnnounce(REQUEST, [SIGNAL]),
  encodeWsAnswer({ ...SIGNAL, toPeerId: NAME }),
  encodeWsScrape([NAME]),
].map(utf8Encode)

export const WEB_DECODERS: readonly DecoderRow[] = [
  {
    name: 'ws-messages',
    corpus: ['scrape-answer'],
    seeds: [...FROM_TRACKER, ...FROM_CLIENT],
    decode(bytes) {
      const text = utf8Decode(bytes)
      const said = parseWsClientMessage(text)
      if (said.ok && said.message.kind === 'announce') {
        invariant(said.message.offers.length <= 10, 'offers are bounded')
      }
      const heard = parseWsTrackerMessage(text)
      if (heard.ok && 'infoHash' in heard.message) {
        invariant((heard.message.infoHash?.length ?? 20) === 20, 'names are 20 bytes long')
      }
    },
  },
  {
    name: 'ws-tracker',
    corpus: ['scrape-answer'],
    seeds: FROM_TRACKER,
    decode(bytes) {
      const tracker = new WsTracker(() => 0)
      tracker.handle({ kind: 'announce', requestId: 1, request: REQUEST, offers: [] }, 0)
      tracker.handle({ kind: 'opened' }, 0)
      const effects = tracker.handle({ kind: 'message', text: utf8Decode(bytes) }, 1)
      invariant(effects.length <= 2, 'one message has few effects')
      tracker.handle({ kind: 'closed' }, 2)
      for (let ms = tracker.deadlineMs; ms !== null; ms = tracker.deadlineMs) {
        tracker.handle({ kind: 'tick' }, ms)
      }
    },
  },
  {
    name: 'ws-tracker-server',
    corpus: ['scrape-answer'],
    seeds: FROM_CLIENT,
    decode(bytes) {
      const server = new WsTrackerServer(newBook())
      server.open(1, '192.0.2.1')
      const effects = server.message(1, utf8Decode(bytes), 0)
      invariant(effects.length <= 2, 'a lonely client hears nobody')
      server.close(1)
    },
  },
  {
    name: 'http-tracker-request',
    corpus: ['scrape-url'],
    seeds: [
      utf8Encode(`/announce?info_hash=${'%e9'.repeat(20)}&peer_id=${'a'.repeat(20)}&port=1&left=0`),
    ],
    decode(bytes) {
      const request = parseHttpTrackerRequest(latin1Decode(bytes))
      if (request.kind === 'elsewhere') return
      const book = newBook()
      const answer = answerHttpTracker(book, request, '192.0.2.1', 0)
      invariant(answer[0] === 0x64, 'every answer is a dictionary')
      invariant(book.peerCount <= 1, 'one request lists one peer')
    },
  },
  {
    name: 'udp-tracker-server',
    corpus: ['udp-tracker-request'],
    decode(bytes) {
      const server = new UdpTrackerServer(newBook(), new Uint8Array(32))
      const answer = server.answer(bytes, { host: '192.0.2.1', port: 1 }, 0)
      invariant((answer?.bytes.length ?? 0) <= bytes.length, 'strangers get no more than they sent')
    },
  },
  {
    name: 'sdp',
    corpus: ['scrape-url'],
    seeds: [utf8Encode('v=0\r\na=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n')],
    decode(bytes) {
      const clean = sanitizeSdp(latin1Decode(bytes))
      invariant(sanitizeSdp(clean) === clean, 'what is clean stays as it is')
    },
  },
]

function newBook(): SwarmBook {
  return new SwarmBook({ chance: () => 0, intervalMs: 1000, isKnown: () => true })
}
