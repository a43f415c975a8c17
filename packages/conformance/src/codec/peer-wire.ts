/**
 * The suite's own peer wire: handshake, framing and the messages that it needs to name, send or count.
 * Spec: BEP 3 "peer protocol", BEP 6, BEP 10 <https://www.bittorrent.org/beps/bep_0003.html>
 */
export const HANDSHAKE_BYTES = 68
const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1')

/** Longer frames are taken for garbage: a block of 128 KiB and a bitfield of a million pieces fit. */
export const MAX_FRAME_BYTES = 1 << 20

export interface Handshake {
  readonly reserved: Buffer
  readonly infoHash: Buffer
  readonly peerId: Buffer
}

/** Names by id; what is not listed is reported as `unknown-N`. */
export const MESSAGE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'choke'],
  [1, 'unchoke'],
  [2, 'interested'],
  [3, 'not-interested'],
  [4, 'have'],
  [5, 'bitfield'],
  [6, 'request'],
  [7, 'piece'],
  [8, 'cancel'],
  [9, 'port'],
  [13, 'suggest'],
  [14, 'have-all'],
  [15, 'have-none'],
  [16, 'reject'],
  [17, 'allowed-fast'],
  [20, 'extended'],
])

const IDS = new Map([...MESSAGE_NAMES].map(([id, name]) => [name, id]))

/** One frame: `id` is `null` for a keep-alive. The body is a view into the stream's buffer. */
export interface Frame {
  readonly id: number | null
  readonly name: string
  readonly body: Buffer
}

export type StreamEvent =
  | { readonly kind: 'handshake'; readonly handshake: Handshake }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'garbage'; readonly why: string }

/** Extensions offered by the scripted peer: extension protocol (BEP 10) and fast extension (BEP 6). */
export const RESERVED_PLAIN: Buffer = Buffer.alloc(8)

export function encodeHandshake(handshake: Handshake): Buffer {
  return Buffer.concat([PROTOCOL, handshake.reserved, handshake.infoHash, handshake.peerId])
}

/** A frame of the named message; `fields` are big-endian 32-bit numbers before the payload. */
export function encodeMessage(
  name: string,
  fields: readonly number[] = [],
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const id = IDS.get(name)
  if (id === undefined) throw new Error(`no such message: ${name}`)
  const frame = Buffer.alloc(5 + fields.length * 4 + payload.length)
  frame.writeUInt32BE(frame.length - 4, 0)
  frame[4] = id
  for (const [at, field] of fields.entries()) frame.writeUInt32BE(field, 5 + at * 4)
  frame.set(payload, 5 + fields.length * 4)
  return frame
}

/** Cuts one direction of a connection into its handshake and frames, however the bytes arrive. */
export class WireStream {
  #pending: Buffer[] = []
  #pendingBytes = 0
  #needBytes = HANDSHAKE_BYTES
  #phase: 'handshake' | 'frames' | 'garbage' = 'handshake'
  #hasGreeted = false

  /** A whole plaintext handshake has passed. */
  get hasGreeted(): boolean {
    return this.#hasGreeted
  }

  /** Events in order. After `garbage` nothing more is read from this direction. */
  push(chunk: Buffer): StreamEvent[] {
    if (this.#isSpoiled()) return []
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    const events: StreamEvent[] = []
    while (this.#pendingBytes >= this.#needBytes && !this.#isSpoiled()) {
      const bytes = Buffer.concat(this.#pending)
      const usedBytes = this.#read(bytes, events)
      this.#pending = usedBytes === bytes.length ? [] : [bytes.subarray(usedBytes)]
      this.#pendingBytes = bytes.length - usedBytes
    }
    return events
  }

  #isSpoiled(): boolean {
    return this.#phase === 'garbage'
  }

  /** Reads all that is whole in `bytes`; leaves `#needBytes` at what the next unit takes. */
  #read(bytes: Buffer, events: StreamEvent[]): number {
    let offset = 0
    if (this.#phase === 'handshake') {
      const handshake = decodeHandshake(bytes)
      if (handshake === undefined) return this.#spoil('no plaintext handshake', bytes, events)
      events.push({ kind: 'handshake', handshake })
      this.#phase = 'frames'
      this.#hasGreeted = true
      offset = HANDSHAKE_BYTES
    }
    for (;;) {
      this.#needBytes = 4
      if (bytes.length - offset < 4) return offset
      const lengthBytes = bytes.readUInt32BE(offset)
      if (lengthBytes > MAX_FRAME_BYTES)
        return this.#spoil(`frame of ${lengthBytes} bytes`, bytes, events)
      this.#needBytes = 4 + lengthBytes
      if (bytes.length - offset < this.#needBytes) return offset
      events.push({
        kind: 'frame',
        frame: toFrame(bytes.subarray(offset + 4, offset + 4 + lengthBytes)),
      })
      offset += this.#needBytes
    }
  }

  #spoil(why: string, bytes: Buffer, events: StreamEvent[]): number {
    this.#phase = 'garbage'
    events.push({ kind: 'garbage', why })
    return bytes.length
  }
}

/** The handshake that the first 68 bytes are, or `undefined`. */
export function decodeHandshake(bytes: Buffer): Handshake | undefined {
  if (bytes.length < HANDSHAKE_BYTES || !bytes.subarray(0, 20).equals(PROTOCOL)) return undefined
  return {
    reserved: Buffer.from(bytes.subarray(20, 28)),
    infoHash: Buffer.from(bytes.subarray(28, 48)),
    peerId: Buffer.from(bytes.subarray(48, 68)),
  }
}

function toFrame(bytes: Buffer): Frame {
  const id = bytes[0]
  if (id === undefined) return { id: null, name: 'keep-alive', body: bytes }
  return { id, name: MESSAGE_NAMES.get(id) ?? `unknown-${id}`, body: bytes.subarray(1) }
}
