import { describe, expect, test } from 'vitest'
import type { AnnounceRequest } from '../bep/0003-http-tracker.ts'
import { encodeWsAnnounced, encodeWsFailure, encodeWsSignal } from './tracker-messages.ts'
import { WS_LIMITS, WsTracker, type WsTrackerEffect, type WsTrackerInput } from './ws-tracker.ts'

const name = (n: number) => new Uint8Array(20).fill(n)
const US = name(200)
const SDP = 'v=0\r\n'

function requestFor(n: number, event: AnnounceRequest['event'] = 'started'): AnnounceRequest {
  return {
    infoHash: name(n),
    peerId: US,
    port: 1,
    uploadedBytes: 0,
    downloadedBytes: 0,
    leftBytes: 1,
    event,
    key: 1,
    numWant: null,
    trackerId: null,
  }
}

class Scene {
  readonly tracker = new WsTracker(() => 0)
  nowMs = 0
  #nextId = 1

  feed(input: WsTrackerInput): readonly WsTrackerEffect[] {
    return this.tracker.handle(input, this.nowMs)
  }

  announce(n: number, offers = 0, event: AnnounceRequest['event'] = 'started') {
    const requestId = this.#nextId++
    const made = Array.from({ length: offers }, (_, i) => ({ offerId: offerId(n, i), sdp: SDP }))
    return this.feed({
      kind: 'announce',
      requestId,
      request: requestFor(n, event),
      offers: made,
    })
  }

  hear(text: string): readonly WsTrackerEffect[] {
    return this.feed({ kind: 'message', text })
  }

  answer(n: number): readonly WsTrackerEffect[] {
    return this.hear(
      encodeWsAnnounced({ infoHash: name(n), intervalMs: 60_000, seeds: 1, leechers: 1 }),
    )
  }

  /** Open, with torrent 1 known to the tracker. */
  open(offers = 0): this {
    this.announce(1, offers)
    this.feed({ kind: 'opened' })
    this.answer(1)
    return this
  }

  waitUntilDue(): readonly WsTrackerEffect[] {
    this.nowMs = this.tracker.deadlineMs ?? this.nowMs
    return this.feed({ kind: 'tick' })
  }
}

function offerId(n: number, i: number): Uint8Array {
  const id = new Uint8Array(20).fill(n)
  id[0] = i
  return id
}

function offerFrom(peer: number, torrent = 1, id = offerId(peer, 0)): string {
  return encodeWsSignal('offer', {
    infoHash: name(torrent),
    peerId: name(peer),
    offerId: id,
    sdp: SDP,
  })
}

const kinds = (effects: readonly WsTrackerEffect[]) => effects.map(({ kind }) => kind)
const texts = (effects: readonly WsTrackerEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.text] : []))

describe('one socket for all torrents', () => {
  test('the first announce opens it, and what waits goes out when it is open', () => {
    const scene = new Scene()
    expect(kinds(scene.announce(1, 2))).toEqual(['open'])
    expect(kinds(scene.announce(2))).toEqual([])
    const sent = texts(scene.feed({ kind: 'opened' }))
    expect(sent).toHaveLength(2)
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({ event: 'started', numwant: 2 })
  })

  test('answers go to the torrent that they name', () => {
    const scene = new Scene()
    scene.announce(1)
    scene.announce(2)
    scene.feed({ kind: 'opened' })
    expect(scene.answer(2)).toMatchObject([{ kind: 'answered', requestId: 2 }])
    expect(scene.answer(1)).toMatchObject([{ kind: 'answered', requestId: 1 }])
    expect(scene.answer(3)).toEqual([])
  })

  test('a failure that names nobody is the oldest question`s', () => {
    const scene = new Scene()
    scene.announce(1)
    scene.announce(2)
    scene.feed({ kind: 'opened' })
    expect(scene.hear(encodeWsFailure('no', null))).toMatchObject([
      { kind: 'answered', requestId: 1, answer: { kind: 'failure', reason: 'no' } },
    ])
  })

  test('it closes when the last torrent has said goodbye', () => {
    const scene = new Scene().open()
    scene.announce(2)
    scene.answer(2)
    expect(kinds(scene.announce(1, 0, 'stopped'))).toEqual(['send', 'answered'])
    expect(kinds(scene.announce(2, 0, 'stopped'))).toEqual(['send', 'answered', 'close'])
    expect(scene.tracker.isIdle(scene.nowMs)).toBe(true)
  })

  test('nobody connects to say goodbye', () => {
    expect(new Scene().announce(1, 0, 'stopped')).toMatchObject([
      { kind: 'answered', answer: { kind: 'left' } },
    ])
  })
})

