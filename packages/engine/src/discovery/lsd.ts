/**
 * Local service discovery: tells the neighbours on our own network which public torrents we have, and hears them. Both
 * are bounded: one message a minute goes out, and of what comes in only neighbours are heard, and so many a second.
 */
import {
  decodeLsd,
  encodeLsd,
  LSD_GROUPS,
  LSD_HASHES_LIMIT,
  LSD_INTERVAL_MS,
  LSD_LEAST_INTERVAL_MS,
  LSD_PORT,
} from '@pigeon/protocol/bep/0014-lsd'
import { toHex } from '@pigeon/protocol/bytes'
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import type { Address, DatagramSocket, Ports } from '../ports.ts'
import { isIoProblem } from '../problem.ts'
import { LEAST_PORT } from './contacts.ts'
import type { PeerFinder, Search } from './finder.ts'

/** Messages that are read in a second. */
export const LSD_HEARD_PER_SECOND = 50
/** Neighbours with a torrent of ours that are answered; others hear of us when it is time. */
export const LSD_ANSWERED_NEIGHBOURS = 1_000
/** A group that could not be joined is tried again this often. */
export const LSD_REJOIN_MS: Millis = 5 * 60_000

export interface LsdInit {
  readonly ports: Pick<Ports, 'clock' | 'datagrams' | 'random' | 'log'>
  /** Read with every tick. */
  readonly isOn: () => boolean
  /** Where peers reach us; `null` while nowhere. */
  readonly listenPort: () => number | null
}

/** A search, under one of its names. */
interface Announced {
  readonly infoHash: Uint8Array
  readonly search: Search
  lastMs: Millis
}

interface Group {
  readonly family: 4 | 6
  readonly group: string
  readonly host: string
  socket: DatagramSocket | null
  isJoining: boolean
  triedMs: Millis
}

