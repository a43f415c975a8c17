/**
 * Packets that are under way: sent and not acked. They are kept whole, since "uTP cannot repackage data when resending".
 * Finds out which of them are lost.
 *
 * Spec: BEP 29, "packet loss", "Selective ACK"
 */
import type { Millis } from '../machine.ts'
import { seqAfter, seqDistance } from './wrapping.ts'

/** Packets between the oldest that is not acked and the newest. */
export const MAX_PACKETS_UNDER_WAY = 2048
/** "3 or more packets have been acked past it". */
export const LOSS_THRESHOLD_PACKETS = 3

/** What one ack settled. */
export interface AckResult {
  ackedBytes: number
  ackedPackets: number
  /** Of the last packet among them that was sent only once; `null` without one. */
  rttMs: Millis | null
}

export class SendWindow {
  /** The oldest packet that is not acked; the next one where there is none. */
  firstSeq: number
  /** The number of the next new packet. */
  nextSeq: number
  /** Payload of packets that are neither acked nor lost. */
  bytesUnderWay = 0
  /** Lost packets that were not sent again yet. */
  lostCount = 0
  /** Of the packets that were found lost: the newest. */
  newestLostSeq = 0
  readonly result: AckResult = { ackedBytes: 0, ackedPackets: 0, rttMs: null }
  #packets: (Uint8Array | null)[] = emptySlots(FIRST_SLOTS)
  #payloadBytes: Uint16Array = new Uint16Array(FIRST_SLOTS)
  #sentMs: Float64Array = new Float64Array(FIRST_SLOTS)
  /** Counts every sending: which packet went out before which. */
  #order: Float64Array = new Float64Array(FIRST_SLOTS)
  #sendings: Uint8Array = new Uint8Array(FIRST_SLOTS)
  #isLost: Uint8Array = new Uint8Array(FIRST_SLOTS)
  #mask = FIRST_SLOTS - 1
  #lastOrder = 0
  #newestAckedOrder = 0
  /** The newest packet that is acked, in or out of order. */
  #newestAckedSeq: number
  /** No packet before it is lost. */
  #lostFrom: number

  constructor(firstSeq: number) {
    this.firstSeq = firstSeq
    this.nextSeq = firstSeq
    this.#newestAckedSeq = seqAfter(firstSeq, -1)
    this.#lostFrom = firstSeq
  }

  /** From the oldest that is not acked on. */
  get count(): number {
    return seqDistance(this.firstSeq, this.nextSeq)
  }

  get isFull(): boolean {
    return this.count >= MAX_PACKETS_UNDER_WAY
  }

