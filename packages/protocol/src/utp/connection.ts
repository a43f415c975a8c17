/**
 * One uTP connection: its beginning, its end, and what passes between.
 *
 * Spec: BEP 29, "connection setup", "packet loss", "timeouts" <https://www.bittorrent.org/beps/bep_0029.html>
 * Divergences: the first number is random instead of 1, as in every client, so that a stranger cannot guess it. The
 * answer to a SYN takes no number, as in every client; whoever counts it is understood. It is sent once for each SYN,
 * and nothing else is sent before the other has acked it: so nobody can use us against an address that is not theirs.
 */
import {
  encodeUtpPacket,
  stampUtpHeader,
  type UtpPacket,
  type UtpPacketType,
} from '../bep/0029-packet.ts'
import type { Machine, Millis } from '../machine.ts'
import type { UtpAddress, UtpCloseReason, UtpEffect, UtpOptions } from './contract.ts'
import { MtuSearch } from './mtu-search.ts'
import { type BufferBudget, MAX_PACKETS_AHEAD } from './receive-window.ts'
import { UtpReceiver } from './receiver.ts'
import { ReplyDelay } from './reply-delay.ts'
import { UtpSender } from './sender.ts'
import { SendWindow } from './send-window.ts'
import { microsOf, seqAfter, seqDistance } from './wrapping.ts'

/** A stranger that does not confirm its SYN is forgotten after this. */
export const HALF_OPEN_MS: Millis = 10_000
/** With packets of ours under way, silence of the other for so long ends it. */
export const SILENCE_MS: Millis = 120_000
/** A connection that is being closed waits so long for progress of what is still queued. */
export const CLOSING_MS: Millis = 10_000
/** A closed connection of which all is acked waits so long for the other's end. */
export const END_WAIT_MS: Millis = 3_000
/** A connection of which both ends are known answers so long when the other's comes again. */
export const LINGER_MS: Millis = 15_000
type Phase = 'new' | 'syn-sent' | 'syn-received' | 'connected' | 'lingering' | 'gone'

export interface UtpConnectionInit {
  /** Our number for it, in effects. */
  readonly connection: number
  readonly remote: UtpAddress
  /** What bounds on strangers count as one. */
  readonly remoteBlock: string
  readonly direction: 'incoming' | 'outgoing'
  /** The id of packets to us; those to the remote have the one beside it. */
  readonly receiveId: number
  /** Of our first packet. */
  readonly firstSeq: number
  readonly firstDatagramBytes: number
  readonly options: UtpOptions
  readonly budget: BufferBudget
}

export type UtpConnectionInput =
  /** Sends the SYN. */
  | { readonly kind: 'start' }
  | { readonly kind: 'packet'; readonly packet: UtpPacket }
  | { readonly kind: 'write'; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: 'pause' | 'resume' | 'finish' | 'close' | 'abort' | 'tick' }

export class UtpConnection implements Machine<UtpConnectionInput, UtpEffect> {
  readonly connection: number
  readonly remote: UtpAddress
  readonly remoteBlock: string
  readonly direction: 'incoming' | 'outgoing'
  readonly receiveId: number
  readonly sendId: number
  readonly #options: UtpOptions
  readonly #sender: UtpSender
  readonly #receiver: UtpReceiver
  readonly #replyDelay = new ReplyDelay()
  #phase: Phase = 'new'
  #effects: UtpEffect[] = []
  /** An ack waits for company: further packets to ack, or data to travel with. */
  #ackDueMs: Millis | null = null
  #isFinishing = false
  /** Nobody reads any more. */
  #isClosing = false
  #isWaitingForDrain = false
  #isWaitingForEnd = false
  #heardMs: Millis = 0
  #saidMs: Millis = 0
  #giveUpMs: Millis = Number.POSITIVE_INFINITY

