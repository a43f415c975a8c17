/**
 * All uTP connections of one UDP socket: finds whose a datagram is, and takes strangers in within bounds.
 *
 * Spec: BEP 29, "connection_id", "type" <https://www.bittorrent.org/beps/bep_0029.html>
 */
import { decodeUtpPacket, encodeUtpPacket, type UtpPacket } from '../bep/0029-packet.ts'
import { addressScope, parseIp } from '../ip-address.ts'
import { invariant, type Machine, type Millis, type RandomInt } from '../machine.ts'
import { UtpConnection } from './connection.ts'
import {
  UTP_DEFAULTS,
  type UtpAddress,
  type UtpEffect,
  type UtpInput,
  type UtpOptions,
} from './contract.ts'
import { SAFE_DATAGRAM_BYTES } from './mtu-search.ts'
import type { BufferBudget } from './receive-window.ts'
import { microsOf, seqAfter } from './wrapping.ts'

export { UTP_DEFAULTS } from './contract.ts'
export type { UtpAddress, UtpCloseReason, UtpEffect, UtpInput, UtpOptions } from './contract.ts'

/** Resets for packets that nobody waits for, in a second. */
export const MAX_RESETS_PER_SECOND = 20
/** Where nothing can be lost on the way for its length. */
export const LOOPBACK_DATAGRAM_BYTES = 1400
/** Timers may be so late: they are looked through no more often. */
export const TIMER_STEP_MS: Millis = 10

export class UtpMux implements Machine<UtpInput, UtpEffect> {
  readonly #options: UtpOptions
  readonly #random: RandomInt
  readonly #budget: BufferBudget
  readonly #byNumber = new Map<number, UtpConnection>()
  /** By what packets to us carry: the connection id and the remote's port. Few share both. */
  readonly #byRoute = new Map<number, UtpConnection[]>()
  /** Those whose acks wait for the end of this batch of datagrams. */
  #acking = new Set<UtpConnection>()
  #acksDueMs: Millis = 0
  #timerMs: Millis = Number.POSITIVE_INFINITY
  #nextNumber = 1
  #resetsLeft: number = MAX_RESETS_PER_SECOND
  #resetsSinceMs: Millis = 0

  constructor(random: RandomInt, options: Partial<UtpOptions> = {}) {
    this.#random = random
    this.#options = { ...UTP_DEFAULTS, ...options }
    this.#budget = { usedBytes: 0, limitBytes: this.#options.receiveBytesInAll }
  }

  /** Connections of all phases. */
  get connectionCount(): number {
    return this.#byNumber.size
  }

  get deadlineMs(): Millis | null {
    const dueMs = this.#acking.size > 0 ? this.#acksDueMs : this.#timerMs
    return dueMs === Number.POSITIVE_INFINITY ? null : dueMs
  }

  /** A number for the next `connect`. */
  newConnection(): number {
    this.#nextNumber += 1
    return this.#nextNumber
  }

  /** Bytes written and not yet sent; 0 for a connection that is closed. */
  queuedBytes(connection: number): number {
    return this.#byNumber.get(connection)?.queuedBytes ?? 0
  }

  handle(input: UtpInput, nowMs: Millis): readonly UtpEffect[] {
    switch (input.kind) {
      case 'datagram':
        return this.#datagram(input.bytes, input.from, nowMs)
      case 'tick':
        return this.#tick(nowMs)
      case 'connect':
        return this.#connect(input.connection, input.to, nowMs)
      default: {
        const connection = this.#byNumber.get(input.connection)
        if (connection === undefined) return NOTHING
        return this.#settled(connection, connection.handle(input, nowMs), nowMs)
      }
    }
  }