  /** A new packet, with the number `nextSeq`, goes out now. */
  add(packet: Uint8Array, payloadBytes: number, nowMs: Millis): void {
    if (this.count > this.#mask) this.#grow()
    const slot = this.nextSeq & this.#mask
    this.#packets[slot] = packet
    this.#payloadBytes[slot] = payloadBytes
    this.#sendings[slot] = 0
    this.#isLost[slot] = 0
    this.bytesUnderWay += payloadBytes
    this.#note(slot, nowMs)
    this.nextSeq = seqAfter(this.nextSeq, 1)
  }

  /** The oldest lost packet, `null` when there is none. */
  get nextLost(): number | null {
    if (this.lostCount === 0) return null
    let seqNr = this.#lostFrom
    while (this.#isLost[seqNr & this.#mask] !== 1) seqNr = seqAfter(seqNr, 1)
    this.#lostFrom = seqNr
    return seqNr
  }

  /** A lost packet goes out once more. */
  resend(seqNr: number, nowMs: Millis): void {
    const slot = seqNr & this.#mask
    if (this.#isLost[slot] === 1) {
      this.#isLost[slot] = 0
      this.lostCount -= 1
      this.bytesUnderWay += this.#payloadBytes[slot] ?? 0
    }
    this.#note(slot, nowMs)
  }

  packetOf(seqNr: number): Uint8Array | null {
    return this.#isUnderWay(seqNr) ? (this.#packets[seqNr & this.#mask] ?? null) : null
  }

  payloadBytesOf(seqNr: number): number {
    return this.#payloadBytes[seqNr & this.#mask] ?? 0
  }

  replace(seqNr: number, packet: Uint8Array): void {
    this.#packets[seqNr & this.#mask] = packet
  }

  isLost(seqNr: number): boolean {
    return this.#isUnderWay(seqNr) && this.#isLost[seqNr & this.#mask] === 1
  }

  /** Takes an ack of what was sent; `result` tells what it settled. */
  acknowledge(ackNr: number, selectiveAck: Uint8Array | null, nowMs: Millis): void {
    const { result } = this
    result.ackedBytes = 0
    result.ackedPackets = 0
    result.rttMs = null
    while (this.firstSeq !== this.nextSeq && seqDistance(this.firstSeq, ackNr) >= 0) {
      this.#settle(this.firstSeq, nowMs)
      this.firstSeq = seqAfter(this.firstSeq, 1)
    }
    if (selectiveAck !== null) this.#selective(ackNr, selectiveAck, nowMs)
    while (this.firstSeq !== this.nextSeq && this.#packets[this.firstSeq & this.#mask] === null) {
      this.firstSeq = seqAfter(this.firstSeq, 1)
    }
    if (seqDistance(this.#lostFrom, this.firstSeq) > 0) this.#lostFrom = this.firstSeq
  }

  /** Marks what must be lost by now; answers how many packets were not known to be lost before. */
  findLost(): number {
    let lost = 0
    let ackedAfter = 0
    const oldest = seqAfter(this.firstSeq, -1)
    for (let seqNr = this.#newestAckedSeq; seqDistance(oldest, seqNr) > 0; ) {
      const slot = seqNr & this.#mask
      if (this.#packets[slot] === null) ackedAfter += 1
      else if (
        ackedAfter >= LOSS_THRESHOLD_PACKETS &&
        // One that was sent again is lost again only if what was sent after that has arrived.
        (this.#order[slot] ?? 0) + LOSS_THRESHOLD_PACKETS <= this.#newestAckedOrder &&
        this.#lose(slot, seqNr)
      ) {
        lost += 1
      }
      seqNr = seqAfter(seqNr, -1)
    }
    return lost
  }

  /** What was sent up to `untilMs` and before something that is acked counts as lost; answers how many. */
  loseOvertaken(untilMs: Millis): number {
    let lost = 0
    for (let seqNr = this.firstSeq; seqNr !== this.nextSeq; seqNr = seqAfter(seqNr, 1)) {
      const slot = seqNr & this.#mask
      const isOvertaken = (this.#order[slot] ?? 0) < this.#newestAckedOrder
      if (this.#packets[slot] === null || !isOvertaken) continue
      if ((this.#sentMs[slot] ?? 0) <= untilMs && this.#lose(slot, seqNr)) lost += 1
    }
    return lost
  }

  /** The oldest packet counts as lost; `false` when it did so before. */
  loseFirst(): boolean {
    if (this.count === 0) return false
    return this.#lose(this.firstSeq & this.#mask, this.firstSeq)
  }

  loseAll(): void {
    for (let seqNr = this.firstSeq; seqNr !== this.nextSeq; seqNr = seqAfter(seqNr, 1)) {
      const slot = seqNr & this.#mask
      if (this.#packets[slot] !== null) this.#lose(slot, seqNr)
    }
  }

  #isUnderWay(seqNr: number): boolean {
    return seqDistance(this.firstSeq, seqNr) >= 0 && seqDistance(seqNr, this.nextSeq) > 0
  }

  #selective(ackNr: number, bits: Uint8Array, nowMs: Millis): void {
    let seqNr = seqAfter(ackNr, 2)
    for (const byte of bits) {
      for (let bit = 1; bit < 256; bit *= 2) {
        // "Bits that are outside of the send window are ignored."
        if ((byte & bit) !== 0 && this.#isUnderWay(seqNr)) this.#settle(seqNr, nowMs)
        seqNr = seqAfter(seqNr, 1)
      }
    }
  }

  #settle(seqNr: number, nowMs: Millis): void {
    const slot = seqNr & this.#mask
    if (this.#packets[slot] === null) return
    this.#packets[slot] = null
    const payloadBytes = this.#payloadBytes[slot] ?? 0
    if (this.#isLost[slot] === 1) {
      // It had arrived, but nobody knows when: the acks were what was lost.
      this.#isLost[slot] = 0
      this.lostCount -= 1
    } else {
      this.bytesUnderWay -= payloadBytes
      if (this.#sendings[slot] === 1) this.result.rttMs = nowMs - (this.#sentMs[slot] ?? nowMs)
    }
    this.result.ackedBytes += payloadBytes
    this.result.ackedPackets += 1
    this.#newestAckedOrder = Math.max(this.#newestAckedOrder, this.#order[slot] ?? 0)
    if (seqDistance(this.#newestAckedSeq, seqNr) > 0) this.#newestAckedSeq = seqNr
  }

  #lose(slot: number, seqNr: number): boolean {
    if (this.#isLost[slot] === 1) return false
    this.#isLost[slot] = 1
    if (this.lostCount === 0 || seqDistance(this.#lostFrom, seqNr) < 0) this.#lostFrom = seqNr
    if (this.lostCount === 0 || seqDistance(this.newestLostSeq, seqNr) > 0) {
      this.newestLostSeq = seqNr
    }
    this.lostCount += 1
    this.bytesUnderWay -= this.#payloadBytes[slot] ?? 0
    return true
  }

  #note(slot: number, nowMs: Millis): void {
    this.#sentMs[slot] = nowMs
    this.#lastOrder += 1
    this.#order[slot] = this.#lastOrder
    this.#sendings[slot] = Math.min(255, (this.#sendings[slot] ?? 0) + 1)
  }

  #grow(): void {
    const old = {
      packets: this.#packets,
      payloadBytes: this.#payloadBytes,
      sentMs: this.#sentMs,
      order: this.#order,
      sendings: this.#sendings,
      isLost: this.#isLost,
      mask: this.#mask,
    }
    const slots = (old.mask + 1) * 2
    this.#mask = slots - 1
    this.#packets = emptySlots(slots)
    this.#payloadBytes = new Uint16Array(slots)
    this.#sentMs = new Float64Array(slots)
    this.#order = new Float64Array(slots)
    this.#sendings = new Uint8Array(slots)
    this.#isLost = new Uint8Array(slots)
    for (let seqNr = this.firstSeq; seqNr !== this.nextSeq; seqNr = seqAfter(seqNr, 1)) {
      const from = seqNr & old.mask
      const to = seqNr & this.#mask
      this.#packets[to] = old.packets[from] ?? null
      this.#payloadBytes[to] = old.payloadBytes[from] ?? 0
      this.#sentMs[to] = old.sentMs[from] ?? 0
      this.#order[to] = old.order[from] ?? 0
      this.#sendings[to] = old.sendings[from] ?? 0
      this.#isLost[to] = old.isLost[from] ?? 0
    }
  }
}

const FIRST_SLOTS = 32

function emptySlots(count: number): (Uint8Array | null)[] {
  return Array.from({ length: count }, () => null)
}
