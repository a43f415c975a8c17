/** How the world may treat a client, and what must still be true: the bytes are right, nobody else suffers, it lives on. */
import { pause, until } from '../driver/client-process.ts'
import type { Driver } from '../driver/driver.ts'
import { type Member, type Stage, untilDone } from '../matrix/stage.ts'
import type { Check, Observation } from '../matrix/verdict.ts'
import type { AddressPool } from '../net/address-pool.ts'
import {
  endlessFrame,
  garbageScript,
  leechAll,
  messageFlood,
  requestFlood,
  seedScript,
  turnBit,
} from '../scripted-peer/behaviours.ts'
import { type Conversation, ScriptedListener, dial } from '../scripted-peer/scripted-peer.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { type Torrent, makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { memoryCheck } from './checks.ts'
import { STRANGER_CASES } from './stranger-cases.ts'

export interface HostileSetting {
  readonly stage: Stage
  readonly pool: AddressPool
  readonly driver: Driver
  readonly seed: string
}

export interface HostileCase {
  readonly id: string
  readonly title: string
  readonly demands: string
  run(setting: HostileSetting): Promise<Observation>
}

/** A stalling peer must be given up within two minutes; everything else is quicker. */
const COMPLETE_LIMIT_MS = 120_000
const SEED_LIMIT_MS = 30_000
const FLOOD_MESSAGES = 300_000
const MEET_LIMIT_MS = 30_000
const HEAD_START_MS = 1000

type Script = (talk: Conversation) => void
type Tweak = (leecher: Member) => void

export const HOSTILE_CASES: readonly HostileCase[] = [
  leechCase('corrupt-peer', 'One peer turns a bit in every block, another is honest', (torrent) =>
    seedScript(torrent, { spoil: turnBit }),
  ),
  leechCase(
    'corrupt-some',
    'One peer turns a bit in every seventh block, another is honest',
    (torrent) =>
      seedScript(torrent, {
        spoil: (block, pieceIndex, begin) =>
          (pieceIndex * 2 + begin / 16_384) % 7 === 0 ? turnBit(block) : block,
      }),
  ),
  leechCase(
    'garbage-peer',
    'One peer sends noise after its handshake, another is honest',
    garbageScript,
  ),
  leechCase(
    'stalling-peer',
    'One peer takes requests and never answers, another is honest',
    (torrent) => seedScript(torrent, { isStalling: true }),
  ),
  leechCase(
    'silent-peer',
    'One peer accepts the connection and never says a word, another is honest',
    () => () => {},
  ),
  trackerCase('tracker-not-bencode', 'The tracker first answers with HTML', (leecher) =>
    answerOnce(leecher, Buffer.from('<html><body>502 Bad Gateway</body></html>')),
  ),
  trackerCase('tracker-huge-body', 'The tracker first answers with 10 MB of noise', (leecher) =>
    answerOnce(leecher, Buffer.alloc(10_000_000, 0x64)),
  ),
  trackerCase(
    'tracker-junk-peers',
    "Among the tracker's peers are ports 0, dead hosts and loopback",
    (leecher) => {
      const junk = ['0.0.0.0', '127.0.0.1', '255.255.255.255', '224.0.0.1', '10.77.200.200']
      const bad = junk.flatMap((host) => [
        { host, port: 0 },
        { host, port: 1 },
      ])
      leecher.tracker.peers = [...bad, ...leecher.tracker.peers]
    },
  ),
  trackerCase(
    'tracker-mad-intervals',
    'The tracker asks for an interval of 2^53 seconds',
    (leecher) => {
      leecher.tracker.intervalSeconds = Number.MAX_SAFE_INTEGER
    },
  ),
  trackerCase(
    'tracker-negative-interval',
    'The tracker asks for an interval of -1 second',
    (leecher) => {
      leecher.tracker.intervalSeconds = -1
    },
  ),
  seedCase(
    'request-flood',
    'A peer asks 300,000 times for one block and reads nothing',
    (talk, torrent) => requestFlood(talk, torrent, FLOOD_MESSAGES),
  ),
  seedCase(
    'message-flood',
    'A peer sends 300,000 small messages that say nothing',
    (talk, torrent) => messageFlood(talk, torrent, FLOOD_MESSAGES),
  ),
  seedCase('endless-frame', 'A peer announces a frame of 2 GiB', endlessFrame),
  ...STRANGER_CASES,
]

/** The leecher meets a villain first and an honest seed with it; it must complete all the same. */
function leechCase(id: string, title: string, villain: (torrent: Torrent) => Script): HostileCase {
  return {
    id,
    title,
    demands:
      'The download completes with every byte right, and the client stops cleanly afterwards.',
    run: (setting) => leechAmong(setting, [villain], () => {}),
  }
}

function trackerCase(id: string, title: string, tweak: Tweak): HostileCase {
  return {
    id,
    title,
    demands:
      'The client lives on and completes from the honest seed that the tracker names as well.',
    run: (setting) => leechAmong(setting, [], tweak),
  }
}