export class LocalDiscovery implements PeerFinder {
  readonly source = 'lsd'
  readonly #init: LsdInit
  readonly #groups: readonly Group[]
  /** By which we know our own messages. */
  readonly #cookie: string
  /** By hexadecimal info-hash. */
  readonly #announced = new Map<string, Announced>()
  /** A torrent of ours and a neighbour, in one of its runs, that was heard to have it. */
  readonly #answered = new Set<string>()
  #lastSentMs: Millis = Number.NEGATIVE_INFINITY
  #lastHeardAtMs: number | null = null
  #heard = 0
  #heardSinceMs: Millis = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(init: LsdInit) {
    this.#init = init
    this.#cookie = toHex(init.ports.random.bytes(8))
    this.#groups = LSD_GROUPS.map((group) => ({
      ...group,
      socket: null,
      isJoining: false,
      triedMs: Number.NEGATIVE_INFINITY,
    }))
  }

  /** Wall time of the last announce of somebody else; `null` when none came yet. */
  get lastHeardAtMs(): number | null {
    return this.#lastHeardAtMs
  }

  find(search: Search): () => void {
    const lastMs = Number.NEGATIVE_INFINITY
    for (const infoHash of search.infoHashes)
      this.#announced.set(toHex(infoHash), { infoHash, search, lastMs })
    return () => {
      for (const infoHash of search.infoHashes) {
        const key = toHex(infoHash)
        if (this.#announced.get(key)?.search !== search) continue
        this.#announced.delete(key)
        for (const pair of this.#answered) if (pair.startsWith(key)) this.#answered.delete(pair)
      }
    }
  }

  /** Joins, leaves and announces as it is due. Call it about every second, or more often. */
  tick(nowMs: Millis): void {
    if (this.#isStopped) return
    if (!this.#init.isOn()) {
      this.#leave()
      return
    }
    for (const group of this.#groups) this.#join(group, nowMs)
    if (nowMs - this.#lastSentMs >= LSD_LEAST_INTERVAL_MS) this.#announce(nowMs)
  }

  stop(): void {
    this.#isStopped = true
    this.#leave()
  }

  #leave(): void {
    for (const group of this.#groups) {
      group.socket?.close()
      group.socket = null
      group.triedMs = Number.NEGATIVE_INFINITY
    }
  }

  #join(group: Group, nowMs: Millis): void {
    const isDue = nowMs - group.triedMs >= LSD_REJOIN_MS
    if (group.socket !== null || group.isJoining || !isDue) return
    group.isJoining = true
    group.triedMs = nowMs
    const address = { host: group.family === 4 ? '0.0.0.0' : '::', port: LSD_PORT }
    const { datagrams, log } = this.#init.ports
    const receive = (bytes: Uint8Array, from: Address): void => this.#hear(bytes, from)
    void datagrams.bind(address, receive, { group: group.group }).then((socket) => {
      group.isJoining = false
      if (isIoProblem(socket)) {
        log.write('info', 'lsd-not-joined', { group: group.group, problem: socket.message })
        return
      }
      // Meanwhile it may have been switched off.
      if (this.#isStopped || !this.#init.isOn()) socket.close()
      else group.socket = socket
    })
  }

  /** Those that waited longest go first, as many as one message holds. */
  #announce(nowMs: Millis): void {
    const port = this.#init.listenPort()
    const sockets = this.#groups.filter(({ socket }) => socket !== null)
    if (port === null || sockets.length === 0) return
    const due = [...this.#announced.values()]
      .filter(({ lastMs }) => nowMs - lastMs >= LSD_INTERVAL_MS)
      .toSorted((a, b) => a.lastMs - b.lastMs)
      .slice(0, LSD_HASHES_LIMIT)
    if (due.length === 0) return
    this.#lastSentMs = nowMs
    for (const announced of due) announced.lastMs = nowMs
    const infoHashes = due.map(({ infoHash }) => infoHash)
    for (const { group, host, socket } of sockets) {
      const bytes = encodeLsd({ host, port, infoHashes, cookie: this.#cookie })
      socket?.send(bytes, { host: group, port: LSD_PORT })
    }
  }

  #hear(bytes: Uint8Array, from: Address): void {
    const { clock } = this.#init.ports
    if (!this.#isWithinRate(clock.nowMs()) || !isNeighbour(from.host)) return
    const announce = decodeLsd(bytes)
    if (announce === null || announce.cookie === this.#cookie || announce.port < LEAST_PORT) return
    this.#lastHeardAtMs = clock.wallMs()
    const peer = { host: from.host, port: announce.port }
    for (const infoHash of announce.infoHashes.slice(0, LSD_HASHES_LIMIT)) {
      const announced = this.#announced.get(toHex(infoHash))
      if (announced === undefined) continue
      this.#answer(announced, `${peer.host} ${peer.port} ${announce.cookie}`)
      announced.search.onPeers([peer])
    }
  }

  /**
   * Who is new here has not heard us, and may only listen: ours is due again. Nobody is answered twice, lest two answer
   * each other for ever; and none is forgotten for others, lest many do.
   */
  #answer(announced: Announced, neighbour: string): void {
    const pair = `${toHex(announced.infoHash)} ${neighbour}`
    if (this.#answered.size >= LSD_ANSWERED_NEIGHBOURS || this.#answered.has(pair)) return
    this.#answered.add(pair)
    announced.lastMs = Number.NEGATIVE_INFINITY
  }

  #isWithinRate(nowMs: Millis): boolean {
    if (nowMs - this.#heardSinceMs >= 1_000) {
      this.#heardSinceMs = nowMs
      this.#heard = 0
    }
    this.#heard += 1
    return this.#heard <= LSD_HEARD_PER_SECOND
  }
}

/** Multicast of strangers is not for us, whatever router let it through. */
function isNeighbour(host: string): boolean {
  const ip = parseIp(host)
  const scope = ip === null ? 'never' : addressScope(ip)
  return scope === 'private' || scope === 'link-local' || scope === 'loopback'
}
