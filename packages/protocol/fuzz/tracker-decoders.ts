/** Decoders of the trackers that have no vectors or keep state. */
import { parseAnnounceAnswer, type AnnounceRequest } from '../src/bep/0003-http-tracker.ts'
import { UdpTrackerClient } from '../src/bep/0015-udp-client.ts'
import { utf8Decode } from '../src/bytes.ts'
import { formatIp, parseIp } from '../src/ip-address.ts'
import { invariant } from '../src/machine.ts'
import { parseTrackerUrl } from '../src/tracker-url.ts'
import type { DecoderRow } from './decoders.ts'

export const TRACKER_DECODERS: readonly DecoderRow[] = [
  {
    name: 'http-announce-answer-bounds',
    corpus: ['http-announce-answer'],
    decode(bytes) {
      const answer = parseAnnounceAnswer(bytes)
      if (answer.kind !== 'peers') return
      invariant(answer.peers.length <= 200, 'peers are bounded')
      for (const { host, port, isName } of answer.peers) {
        invariant(port >= 1 && port <= 65_535, 'ports can be dialled')
        const ip = parseIp(host)
        invariant(isName ? ip === null : ip !== null, 'addresses are numeric unless marked')
        invariant(ip === null || formatIp(ip) === host, 'addresses are canonical')
      }
    },
  },
  {
    name: 'tracker-url-again',
    corpus: ['tracker-url', 'scrape-url'],
    decode(bytes) {
      const parsed = parseTrackerUrl(utf8Decode(bytes))
      if (!parsed.ok) return
      const again = parseTrackerUrl(parsed.tracker.url)
      invariant(
        again.ok && again.tracker.host === parsed.tracker.host,
        'one reading of one address',
      )
      invariant(!/[\r\n ]/.test(parsed.tracker.url), 'an address fits one line of a request')
    },
  },
  {
    name: 'udp-tracker-client',
    corpus: ['udp-tracker-answer'],
    decode(bytes) {
      const client = new UdpTrackerClient(() => 0x01020304)
      client.handle(
        { kind: 'ask', requestId: 1, to: TRACKER, question: QUESTION, maxRetransmissions: 1 },
        0,
      )
      for (const from of [TRACKER, STRANGER, TRACKER]) {
        for (const effect of client.handle({ kind: 'datagram', bytes, from }, 1)) {
          invariant(from === TRACKER, 'only the one who was asked may answer')
          invariant(effect.kind !== 'failed', 'no datagram ends a request but by answering it')
        }
      }
      for (let nowMs = client.deadlineMs; nowMs !== null; nowMs = client.deadlineMs) {
        client.handle({ kind: 'tick' }, nowMs)
      }
    },
  },
]

const TRACKER = { host: '192.0.2.1', port: 6969 }
const STRANGER = { host: '192.0.2.2', port: 6969 }
const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port: 1,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
  event: null,
  key: 1,
  numWant: null,
  trackerId: null,
}
const QUESTION = { kind: 'announce', request: REQUEST, pathAndQuery: '' } as const
