/**
 * One direction of a connection: makes packets of what is written, and sends and sends again as the window, the remote
 * and the losses allow.
 *
 * Spec: BEP 29, "overview", "packet loss", "timeouts", "packet sizes"
 */
import {
  UTP_HEADER_BYTES,
  type UtpHeader,
  type UtpPacket,
  type UtpPacketType,
  writeUtpHeader,
  writeUtpPadding,
} from '../bep/0029-packet.ts'
import type { Millis } from '../machine.ts'
import { DelayHistory } from './delay-history.ts'
import { Ledbat, MIN_CUT_GAP_MS } from './ledbat.ts'
import type { MtuSearch } from './mtu-search.ts'
import { RoundTrip } from './round-trip.ts'
import { LOSS_THRESHOLD_PACKETS, MAX_PACKETS_UNDER_WAY, SendWindow } from './send-window.ts'
import { seqAfter, seqDistance } from './wrapping.ts'
import { WriteQueue } from './write-queue.ts'

/** How far back an ack may lie that reordering has delayed; older ones are no acks of ours. */
export const MAX_ACKS_BEHIND = 256
/** A remote that takes nothing is tried again this often: what told of its new window may be lost. */
export const ZERO_WINDOW_PROBE_MS: Millis = 15_000

/** What an ack is worth. `unsent`: it claims what we have not sent yet. `outside`: nobody with our packets wrote it. */
export type AckJudgement = 'valid' | 'unsent' | 'outside'

export interface SenderInit {
  readonly connectionId: number
  readonly firstSeq: number
  readonly windowBytes: number
  readonly mtu: MtuSearch
  /** Stamps a packet and sends it. */
  readonly transmit: (packet: Uint8Array, nowMs: Millis) => void
}

export class UtpSender {
  readonly queue: WriteQueue = new WriteQueue()
  readonly roundTrip: RoundTrip = new RoundTrip()
  readonly delays: DelayHistory = new DelayHistory()
  readonly ledbat: Ledbat
  window: SendWindow
  remoteWindowBytes = 0
  isFinSent = false
  /** When everything under way counts as lost, or a closed window is tried. */
  #timeoutMs: Millis = Number.POSITIVE_INFINITY
  /** When the first packet goes again, just in case. */
  #nudgeMs: Millis = Number.POSITIVE_INFINITY
  readonly #init: SenderInit
  readonly #mtu: MtuSearch
  #isFinWanted = false
  #duplicateAcks = 0
  /** Packets from this number on were sent after the last cut of the window. */
  #cutSeq: number
  #cutMs: Millis = Number.NEGATIVE_INFINITY
  #slab: Uint8Array = new Uint8Array(0)
  #slabUsed = 0

