/**
 * A peer that does what a case tells it to, in the suite's own wire format: dialling or dialled, honest or not.
 * It is a second implementation on purpose: a bug that it shared with a client under test would be invisible.
 */
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { type Server, type Socket, connect, createServer } from 'node:net'
import {
  type Frame,
  type Handshake,
  RESERVED_PLAIN,
  WireStream,
  encodeHandshake,
  encodeMessage,
} from '../codec/peer-wire.ts'
import type { Endpoint } from '../net/address-pool.ts'

/** A conversation remembers this many frames for `next`; older ones are forgotten. */
const MAX_REMEMBERED_FRAMES = 10_000

/** One connection of the scripted peer, after TCP is up. */
export class Conversation {
  readonly socket: Socket
  handshake: Handshake | undefined
  isClosed = false
  /** All bytes that came, of whatever kind. */
  receivedBytes = 0
  readonly #frames: Frame[] = []
  readonly #events = new EventEmitter()
  readonly #stream = new WireStream()
  #onFrame: ((frame: Frame) => void) | undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.#events.setMaxListeners(0)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.isClosed = true
      this.#events.emit('change')
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  #read(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    for (const event of this.#stream.push(chunk)) {
      if (event.kind === 'handshake') this.handshake = event.handshake
      else if (event.kind === 'garbage') this.close()
      else if (event.kind === 'frame') {
        // The stream's buffer is reused for nothing, so a view may be kept; only their number is bounded.
        if (this.#frames.length < MAX_REMEMBERED_FRAMES) this.#frames.push(event.frame)
        this.#onFrame?.(event.frame)
      }
    }
    this.#events.emit('change')
  }

  /** Calls back for each frame as it comes, those that came before included. */
  onFrame(handle: (frame: Frame) => void): void {
    for (const frame of this.#frames) handle(frame)
    this.#onFrame = handle
  }

  frames(name: string): readonly Frame[] {
    return this.#frames.filter((frame) => frame.name === name)
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  send(name: string, fields: readonly number[] = [], payload?: Uint8Array): void {
    this.write(encodeMessage(name, fields, payload))
  }

  greet(infoHash: Buffer, reserved: Buffer = RESERVED_PLAIN): void {
    this.write(encodeHandshake({ reserved, infoHash, peerId: freshPeerId() }))
  }

  /** Resolves with `true` once `isSo`, with `false` when the connection closed before or the time is up. */
  until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    if (isSo()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer)
        this.#events.off('change', look)
        resolve(answer)
      }
      const look = (): void => {
        if (isSo()) settle(true)
        else if (this.isClosed) settle(false)
      }
      const timer = setTimeout(settle, limitMs, false)
      this.#events.on('change', look)
    })
  }

  close(): void {
    this.socket.destroy()
  }
}

export function freshPeerId(): Buffer {
  return Buffer.concat(
    [Buffer.from('-SC0001-'), randomBytes(6).toString('hex')].map((part) => Buffer.from(part)),
  )
}

/** Waits for connections and hands each to `script`. */
export class ScriptedListener {
  readonly conversations: Conversation[] = []
  readonly #server: Server

  constructor(script: (conversation: Conversation) => void) {
    this.#server = createServer((socket) => {
      const conversation = new Conversation(socket)
      this.conversations.push(conversation)
      script(conversation)
    })
  }

  async listen(address: Endpoint): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(address.port, address.host, resolve)
    })
  }

  async close(): Promise<void> {
    for (const conversation of this.conversations) conversation.close()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** Dials a client from `from`; resolves with `undefined` when it cannot be reached. */
export function dial(to: Endpoint, from: string): Promise<Conversation | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, localAddress: from })
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => resolve(new Conversation(socket)))
  })
}