  constructor(init: UtpConnectionInit) {
    this.connection = init.connection
    this.remote = init.remote
    this.remoteBlock = init.remoteBlock
    this.direction = init.direction
    this.receiveId = init.receiveId
    this.sendId = seqAfter(init.receiveId, init.direction === 'outgoing' ? 1 : -1)
    this.#options = init.options
    this.#receiver = new UtpReceiver({
      limitBytes: init.options.receiveBytes,
      budget: init.budget,
      deliver: (bytes) => this.#tell({ kind: 'bytes', connection: this.connection, bytes }),
      ended: () => this.#tell({ kind: 'ended', connection: this.connection }),
    })
    this.#sender = new UtpSender({
      connectionId: this.sendId,
      firstSeq: init.firstSeq,
      windowBytes: init.options.windowBytes,
      mtu: new MtuSearch(init.firstDatagramBytes, init.options.maxDatagramBytes),
      transmit: (packet, nowMs) => this.#transmit(packet, nowMs),
    })
  }

  /** Nothing of it is left. */
  get isGone(): boolean {
    return this.#phase === 'gone'
  }

  /** A stranger began it and has not shown that it is where it says. */
  get isHalfOpen(): boolean {
    return (
      this.#phase === 'syn-received' || (this.#phase === 'new' && this.direction === 'incoming')
    )
  }

  get isAckDue(): boolean {
    return this.#ackDueMs !== null
  }

  /** Bytes written and not yet sent. */
  get queuedBytes(): number {
    return this.#sender.queue.lengthBytes
  }

  get deadlineMs(): Millis | null {
    if (this.#ackDueMs !== null) return this.#ackDueMs
    const { timerMs } = this
    return timerMs === Number.POSITIVE_INFINITY ? null : timerMs
  }

  /** As `deadlineMs`, but for acks that wait; infinite when nothing is due. */
  get timerMs(): Millis {
    if (this.#phase === 'gone' || this.#phase === 'new') return Number.POSITIVE_INFINITY
    const { idleMs, keepAliveMs } = this.#options
    const isOpen = this.#phase === 'connected'
    return Math.min(
      this.#sender.deadlineMs,
      this.#giveUpMs,
      this.#receiver.updateMs,
      isOpen ? this.#heardMs + idleMs : Number.POSITIVE_INFINITY,
      isOpen ? this.#saidMs + keepAliveMs : Number.POSITIVE_INFINITY,
    )
  }

  handle(input: UtpConnectionInput, nowMs: Millis): readonly UtpEffect[] {
    switch (input.kind) {
      case 'packet':
        this.#packet(input.packet, nowMs)
        break
      case 'write':
        this.#write(input.chunks, nowMs)
        break
      case 'tick':
        this.#tick(nowMs)
        break
      case 'start':
        this.#start(nowMs)
        break
      case 'pause':
        this.#receiver.pause()
        break
      case 'resume':
        this.#resume(nowMs)
        break
      case 'finish':
        this.#finish(nowMs)
        break
      case 'close':
        this.#close(nowMs)
        break
      case 'abort':
        this.#abort('aborted', nowMs)
        break
      default:
        input satisfies never
    }
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  #start(nowMs: Millis): void {
    if (this.#phase !== 'new' || this.direction !== 'outgoing') return
    this.#phase = 'syn-sent'
    this.#heardMs = nowMs
    this.#giveUpMs = nowMs + this.#options.connectMs
    // "all subsequent packets sent on this connection (except for re-sends of the ST_SYN) are sent with the connection ID + 1"
    this.#sender.sendEmpty('syn', this.receiveId, nowMs)
  }

  #packet(packet: UtpPacket, nowMs: Millis): void {
    if (packet.type === 'reset') this.#reset(packet)
    else if (packet.type === 'syn') this.#syn(packet, nowMs)
    else if (this.#phase === 'syn-sent') this.#synAnswered(packet, nowMs)
    else if (this.#phase === 'syn-received') this.#confirmed(packet, nowMs)
    else if (this.#phase === 'connected' || this.#phase === 'lingering') this.#open(packet, nowMs)
  }

  /** A reset answers a packet of ours, so it names one: anything else is a stranger's guess. */
  #reset(packet: UtpPacket): void {
    if (this.#phase === 'new' || this.#phase === 'gone') return
    const { window } = this.#sender
    const isOurs =
      seqDistance(seqAfter(window.firstSeq, -1), packet.ackNr) >= 0 &&
      seqDistance(packet.ackNr, window.nextSeq) >= 0
    if (!isOurs) return
    // Of an orderly end only the last ack is missing: the other has gone when it had nothing to wait for.
    const isOver = this.#receiver.window.isAtEof && this.#sender.isFinSent && window.count <= 1
    this.#end(isOver ? 'done' : this.#phase === 'syn-sent' ? 'refused' : 'reset')
  }

  #syn(packet: UtpPacket, nowMs: Millis): void {
    if (this.direction !== 'incoming') return
    if (this.#phase === 'new') {
      this.#phase = 'syn-received'
      this.#receiver.window.ackNr = packet.seqNr
      this.#giveUpMs = nowMs + HALF_OPEN_MS
    } else if (this.#phase !== 'syn-received' || packet.seqNr !== this.#receiver.window.ackNr)
      return
    this.#measure(packet, nowMs)
    this.#sendState(nowMs)
  }

  #synAnswered(packet: UtpPacket, nowMs: Millis): void {
    if (packet.type !== 'state' || this.#sender.judge(packet.ackNr) !== 'valid') return
    if (packet.ackNr !== this.#sender.window.firstSeq) return
    this.#phase = 'connected'
    this.#giveUpMs = Number.POSITIVE_INFINITY
    this.#receiver.window.ackNr = seqAfter(packet.seqNr, -1)
    this.#effects.push({ kind: 'opened', connection: this.connection })
    // Shows the other at once that we are where we say: it may speak first.
    this.#ackDueMs = nowMs
    this.#hear(packet, nowMs)
    if (this.#isFinishing) this.#sender.finish()
    this.#pump(nowMs)
  }

  #confirmed(packet: UtpPacket, nowMs: Millis): void {
    const { firstSeq } = this.#sender.window
    const isCounted = packet.ackNr === firstSeq
    if (!isCounted && packet.ackNr !== seqAfter(firstSeq, -1)) return
    const ahead = seqDistance(this.#receiver.window.ackNr, packet.seqNr)
    if (ahead < 0 || ahead > MAX_PACKETS_AHEAD) return
    if (isCounted) this.#sender.window = new SendWindow(seqAfter(firstSeq, 1))
    this.#phase = 'connected'
    this.#giveUpMs = Number.POSITIVE_INFINITY
    const { connection, remote } = this
    this.#effects.push({ kind: 'accepted', connection, remote })
    this.#open(packet, nowMs)
  }

  #open(packet: UtpPacket, nowMs: Millis): void {
    const ahead = seqDistance(this.#receiver.window.ackNr, packet.seqNr)
    if (ahead <= -MAX_PACKETS_AHEAD || ahead > MAX_PACKETS_AHEAD + 1) return
    const judgement = this.#sender.judge(packet.ackNr)
    if (judgement === 'outside') return
    if (judgement === 'unsent') {
      this.#abort('ack-of-unsent', nowMs)
      return
    }
    this.#hear(packet, nowMs)
    if (packet.type !== 'state') {
      this.#ackDueMs ??= nowMs
      this.#receiver.take(packet)
    }
    this.#pump(nowMs)
  }

  #hear(packet: UtpPacket, nowMs: Millis): void {
    this.#heardMs = nowMs
    this.#receiver.updateMs = Number.POSITIVE_INFINITY
    this.#measure(packet, nowMs)
    this.#sender.take(packet, nowMs)
    const hasMoved = this.#sender.window.result.ackedPackets > 0 && !this.#sender.isDone
    if (this.#isClosing && hasMoved) this.#giveUpMs = nowMs + CLOSING_MS
  }

  #measure(packet: UtpPacket, nowMs: Millis): void {
    const gainedMicros = this.#replyDelay.measure(packet.timestampMicros, nowMs)
    if (gainedMicros > 0) this.#sender.delays.shift(gainedMicros)
  }

  /** What comes is for whoever reads, as long as somebody does. */
  #tell(effect: UtpEffect): void {
    if (this.#phase === 'connected' && !this.#isClosing) this.#effects.push(effect)
  }

  #write(chunks: readonly Uint8Array[], nowMs: Millis): void {
    if (this.#isFinishing || this.#phase === 'lingering' || this.#phase === 'gone') return
    for (const chunk of chunks) this.#sender.queue.push(chunk)
    // Nobody who writes hears that there is room before the writing is done.
    this.#isWaitingForDrain = false
    this.#pump(nowMs)
    this.#isWaitingForDrain = this.queuedBytes > 0
  }

  #pump(nowMs: Millis): void {
    if (this.#phase !== 'connected') return
    this.#sender.pump(nowMs)
    if (this.#isWaitingForDrain && this.queuedBytes <= this.#options.lowWaterBytes) {
      this.#isWaitingForDrain = false
      this.#effects.push({ kind: 'drained', connection: this.connection })
    }
    if (!this.#sender.isDone) return
    if (this.#receiver.isDone) this.#linger(nowMs)
    else if (this.#isClosing && !this.#isWaitingForEnd) {
      this.#isWaitingForEnd = true
      this.#giveUpMs = nowMs + END_WAIT_MS
    }
  }

  #resume(nowMs: Millis): void {
    const mustTell = this.#receiver.resume()
    if (mustTell && this.#phase === 'connected') this.#tellWindow(true, nowMs)
    this.#pump(nowMs)
  }

  #tellWindow(isFirst: boolean, nowMs: Millis): void {
    this.#sendState(nowMs)
    this.#receiver.toldUpdate(isFirst, nowMs, this.#sender.roundTrip.timeoutMs)
  }

  #finish(nowMs: Millis): void {
    if (this.#isFinishing) return
    this.#isFinishing = true
    if (this.#phase !== 'connected') return
    this.#sender.finish()
    this.#pump(nowMs)
  }

  #close(nowMs: Millis): void {
    if (this.#isClosing) return
    this.#isClosing = true
    const isNothingToSay = this.#phase === 'syn-sent' && this.queuedBytes === 0
    if (this.#phase === 'new' || this.isHalfOpen || isNothingToSay) {
      this.#end('aborted')
      return
    }
    // Nobody reads what is held, and what comes is only acked: else the other would not come to its own end.
    this.#resume(nowMs)
    if (this.#phase === 'connected') this.#giveUpMs = nowMs + CLOSING_MS
    this.#finish(nowMs)
    this.#pump(nowMs)
  }

  /** Both ends have said all and know it; only our last ack may be lost. */
  #linger(nowMs: Millis): void {
    this.#sayClosed('done')
    this.#phase = 'lingering'
    this.#giveUpMs = nowMs + LINGER_MS
    this.#receiver.clear()
  }

  /** Tells the other, too. */
  #abort(reason: UtpCloseReason, nowMs: Millis): void {
    const isKnownThere = this.#phase === 'connected' || this.#phase === 'syn-sent'
    if (isKnownThere) this.#sendBare('reset', nowMs)
    this.#end(reason)
  }

  #end(reason: UtpCloseReason): void {
    const wasTold = this.#phase === 'lingering' || this.#phase === 'gone'
    if (!wasTold && !this.isHalfOpen) this.#sayClosed(reason)
    this.#phase = 'gone'
    this.#ackDueMs = null
    this.#receiver.clear()
    this.#sender.queue.clear()
  }

  #sayClosed(reason: UtpCloseReason): void {
    this.#effects.push({ kind: 'closed', connection: this.connection, reason })
  }

  #tick(nowMs: Millis): void {
    if (this.#ackDueMs !== null && nowMs >= this.#ackDueMs) this.#sendState(nowMs)
    if (nowMs < this.timerMs) return
    if (nowMs >= this.#giveUpMs) {
      this.#giveUp(nowMs)
      return
    }
    const isSilent = this.#sender.window.count > 0 && nowMs - this.#heardMs >= SILENCE_MS
    if (isSilent || nowMs - this.#heardMs >= this.#options.idleMs) {
      this.#abort('timed-out', nowMs)
      return
    }
    if (nowMs >= this.#sender.deadlineMs) this.#sender.due(nowMs)
    if (nowMs >= this.#receiver.updateMs) this.#tellWindow(false, nowMs)
    const isQuiet = nowMs - this.#saidMs >= this.#options.keepAliveMs
    if (this.#phase === 'connected' && isQuiet) this.#sendState(nowMs)
  }

  /** Our own end is acked, and the other's does not come: then it has none to send. */
  #giveUp(nowMs: Millis): void {
    if (this.#phase === 'connected' && this.#sender.isDone) this.#end('done')
    else if (this.#phase === 'lingering') this.#end('done')
    else this.#abort('timed-out', nowMs)
  }

  #sendState(nowMs: Millis): void {
    this.#sendBare('state', nowMs)
  }

  /** A packet without a number of its own. */
  #sendBare(type: UtpPacketType, nowMs: Millis): void {
    const { nextSeq } = this.#sender.window
    const selectiveAck = this.#receiver.window.selectiveAck()
    const header = {
      type,
      connectionId: this.sendId,
      seqNr: nextSeq,
      ackNr: 0,
      timestampMicros: 0,
      delayMicros: 0,
      windowBytes: 0,
    }
    this.#stampAndSend(encodeUtpPacket(header, selectiveAck), nowMs)
    this.#ackDueMs = null
  }

  /** A packet that acks on its way: with packets missing, that does not say all. */
  #transmit(packet: Uint8Array, nowMs: Millis): void {
    this.#stampAndSend(packet, nowMs)
    if (!this.#receiver.window.hasGap) this.#ackDueMs = null
  }

  #stampAndSend(packet: Uint8Array, nowMs: Millis): void {
    stampUtpHeader(packet, {
      timestampMicros: microsOf(nowMs),
      delayMicros: this.#replyDelay.micros,
      windowBytes: this.#receiver.tellWindow(),
      ackNr: this.#receiver.window.ackNr,
    })
    this.#saidMs = nowMs
    this.#effects.push({ kind: 'send', to: this.remote, bytes: packet })
  }
}