function answerOnce(leecher: Member, answer: Buffer): void {
  leecher.tracker.rawAnswer = answer
  // Only the first announce is lied to; its record is made just before the answer goes out.
  void leecher.tracker
    .waitFor(() => true, COMPLETE_LIMIT_MS)
    .then(() => setTimeout(() => (leecher.tracker.rawAnswer = undefined), 500))
}

async function leechAmong(
  setting: HostileSetting,
  villains: readonly ((torrent: Torrent) => Script)[],
  tweak: Tweak,
): Promise<Observation> {
  const { stage, pool, driver, seed } = setting
  const torrent = makeTorrent(plainPayload(seed))
  const honest = new ScriptedListener(seedScript(torrent))
  const listeners = [...villains.map((script) => new ScriptedListener(script(torrent))), honest]
  try {
    const leecher = await stage.cast({ driver, role: 'leech', torrent, via: 'http' })
    for (const listener of listeners) {
      const address = pool.client()
      await listener.listen(address)
      await stage.connect(leecher, address, listener === honest ? 'honest' : 'villain')
    }
    const everyone = leecher.tracker.peers
    // The villain comes first: an honest seed that is quick could end the case before the two have met.
    if (villains.length > 0) leecher.tracker.peers = everyone.slice(0, villains.length)
    tweak(leecher)
    await stage.start(leecher)
    await metVillains(stage, villains.length)
    if (villains.length > 0) leecher.tracker.peers = everyone
    const done = await untilDone(
      () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
      [leecher],
      COMPLETE_LIMIT_MS,
    )
    const memory = memoryCheck(leecher)
    const stops = await stage.stopAll()
    return {
      checks: [
        { what: 'the download completes', isMet: done.isDone, seen: done.seen },
        equalCheck(torrent, leecher),
        ...(villains.length === 0 ? [] : [metCheck(stage)]),
        memory,
        ...stops,
      ],
      payloadBytes: stage.edges.reduce((sum, edge) => sum + edge.backward.payloadBytes, 0),
    }
  } finally {
    for (const listener of listeners) await listener.close()
  }
}

/** Until the client has dialled every villain, and a moment longer, in which the villain can do its worst. */
async function metVillains(stage: Stage, count: number): Promise<void> {
  if (count === 0) return
  const edges = stage.edges.slice(0, count)
  await until(() => edges.every((edge) => edge.connectionCount > 0), MEET_LIMIT_MS)
  await pause(HEAD_START_MS)
}

function equalCheck(torrent: Torrent, leecher: Member): Check {
  const difference = payloadDifference(torrent.payload, leecher.dataDir)
  return {
    what: 'every byte is right',
    isMet: difference === undefined,
    seen: difference ?? 'equal',
  }
}

/** Without a meeting there is no proof. */
function metCheck(stage: Stage): Check {
  const edge = stage.edges[0]
  const blocks = edge?.backward.messages.get('piece') ?? 0
  return {
    what: 'the client met the hostile peer',
    isMet: (edge?.connectionCount ?? 0) > 0,
    seen: `${edge?.connectionCount ?? 0} connections, ${blocks} blocks from it`,
  }
}

/** The client seeds; while a villain does its worst, an honest leech must be served. */
function seedCase(
  id: string,
  title: string,
  villain: (talk: Conversation, torrent: Torrent) => void,
): HostileCase {
  return {
    id,
    title,
    demands:
      'Meanwhile an honest leech gets every byte, memory stays bounded, and the client stops cleanly afterwards.',
    run: (setting) => seedUnderFire(setting, villain),
  }
}

async function seedUnderFire(
  setting: HostileSetting,
  villain: (talk: Conversation, torrent: Torrent) => void,
): Promise<Observation> {
  const { stage, pool, driver, seed } = setting
  const torrent = makeTorrent(plainPayload(seed))
  const seeder = await stage.cast({ driver, role: 'seed', torrent, via: 'http' })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, SEED_LIMIT_MS)
  const bad = await dial(seeder.listen, pool.client().host)
  if (bad !== undefined) villain(bad, torrent)
  // The flood gets a head start: a client that chokes on it must have had the time to.
  await pause(HEAD_START_MS)
  const good = await dial(seeder.listen, pool.client().host)
  const got =
    good === undefined ? { why: 'no connection' } : await leechAll(good, torrent, COMPLETE_LIMIT_MS)
  const memory = memoryCheck(seeder)
  bad?.close()
  good?.close()
  const stops = await stage.stopAll()
  const isRight = 'bytes' in got && got.bytes.equals(torrent.content)
  return {
    checks: [
      {
        what: 'the client met the hostile peer',
        isMet: bad !== undefined,
        seen: bad === undefined ? 'refused' : 'connected',
      },
      {
        what: 'an honest leech is served',
        isMet: isRight,
        seen: 'why' in got ? got.why : isRight ? 'every byte' : 'wrong bytes',
      },
      memory,
      ...stops,
    ],
    payloadBytes: torrent.totalBytes,
  }
}
