/**
 * The suite's own reading of uTP: cuts the datagrams of one connection back into the two byte streams.
 * Spec: BEP 29 <https://www.bittorrent.org/beps/bep_0029.html>
 */
export type UtpKind = 'data' | 'fin' | 'state' | 'reset' | 'syn'

export interface UtpPacket {
  readonly kind: UtpKind
  readonly connectionId: number
  readonly sequence: number
  readonly acknowledged: number
  readonly windowBytes: number
  /** Bytes of selective acknowledgements; 0 without any. */
  readonly selectiveBytes: number
  readonly payload: Buffer
}

const KINDS: readonly UtpKind[] = ['data', 'fin', 'state', 'reset', 'syn']
const HEADER_BYTES = 20
const MAX_EXTENSIONS = 8
const SELECTIVE = 1
/** Packets that may wait for one that was lost. */
const MAX_AHEAD = 4096

export function decodeUtp(bytes: Buffer): UtpPacket | undefined {
  const first = bytes[0] ?? 0
  const kind = KINDS[first >> 4]
  if (bytes.length < HEADER_BYTES || (first & 0x0f) !== 1 || kind === undefined) return undefined
  let offset = HEADER_BYTES
  let extension = bytes[1] ?? 0
  let selectiveBytes = 0
  for (let count = 0; extension !== 0; count += 1) {
    const lengthBytes = bytes[offset + 1]
    if (lengthBytes === undefined || count >= MAX_EXTENSIONS) return undefined
    if (extension === SELECTIVE) selectiveBytes = lengthBytes
    extension = bytes[offset] ?? 0
    offset += 2 + lengthBytes
  }
  if (offset > bytes.length) return undefined
  return {
    kind,
    connectionId: bytes.readUInt16BE(2),
    sequence: bytes.readUInt16BE(16),
    acknowledged: bytes.readUInt16BE(18),
    windowBytes: bytes.readUInt32BE(12),
    selectiveBytes,
    payload: bytes.subarray(offset),
  }
}

/** One direction: payload in order, whatever was lost, doubled or late. */
export class UtpStream {
  /** `undefined` until the first sequence number is known. */
  #next: number | undefined
  readonly #ahead = new Map<number, Buffer>()

  /** The sequence number of the first packet with payload. */
  begin(sequence: number): void {
    this.#next ??= sequence & 0xffff
  }

  push(packet: UtpPacket): Buffer[] {
    if (this.#next === undefined || packet.payload.length === 0) return []
    const distance = (packet.sequence - this.#next) & 0xffff
    if (distance >= MAX_AHEAD) return []
    this.#ahead.set(packet.sequence, packet.payload)
    const ready: Buffer[] = []
    for (;;) {
      const payload = this.#ahead.get(this.#next)
      if (payload === undefined) return ready
      this.#ahead.delete(this.#next)
      ready.push(payload)
      this.#next = (this.#next + 1) & 0xffff
    }
  }
}