  #datagram(bytes: Uint8Array, from: UtpAddress, nowMs: Millis): readonly UtpEffect[] {
    const packet = decodeUtpPacket(bytes)
    if (typeof packet === 'string') return NOTHING
    const connection = this.#find(packet, from)
    if (connection !== null) {
      return this.#settled(connection, connection.handle({ kind: 'packet', packet }, nowMs), nowMs)
    }
    if (packet.type === 'syn') return this.#accept(packet, from, nowMs)
    return packet.type === 'reset' ? NOTHING : this.#refuse(packet, from, nowMs)
  }

  #find(packet: UtpPacket, from: UtpAddress): UtpConnection | null {
    const { connectionId: id } = packet
    // A SYN carries the id of the packets that go back.
    if (packet.type === 'syn') return this.#route(seqAfter(id, 1), from)
    const found = this.#route(id, from)
    if (packet.type !== 'reset' || found !== null) return found
    // A reset carries the id of the packet that it answers.
    for (const beside of [seqAfter(id, -1), seqAfter(id, 1)]) {
      const connection = this.#route(beside, from)
      if (connection?.sendId === id) return connection
    }
    return null
  }

  #route(receiveId: number, from: UtpAddress): UtpConnection | null {
    const there = this.#byRoute.get(routeKey(receiveId, from))
    if (there === undefined) return null
    for (const connection of there) if (connection.remote.host === from.host) return connection
    return null
  }

  #connect(number: number, to: UtpAddress, nowMs: Millis): readonly UtpEffect[] {
    invariant(!this.#byNumber.has(number), 'numbers of connections are used once')
    const receiveId = this.#freeId(to)
    if (receiveId === null || this.#byNumber.size >= this.#options.maxConnections) {
      return [{ kind: 'closed', connection: number, reason: 'too-many' }]
    }
    const connection = this.#newConnection(number, to, 'outgoing', receiveId)
    return this.#settled(connection, connection.handle({ kind: 'start' }, nowMs), nowMs)
  }

  #freeId(to: UtpAddress): number | null {
    for (let tries = 0; tries < ID_TRIES; tries++) {
      const id = this.#random(65_536)
      if (this.#route(id, to) === null) return id
    }
    return null
  }

  #accept(packet: UtpPacket, from: UtpAddress, nowMs: Millis): readonly UtpEffect[] {
    if (!this.#hasRoomFor(from)) return NOTHING
    const receiveId = seqAfter(packet.connectionId, 1)
    const connection = this.#newConnection(this.newConnection(), from, 'incoming', receiveId)
    return this.#settled(connection, connection.handle({ kind: 'packet', packet }, nowMs), nowMs)
  }

  #hasRoomFor(from: UtpAddress): boolean {
    const { maxConnections, maxHalfOpen, maxHalfOpenPerHost, maxIncomingPerHost } = this.#options
    if (this.#byNumber.size >= maxConnections) return false
    const block = hostBlock(from.host)
    let halfOpen = 0
    let halfOpenThere = 0
    let incomingThere = 0
    for (const connection of this.#byNumber.values()) {
      if (connection.direction === 'outgoing') continue
      const isThere = connection.remoteBlock === block
      if (isThere) incomingThere += 1
      if (!connection.isHalfOpen) continue
      halfOpen += 1
      if (isThere) halfOpenThere += 1
    }
    if (halfOpen >= maxHalfOpen) return false
    return halfOpenThere < maxHalfOpenPerHost && incomingThere < maxIncomingPerHost
  }

  /** Says that there is no such connection; never longer than what it answers. */
  #refuse(packet: UtpPacket, from: UtpAddress, nowMs: Millis): readonly UtpEffect[] {
    if (nowMs - this.#resetsSinceMs >= 1000) {
      this.#resetsSinceMs = nowMs
      this.#resetsLeft = MAX_RESETS_PER_SECOND
    }
    if (this.#resetsLeft === 0) return NOTHING
    this.#resetsLeft -= 1
    const bytes = encodeUtpPacket({
      type: 'reset',
      connectionId: packet.connectionId,
      timestampMicros: microsOf(nowMs),
      delayMicros: 0,
      windowBytes: 0,
      seqNr: this.#random(65_536),
      ackNr: packet.seqNr,
    })
    return [{ kind: 'send', to: from, bytes }]
  }

  #tick(nowMs: Millis): readonly UtpEffect[] {
    const effects: UtpEffect[] = []
    const acking = [...this.#acking]
    this.#acking.clear()
    for (const connection of acking) {
      if (connection.isAckDue) this.#run(connection, nowMs, effects)
    }
    if (nowMs < this.#timerMs) return effects
    this.#timerMs = Number.POSITIVE_INFINITY
    for (const connection of [...this.#byNumber.values()]) {
      if (nowMs >= connection.timerMs) this.#run(connection, nowMs, effects)
      if (!connection.isGone) this.#wakeBy(connection.timerMs, nowMs)
    }
    return effects
  }

  #run(connection: UtpConnection, nowMs: Millis, effects: UtpEffect[]): void {
    const made = connection.handle({ kind: 'tick' }, nowMs)
    for (const effect of this.#settled(connection, made, nowMs)) effects.push(effect)
  }

  #settled(
    connection: UtpConnection,
    effects: readonly UtpEffect[],
    nowMs: Millis,
  ): readonly UtpEffect[] {
    if (connection.isGone) this.#remove(connection)
    else if (connection.isAckDue) {
      if (this.#acking.size === 0) this.#acksDueMs = nowMs
      this.#acking.add(connection)
    }
    this.#wakeBy(connection.timerMs, nowMs)
    return effects
  }

  #wakeBy(timerMs: Millis, nowMs: Millis): void {
    if (timerMs < this.#timerMs) this.#timerMs = Math.max(timerMs, nowMs + TIMER_STEP_MS)
  }

  #newConnection(
    number: number,
    remote: UtpAddress,
    direction: 'incoming' | 'outgoing',
    receiveId: number,
  ): UtpConnection {
    const ip = parseIp(remote.host)
    const isLoopback = ip !== null && addressScope(ip) === 'loopback'
    const connection = new UtpConnection({
      connection: number,
      remote,
      remoteBlock: hostBlock(remote.host),
      direction,
      receiveId,
      firstSeq: this.#random(65_536),
      firstDatagramBytes: isLoopback ? LOOPBACK_DATAGRAM_BYTES : SAFE_DATAGRAM_BYTES,
      options: this.#options,
      budget: this.#budget,
    })
    this.#byNumber.set(number, connection)
    const key = routeKey(receiveId, remote)
    const there = this.#byRoute.get(key)
    if (there === undefined) this.#byRoute.set(key, [connection])
    else there.push(connection)
    return connection
  }

  #remove(connection: UtpConnection): void {
    this.#byNumber.delete(connection.connection)
    const key = routeKey(connection.receiveId, connection.remote)
    const left = (this.#byRoute.get(key) ?? []).filter((other) => other !== connection)
    if (left.length === 0) this.#byRoute.delete(key)
    else this.#byRoute.set(key, left)
  }
}

const NOTHING: readonly UtpEffect[] = []
const ID_TRIES = 16

function routeKey(receiveId: number, remote: UtpAddress): number {
  return receiveId * 65_536 + remote.port
}

/** What one person has: an IPv4 address, or the first half of an IPv6 one. */
function hostBlock(host: string): string {
  if (!host.includes(':')) return host
  const ip = parseIp(host)
  return ip === null ? host : ip.subarray(0, 8).join('.')
}
