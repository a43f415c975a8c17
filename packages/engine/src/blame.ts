/**
 * Who sent bad data, and for how long we want nothing of them. A v1 hash covers a whole piece, so when several peers had
 * a hand in a bad one, the digests of its blocks are kept until a good copy shows which of them were false.
 *
 * It costs us at most one piece to find a liar: the piece that it spoiled is the proof.
 */
import { parseIp } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'

export interface LedgerOptions {
  /** Any digest that nobody can forge in time; it stays in memory. */
  readonly digest: (bytes: Uint8Array) => Uint8Array
}

/** A piece whose hash did not match. */
export interface FailedPiece {
  readonly pieceIndex: number
  readonly bytes: Uint8Array
  readonly blockBytes: number
  /** By block, the host that sent it. */
  readonly senders: readonly string[]
}

export const LEDGER_LIMITS = {
  /** Failed pieces that wait for a good copy; the oldest is forgotten for a new one. */
  pieces: 64,
  /** Failed copies of one piece that are remembered. */
  copies: 4,
  /** Hosts under suspicion. */
  suspects: 1000,
} as const

/** Pieces that a host had a hand in before it is banned without proof. */
export const SUSPICIONS_BEFORE_BAN = 3

export class CorruptionLedger {
  readonly #digest: LedgerOptions['digest']
  /** By piece. */
  readonly #failed = new Map<number, FailedCopy[]>()
  /** By host: the pieces that it is suspected of. */
  readonly #suspects = new Map<string, Set<number>>()

  constructor(options: LedgerOptions) {
    this.#digest = options.digest
  }

  /** Whether a good copy of this piece would prove who lied: hand its bytes to `verified`. */
  isWatching(pieceIndex: number): boolean {
    return this.#failed.has(pieceIndex)
  }

  /** A piece did not match its hash. Answers the hosts to ban at once. */
  failed(piece: FailedPiece): readonly string[] {
    const hosts = new Set(piece.senders.filter((host) => host !== ''))
    const [only] = hosts
    if (hosts.size === 1 && only !== undefined) {
      this.#suspects.delete(only)
      return [only]
    }
    this.#remember(piece)
    for (const host of hosts) this.#suspect(host, piece.pieceIndex)
    return this.#worstOf(hosts)
  }

  /** A good copy of a watched piece. Answers the hosts that are now proved to have lied; the others are cleared. */
  verified(pieceIndex: number, bytes: Uint8Array): readonly string[] {
    const copies = this.#failed.get(pieceIndex)
    if (copies === undefined) return []
    this.#failed.delete(pieceIndex)
    const liars = new Set<string>()
    for (const copy of copies) {
      for (const [block, digest] of copy.digests.entries()) {
        const sender = copy.senders[block]
        if (sender === undefined || sender === '' || liars.has(sender)) continue
        const good = this.#digest(blockOf(bytes, block, copy.blockBytes))
        if (!isSame(good, digest)) liars.add(sender)
      }
    }
    for (const copy of copies) for (const host of copy.senders) this.#clear(host, pieceIndex)
    for (const host of liars) this.#suspects.delete(host)
    return [...liars]
  }

  /** The piece is of no interest any more. */
  forget(pieceIndex: number): void {
    const copies = this.#failed.get(pieceIndex) ?? []
    this.#failed.delete(pieceIndex)
    for (const copy of copies) for (const host of copy.senders) this.#clear(host, pieceIndex)
  }

  #remember(piece: FailedPiece): void {
    const copies = this.#failed.get(piece.pieceIndex) ?? []
    const digests = piece.senders.map((_, block) =>
      this.#digest(blockOf(piece.bytes, block, piece.blockBytes)),
    )
    copies.push({ digests, senders: piece.senders, blockBytes: piece.blockBytes })
    if (copies.length > LEDGER_LIMITS.copies) copies.shift()
    this.#failed.delete(piece.pieceIndex)
    this.#failed.set(piece.pieceIndex, copies)
    const [oldest] = this.#failed.keys()
    if (this.#failed.size > LEDGER_LIMITS.pieces && oldest !== undefined)
      this.#failed.delete(oldest)
  }

  #suspect(host: string, pieceIndex: number): void {
    const pieces = this.#suspects.get(host) ?? new Set<number>()
    pieces.add(pieceIndex)
    this.#suspects.delete(host)
    this.#suspects.set(host, pieces)
    const [oldest] = this.#suspects.keys()
    if (this.#suspects.size > LEDGER_LIMITS.suspects && oldest !== undefined) {
      this.#suspects.delete(oldest)
    }
  }

  #clear(host: string, pieceIndex: number): void {
    const pieces = this.#suspects.get(host)
    pieces?.delete(pieceIndex)
    if (pieces?.size === 0) this.#suspects.delete(host)
  }

  /**
   * Three suspicions are enough, but only for whoever has most of them: a liar meets many honest peers, each of which
   * shares some of its bad pieces. Among equals we wait for proof.
   */
  #worstOf(hosts: ReadonlySet<string>): readonly string[] {
    const counts = [...hosts].map((host) => [host, this.#suspects.get(host)?.size ?? 0] as const)
    const most = Math.max(...counts.map(([, count]) => count))
    const worst = counts.filter(([, count]) => count === most)
    const [first] = worst
    if (most < SUSPICIONS_BEFORE_BAN || worst.length > 1 || first === undefined) return []
    this.#suspects.delete(first[0])
    return [first[0]]
  }
}

export const BAN_LIMIT = 4096
export const FIRST_BAN_MS: number = 60 * 60_000
export const LATER_BAN_MS: number = 24 * 60 * 60_000

/** Hosts that we neither dial nor accept: IPv4 by address, IPv6 by /64. An hour at first, a day for each further time. */
export class BanList {
  readonly #bans = new Map<string, { untilMs: Millis; times: number }>()

  get size(): number {
    return this.#bans.size
  }

  ban(host: string, nowMs: Millis): void {
    const key = banKey(host)
    const times = (this.#bans.get(key)?.times ?? 0) + 1
    this.#bans.delete(key)
    this.#bans.set(key, { untilMs: nowMs + (times === 1 ? FIRST_BAN_MS : LATER_BAN_MS), times })
    if (this.#bans.size <= BAN_LIMIT) return
    const [oldest] = this.#bans.keys()
    if (oldest !== undefined) this.#bans.delete(oldest)
  }

  isBanned(host: string, nowMs: Millis): boolean {
    return (this.#bans.get(banKey(host))?.untilMs ?? Number.NEGATIVE_INFINITY) > nowMs
  }

  lift(host: string): void {
    this.#bans.delete(banKey(host))
  }
}

interface FailedCopy {
  readonly digests: readonly Uint8Array[]
  readonly senders: readonly string[]
  readonly blockBytes: number
}

function blockOf(bytes: Uint8Array, block: number, blockBytes: number): Uint8Array {
  return bytes.subarray(block * blockBytes, (block + 1) * blockBytes)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

/** One household has one IPv4 address, or a whole /64 of IPv6. */
function banKey(host: string): string {
  const bytes = parseIp(host)
  if (bytes === null) return host
  if (bytes.length === 4) return bytes.join('.')
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255
  return isMapped && bytes[11] === 255
    ? bytes.subarray(12).join('.')
    : bytes.subarray(0, 8).join(':')
}