  constructor(init: SenderInit) {
    this.#init = init
    this.#mtu = init.mtu
    this.window = new SendWindow(init.firstSeq)
    this.#cutSeq = init.firstSeq
    this.ledbat = new Ledbat(this.#fullBytes, init.windowBytes)
  }

  /** When `due` is to be called; infinite when nothing is due. */
  get deadlineMs(): Millis {
    return Math.min(this.#timeoutMs, this.#nudgeMs)
  }

  /** Everything, the end included, has arrived. */
  get isDone(): boolean {
    return this.isFinSent && this.window.count === 0
  }

  /** Sends a packet that must arrive and carries nothing. */
  sendEmpty(type: UtpPacketType, connectionId: number, nowMs: Millis): void {
    const packet = new Uint8Array(UTP_HEADER_BYTES)
    writeUtpHeader(packet, { ...NO_STAMP, type, connectionId, seqNr: this.window.nextSeq }, 0)
    this.#add(packet, 0, nowMs)
  }

  finish(): void {
    this.#isFinWanted = true
  }

  judge(ackNr: number): AckJudgement {
    const ahead = seqDistance(seqAfter(this.window.firstSeq, -1), ackNr)
    if (ahead > this.window.count) {
      return ahead <= this.window.count + MAX_PACKETS_UNDER_WAY ? 'unsent' : 'outside'
    }
    return ahead >= -MAX_ACKS_BEHIND ? 'valid' : 'outside'
  }

  /** Takes a valid ack and the rest of what its header tells us. */
  take(packet: UtpPacket, nowMs: Millis): void {
    const { window } = this
    const isCurrent = seqDistance(window.firstSeq, packet.ackNr) >= -1
    const hadPackets = window.count > 0
    const underWay = window.bytesUnderWay
    if (packet.delayMicros !== 0 && packet.delayMicros !== UNSET_DELAY) {
      this.delays.add(packet.delayMicros, nowMs)
    }
    window.acknowledge(packet.ackNr, packet.selectiveAck, nowMs)
    const { ackedBytes, ackedPackets, rttMs } = window.result
    if (rttMs !== null) this.roundTrip.sample(rttMs)
    if (ackedPackets > 0) this.#progressed(nowMs)
    else if (isCurrent && hadPackets && packet.type === 'state') {
      this.#countDuplicate(packet)
    }
    if (ackedBytes > 0) {
      const wasFull = underWay + this.#fullBytes > this.ledbat.windowBytes
      const queueMicros = this.#queueMicros(rttMs)
      this.ledbat.acked({ ackedBytes, queueMicros, rttMs: this.#rttMs, wasFull }, nowMs)
    }
    if (isCurrent) this.remoteWindowBytes = packet.windowBytes
    this.#handleLosses(nowMs)
  }

  /** Sends what may be sent now. */
  pump(nowMs: Millis): void {
    const { window, queue } = this
    if (window.lostCount > 0 && !this.#resendLost(nowMs)) return
    while (queue.lengthBytes > 0 && !window.isFull) {
      const payloadBytes = this.#nextPayloadBytes()
      if (payloadBytes === 0) break
      this.#sendData(payloadBytes, nowMs)
    }
    const isFinDue = this.#isFinWanted && !this.isFinSent && queue.lengthBytes === 0
    if (isFinDue && !window.isFull) {
      this.isFinSent = true
      this.sendEmpty('fin', this.#init.connectionId, nowMs)
    }
    if (window.count > 0) return
    this.#timeoutMs =
      queue.lengthBytes > 0 ? nowMs + ZERO_WINDOW_PROBE_MS : Number.POSITIVE_INFINITY
  }

  /** Time has come. */
  due(nowMs: Millis): void {
    if (nowMs >= this.#timeoutMs) this.#timedOut(nowMs)
    else if (nowMs >= this.#nudgeMs) this.#nudge(nowMs)
  }

  /**
   * The last packets of a burst have none after them whose acks would show that they are lost. Well before the long
   * timeout, what others have overtaken counts as lost; else the first packet goes again, once, to provoke an ack.
   */
  #nudge(nowMs: Millis): void {
    this.#nudgeMs = Number.POSITIVE_INFINITY
    const { window } = this
    const lost = window.loseOvertaken(nowMs - this.#rttMs * REORDER_SHARE)
    if (lost > 0) {
      this.#cut(lost, nowMs)
      this.#armTimers(nowMs)
      this.pump(nowMs)
      return
    }
    const packet = window.packetOf(window.firstSeq)
    if (packet === null || window.isLost(window.firstSeq)) return
    window.resend(window.firstSeq, nowMs)
    this.#init.transmit(packet, nowMs)
  }

  #timedOut(nowMs: Millis): void {
    if (this.window.count === 0) {
      if (this.queue.lengthBytes > 0) this.#sendData(this.#probeBytes, nowMs)
      return
    }
    this.roundTrip.timedOut()
    const isProbeAlone = this.window.count === 1 && this.window.firstSeq === this.#mtu.probeSeq
    this.window.loseAll()
    this.#settleProbe(nowMs)
    if (!isProbeAlone) {
      this.ledbat.timedOut()
      this.#cutSeq = this.window.nextSeq
    }
    this.#duplicateAcks = 0
    this.#armTimers(nowMs)
    this.#nudgeMs = Number.POSITIVE_INFINITY
    this.pump(nowMs)
  }

  get #fullBytes(): number {
    return this.#mtu.datagramBytes - UTP_HEADER_BYTES
  }

  /** What is sent although the remote's window is closed. */
  get #probeBytes(): number {
    return Math.min(this.queue.lengthBytes, this.#fullBytes)
  }

  get #rttMs(): Millis {
    return this.roundTrip.rttMs ?? 0
  }

  /** What packets wait in queues; never more than a whole round trip takes. */
  #queueMicros(rttMs: Millis | null): number {
    const queueMicros = this.delays.queueMicros ?? 0
    return rttMs === null ? queueMicros : Math.min(queueMicros, rttMs * 1000)
  }

  #progressed(nowMs: Millis): void {
    this.roundTrip.progressed()
    this.#duplicateAcks = 0
    this.#armTimers(nowMs)
    this.#settleProbe(nowMs)
  }

  #armTimers(nowMs: Millis): void {
    const isUnderWay = this.window.count > 0
    this.#timeoutMs = isUnderWay ? nowMs + this.roundTrip.timeoutMs : Number.POSITIVE_INFINITY
    this.#nudgeMs = isUnderWay ? nowMs + this.roundTrip.nudgeMs : Number.POSITIVE_INFINITY
  }

  /** "when receiving 3 duplicate acks, ack_nr + 1 is assumed to have been lost" */
  #countDuplicate(packet: UtpPacket): void {
    if (packet.windowBytes !== this.remoteWindowBytes) return
    if (seqAfter(packet.ackNr, 1) !== this.window.firstSeq) return
    this.#duplicateAcks += 1
    if (this.#duplicateAcks === LOSS_THRESHOLD_PACKETS && this.window.loseFirst()) {
      this.#isFirstLost = true
    }
  }

  #isFirstLost = false

  #handleLosses(nowMs: Millis): void {
    let lost = this.window.findLost()
    if (this.#isFirstLost) lost += 1
    this.#isFirstLost = false
    if (lost === 0) return
    this.#cut(lost, nowMs)
  }

  #cut(lostPackets: number, nowMs: Millis): void {
    // A probe that is lost was too long: that says nothing about queues.
    const lost = this.#settleProbe(nowMs) === 'lost' ? lostPackets - 1 : lostPackets
    if (lost === 0 || nowMs - this.#cutMs < MIN_CUT_GAP_MS) return
    if (seqDistance(this.#cutSeq, this.window.newestLostSeq) < 0) return
    this.ledbat.lost(this.#rttMs, nowMs)
    this.#cutMs = nowMs
    this.#cutSeq = this.window.nextSeq
  }

  /** Looks what became of the datagram that was tried for its length. */
  #settleProbe(nowMs: Millis): 'lost' | 'other' {
    const { probeSeq } = this.#mtu
    if (probeSeq === null) return 'other'
    const packet = this.window.packetOf(probeSeq)
    if (packet === null) {
      this.#mtu.arrived(nowMs)
      this.ledbat.setPacketBytes(this.#fullBytes)
      return 'other'
    }
    if (!this.window.isLost(probeSeq)) return 'other'
    this.#mtu.lost(nowMs)
    this.window.replace(probeSeq, this.#withoutPadding(probeSeq, packet))
    return 'lost'
  }

  #withoutPadding(seqNr: number, packet: Uint8Array): Uint8Array {
    const payloadBytes = this.window.payloadBytesOf(seqNr)
    const plain = new Uint8Array(UTP_HEADER_BYTES + payloadBytes)
    plain.set(packet.subarray(0, UTP_HEADER_BYTES))
    plain[1] = 0
    plain.set(packet.subarray(packet.length - payloadBytes), UTP_HEADER_BYTES)
    return plain
  }

  /** Whether all of them could be sent. */
  #resendLost(nowMs: Millis): boolean {
    const { window } = this
    for (let seqNr = window.nextLost; seqNr !== null; seqNr = window.nextLost) {
      const bytes = window.bytesUnderWay + window.payloadBytesOf(seqNr)
      if (window.bytesUnderWay > 0 && bytes > this.ledbat.windowBytes) return false
      const packet = window.packetOf(seqNr)
      if (packet === null) return false
      window.resend(seqNr, nowMs)
      this.#init.transmit(packet, nowMs)
    }
    return true
  }

  /** "A socket may only send a packet if cur_window + packet_size is less than or equal to min(max_window, wnd_size)." */
  #nextPayloadBytes(): number {
    const wanted = Math.min(this.queue.lengthBytes, this.#fullBytes)
    const allowed = Math.min(this.ledbat.windowBytes, this.remoteWindowBytes)
    if (this.window.bytesUnderWay + wanted <= allowed) return wanted
    return this.window.count > 0 ? 0 : Math.min(wanted, this.remoteWindowBytes)
  }

  #sendData(payloadBytes: number, nowMs: Millis): void {
    const padding = this.#paddingOf(payloadBytes, nowMs)
    const payloadAt = UTP_HEADER_BYTES + padding
    const packet = this.#newPacket(payloadAt + payloadBytes)
    const { connectionId } = this.#init
    const seqNr = this.window.nextSeq
    writeUtpHeader(packet, { ...NO_STAMP, type: 'data', connectionId, seqNr }, 0)
    if (padding > 0) {
      writeUtpPadding(packet, UTP_HEADER_BYTES, padding)
      this.#mtu.sent(seqNr, packet.length)
    }
    this.queue.take(packet, payloadAt, payloadBytes)
    this.#add(packet, payloadBytes, nowMs)
  }

  #add(packet: Uint8Array, payloadBytes: number, nowMs: Millis): void {
    const isFirst = this.window.count === 0
    this.window.add(packet, payloadBytes, nowMs)
    if (isFirst) this.#armTimers(nowMs)
    this.#init.transmit(packet, nowMs)
  }

  /** A full packet may be made longer to try what the path carries. */
  #paddingOf(payloadBytes: number, nowMs: Millis): number {
    if (payloadBytes < this.#fullBytes) return 0
    const lengthBytes = this.#mtu.nextProbe(nowMs)
    if (lengthBytes === null) return 0
    const padding = lengthBytes - payloadBytes - UTP_HEADER_BYTES
    return padding < 2 ? 0 : Math.min(padding, MAX_PADDING_BYTES)
  }

  /** Packets of a long run share memory that is never used again: a packet may still wait in the system. */
  #newPacket(lengthBytes: number): Uint8Array {
    if (this.#slabUsed + lengthBytes > this.#slab.length) {
      if (this.queue.lengthBytes < SLAB_BYTES) return new Uint8Array(lengthBytes)
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#slabUsed = 0
    }
    const at = this.#slabUsed
    this.#slabUsed += lengthBytes
    return this.#slab.subarray(at, at + lengthBytes)
  }
}

/** Clients that have not measured a delay yet send the largest signed number. */
const UNSET_DELAY = 0x7fff_ffff
/** Of a round trip: what is older than that and was overtaken has not only changed its place. */
const REORDER_SHARE = 1.25
const SLAB_BYTES = 64 * 1024
const MAX_PADDING_BYTES = 257
const NO_STAMP: Omit<UtpHeader, 'type' | 'connectionId' | 'seqNr'> = {
  timestampMicros: 0,
  delayMicros: 0,
  windowBytes: 0,
  ackNr: 0,
}