describe('offers and answers', () => {
  test('the answer to an offer of ours is told once', () => {
    const scene = new Scene().open(1)
    const text = encodeWsSignal('answer', {
      infoHash: name(1),
      peerId: name(9),
      offerId: offerId(1, 0),
      sdp: SDP,
    })
    expect(scene.hear(text)).toMatchObject([{ kind: 'accepted', signal: { sdp: SDP } }])
    expect(scene.hear(text)).toEqual([])
  })

  test('an answer to what we never offered, or offered for another torrent, is ignored', () => {
    const scene = new Scene().open(1)
    const answerTo = (torrent: number, id: Uint8Array) =>
      encodeWsSignal('answer', { infoHash: name(torrent), peerId: name(9), offerId: id, sdp: SDP })
    expect(scene.hear(answerTo(1, offerId(7, 7)))).toEqual([])
    expect(scene.hear(answerTo(2, offerId(1, 0)))).toEqual([])
  })

  test('an offer that nobody takes is given up', () => {
    const scene = new Scene().open(1)
    expect(scene.waitUntilDue()).toMatchObject([{ kind: 'expired', offerId: offerId(1, 0) }])
    expect(scene.nowMs).toBe(WS_LIMITS.offerMs)
  })

  test("another's offer is answered to whom it came from", () => {
    const scene = new Scene().open()
    const [effect] = scene.hear(offerFrom(9))
    if (effect?.kind !== 'offered') throw new Error('nothing was offered')
    const signal = { ...effect.signal, sdp: 'answer' }
    const [text] = texts(scene.feed({ kind: 'answer', signal }))
    expect(JSON.parse(text ?? '')).toMatchObject({
      peer_id: '\u00c8'.repeat(20),
      to_peer_id: '\u0009'.repeat(20),
      answer: { type: 'answer', sdp: 'answer' },
    })
    expect(scene.feed({ kind: 'answer', signal })).toEqual([])
  })

  test('offers of our own, for strange torrents, and repeated ones are ignored', () => {
    const scene = new Scene().open()
    expect(scene.hear(offerFrom(200))).toEqual([])
    expect(scene.hear(offerFrom(9, 2))).toEqual([])
    expect(kinds(scene.hear(offerFrom(9)))).toEqual(['offered'])
    expect(scene.hear(offerFrom(9))).toEqual([])
  })
})

