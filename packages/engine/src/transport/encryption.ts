/** A stream to a peer that begins encrypted, and goes on so where both sides allow it. */
import { concatBytes } from '@pigeon/protocol/bytes'
import { MseHandshake } from '@pigeon/protocol/mse'
import type { MseEffect, MseInput, MseMethod } from '@pigeon/protocol/mse/contract'
import type { Rc4 } from '@pigeon/protocol/mse/rc4'
import type { Address, Cancel, ClockPort, DialHandlers, Dialling, PeerSocket } from '../ports.ts'
import type { RandomPort } from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import type { EncryptionPolicy } from '../settings.ts'

export interface Encrypting {
  readonly clock: ClockPort
  readonly random: RandomPort
  /** That we allow. */
  readonly methods: readonly MseMethod[]
  readonly timeoutMs: number
}

/** Whether policy forbids to speak over it. WebRTC is encrypted by itself. */
export function isTooPlain(socket: PeerSocket, policy: EncryptionPolicy): boolean {
  return policy === 'require' && !socket.isEncrypted && socket.transport !== 'webrtc'
}

/** What an encrypted beginning may lead to. `prefer` leaves the choice to who was dialled, as everybody does. */
export function methodsBy(policy: EncryptionPolicy): readonly MseMethod[] {
  return policy === 'require' ? ['rc4'] : ['rc4', 'plain']
}

/** Begins on a stream that we opened. It closes the stream when that fails, or when it is cancelled. */
export function encryptOutgoing(
  socket: PeerSocket,
  name: Uint8Array,
  how: Encrypting,
  handlers: DialHandlers,
): Dialling {
  return new Beginning(socket, handshakeOf(name, how), how.clock, handlers, () => null)
}

/** The same for a stream that another opened and whose first bytes are known. `find`: a torrent by `hashOfName`. */
export function encryptIncoming(
  socket: PeerSocket,
  first: Uint8Array,
  how: Encrypting,
  handlers: DialHandlers,
  find: (hashOfName: Uint8Array) => Uint8Array | null,
): Dialling {
  const beginning = new Beginning(socket, handshakeOf(null, how), how.clock, handlers, find)
  beginning.receive(first)
  return beginning
}

function handshakeOf(name: Uint8Array | null, how: Encrypting): MseHandshake {
  return new MseHandshake(name, {
    methods: how.methods,
    timeoutMs: how.timeoutMs,
    randomBytes: (lengthBytes) => how.random.bytes(lengthBytes),
    chance: (below) => how.random.int(below),
  })
}

class Beginning implements Dialling {
  readonly #socket: PeerSocket
  readonly #handshake: MseHandshake
  readonly #clock: ClockPort
  readonly #handlers: DialHandlers
  readonly #find: (hashOfName: Uint8Array) => Uint8Array | null
  #cancelTimer: Cancel | null = null
  #isOver = false

  constructor(
    socket: PeerSocket,
    handshake: MseHandshake,
    clock: ClockPort,
    handlers: DialHandlers,
    find: (hashOfName: Uint8Array) => Uint8Array | null,
  ) {
    this.#socket = socket
    this.#handshake = handshake
    this.#clock = clock
    this.#handlers = handlers
    this.#find = find
    socket.onBytes = (bytes) => this.receive(bytes)
    socket.onClosed = (problem) => this.#fail(problem ?? notEncrypted('it closed', socket.remote))
    this.#feed({ kind: 'start' })
    const delayMs = (handshake.deadlineMs ?? 0) - clock.nowMs()
    this.#cancelTimer = clock.after(delayMs, () => this.#feed({ kind: 'tick' }))
  }

  receive(bytes: Uint8Array): void {
    this.#feed({ kind: 'bytes', bytes })
  }

  cancel(): void {
    if (this.#isOver) return
    this.#letGo()
    this.#socket.close()
  }

  #feed(input: MseInput): void {
    if (this.#isOver) return
    for (const effect of this.#handshake.handle(input, this.#clock.nowMs())) this.#perform(effect)
  }

  #perform(effect: MseEffect): void {
    switch (effect.kind) {
      case 'write':
        this.#socket.write(effect.chunks)
        break
      case 'torrent-named':
        this.#feed({ kind: 'torrent', name: this.#find(effect.hashOfName) })
        break
      case 'established':
        this.#open(effect)
        break
      case 'fault':
        this.#fail(notEncrypted(effect.fault.detail, this.#socket.remote))
        break
      case 'timed-out':
        this.#fail(notEncrypted('it took too long', this.#socket.remote))
        break
      default:
        effect satisfies never
    }
  }

  #open({ ciphers, rest }: Extract<MseEffect, { readonly kind: 'established' }>): void {
    this.#letGo()
    const socket = ciphers === null ? this.#socket : new EncryptedSocket(this.#socket, ciphers)
    this.#handlers.opened(socket)
    if (rest.length > 0) socket.onBytes(rest)
  }

  #fail(problem: IoProblem): void {
    if (this.#isOver) return
    this.#letGo()
    this.#socket.close()
    this.#handlers.failed(problem)
  }

  /** The stream is another's from now on, or nobody's. */
  #letGo(): void {
    this.#isOver = true
    this.#cancelTimer?.()
    this.#socket.onBytes = () => {}
    this.#socket.onClosed = () => {}
  }
}

/** All that passes is encrypted: what comes in where it lies, what goes out in a copy, for it may be another's too. */
class EncryptedSocket implements PeerSocket {
  readonly isEncrypted = true
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  readonly #socket: PeerSocket
  readonly #outgoing: Rc4

  constructor(socket: PeerSocket, ciphers: { readonly incoming: Rc4; readonly outgoing: Rc4 }) {
    this.#socket = socket
    this.#outgoing = ciphers.outgoing
    socket.onBytes = (bytes) => {
      ciphers.incoming.apply(bytes)
      this.onBytes(bytes)
    }
    socket.onClosed = (problem) => this.onClosed(problem)
    socket.onDrained = () => this.onDrained()
  }

  get remote(): Address {
    return this.#socket.remote
  }

  get transport(): PeerSocket['transport'] {
    return this.#socket.transport
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes
  }

  write(chunks: readonly Uint8Array[]): number {
    const bytes = concatBytes(chunks)
    this.#outgoing.apply(bytes)
    return this.#socket.write([bytes])
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.close()
  }
}

function notEncrypted(why: string, { host }: Address): IoProblem {
  return ioProblem(
    'bad-answer',
    `No encrypted connection with ${host}: ${why}.`,
    'It may speak in the clear only, or not have this torrent.',
  )
}