describe('bounds', () => {
  test('ten offers of a torrent are out at a time, and the eleventh is given back', () => {
    const scene = new Scene()
    expect(scene.tracker.offerRoom(name(1))).toBe(WS_LIMITS.offersPerTorrent)
    const effects = scene.announce(1, WS_LIMITS.offersPerTorrent + 1)
    expect(effects).toMatchObject([{ kind: 'expired', offerId: offerId(1, 10) }, { kind: 'open' }])
    expect(scene.tracker.offerRoom(name(1))).toBe(0)
  })

  test('sixty offers are out for all torrents together', () => {
    const scene = new Scene()
    for (let n = 1; n <= 6; n++) scene.announce(n, 10)
    expect(scene.tracker.offerRoom(name(7))).toBe(0)
    expect(kinds(scene.announce(7, 1))).toEqual(['expired'])
  })

  test('ten offers a torrent are being answered, and not one more', () => {
    const scene = new Scene().open()
    for (let n = 0; n < WS_LIMITS.offeredPerTorrent; n++)
      expect(kinds(scene.hear(offerFrom(10 + n)))).toEqual(['offered'])
    expect(scene.hear(offerFrom(50))).toEqual([])
    scene.nowMs = WS_LIMITS.offerMs
    scene.feed({ kind: 'tick' })
    expect(kinds(scene.hear(offerFrom(50)))).toEqual(['offered'])
  })

  test('64 questions wait, and the next fails', () => {
    const scene = new Scene()
    for (let n = 0; n < WS_LIMITS.questions; n++) scene.announce(n)
    expect(scene.announce(100)).toMatchObject([{ kind: 'failed', why: 'too-many' }])
  })

  test('a tracker that sends more than it may is hung up on and rests', () => {
    const scene = new Scene().open()
    let count = 1
    let effects = scene.hear('{}')
    // Each is broken besides; of those fewer are borne.
    while (effects.length === 0) {
      effects = scene.hear('{}')
      count++
    }
    expect(count).toBe(WS_LIMITS.faults + 1)
    expect(kinds(effects)).toEqual(['close', 'forgotten'])
    expect(scene.announce(1)).toMatchObject([{ kind: 'failed', why: 'resting' }])
  })

  test('well-formed floods end likewise', () => {
    const scene = new Scene().open()
    let count = 0
    while (scene.answer(7).length === 0) count++
    // The answer to the announce was the first.
    expect(count).toBe(WS_LIMITS.messageBurst - 1)
  })
})

describe('when the socket is gone', () => {
  test('all that it knew is forgotten: questions fail, offers end, torrents are told', () => {
    const scene = new Scene().open(1)
    scene.announce(2)
    expect(scene.feed({ kind: 'closed' })).toMatchObject([
      { kind: 'failed', requestId: 2, why: 'lost' },
      { kind: 'forgotten', infoHash: name(1), restMs: WS_LIMITS.firstRestMs },
      { kind: 'forgotten', infoHash: name(2) },
      { kind: 'expired', offerId: offerId(1, 0) },
    ])
  })

  test('it is opened again only after a rest, which doubles up to an hour', () => {
    const scene = new Scene()
    const rests: number[] = []
    for (let n = 0; n < 12; n++) {
      expect(kinds(scene.announce(1))).toContain('open')
      scene.feed({ kind: 'opened' })
      const [, forgotten] = scene.feed({ kind: 'closed' })
      const restMs = forgotten?.kind === 'forgotten' ? forgotten.restMs : 0
      rests.push(restMs)
      scene.nowMs += restMs - 1
      expect(scene.announce(1)).toMatchObject([{ kind: 'failed', why: 'resting' }])
      scene.nowMs += 1
    }
    expect(rests.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000])
    expect(Math.max(...rests)).toBe(WS_LIMITS.lastRestMs)
  })

  test('a connection that lasted makes earlier failures forgotten', () => {
    const scene = new Scene()
    scene.announce(1)
    scene.feed({ kind: 'closed' })
    scene.nowMs += 10_000
    scene.open()
    scene.nowMs += WS_LIMITS.soundMs
    expect(scene.feed({ kind: 'closed' })).toMatchObject([{ restMs: WS_LIMITS.firstRestMs }])
  })

  test('one that never opens is given up', () => {
    const scene = new Scene()
    scene.announce(1, 1)
    expect(kinds(scene.waitUntilDue())).toEqual(['close', 'expired', 'failed'])
    expect(scene.nowMs).toBe(WS_LIMITS.connectMs)
  })

  test('a question without an answer fails, and the socket stays for the others', () => {
    const scene = new Scene().open()
    scene.announce(2)
    expect(scene.waitUntilDue()).toMatchObject([{ kind: 'failed', why: 'timed-out' }])
    expect(scene.nowMs).toBe(WS_LIMITS.answerMs)
  })
})
