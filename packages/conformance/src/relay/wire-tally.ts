/**
 * What was seen of one direction between two clients, over all their connections: the evidence of a cell.
 * Everything is read by the suite's own codec from the bytes that passed the relay.
 */
import { asDictionary, decodeBencodePrefix } from '../codec/bencode.ts'
import type { Frame, Handshake } from '../codec/peer-wire.ts'

/** `uploads` of the sending side: piece data, and what it asked for. */
export class WireTally {
  handshake: Handshake | undefined
  handshakeCount = 0
  /** Messages by name. */
  readonly messages = new Map<string, number>()
  /** Piece payload in bytes, blocks that came twice counted twice. */
  payloadBytes = 0
  /** Piece payload in bytes, each block once. */
  uniqueBytes = 0
  /** Bytes of all blocks that had been sent before. */
  repeatedBytes = 0
  readonly requestedPieces = new Set<number>()
  readonly announcedPieces = new Set<number>()
  metadataBlocks = 0
  garbage: string | undefined
  /** All bytes that passed, of whatever kind. */
  rawBytes = 0
  /** Extension ids that this side chose for itself (BEP 10 `m`). */
  extensionIds = new Map<number, string>()
  readonly #blocks = new Map<number, Map<number, number>>()

  /** `receiver` is the other direction: extension ids are the receiver's to choose. */
  frame(frame: Frame, receiver: WireTally): string {
    const name = frame.name === 'extended' ? this.#extended(frame.body, receiver) : frame.name
    this.messages.set(name, (this.messages.get(name) ?? 0) + 1)
    const { body } = frame
    if (name === 'piece' && body.length > 8)
      this.#block(body.readUInt32BE(0), body.readUInt32BE(4), body.length - 8)
    if (name === 'request' && body.length === 12) this.requestedPieces.add(body.readUInt32BE(0))
    if (name === 'have' && body.length === 4) this.announcedPieces.add(body.readUInt32BE(0))
    return name
  }

  /** The blocks seen so far, as a copy: by piece, begin and length in bytes. */
  blocks(): Map<number, Map<number, number>> {
    return new Map([...this.#blocks].map(([piece, blocks]) => [piece, new Map(blocks)]))
  }

  #block(pieceIndex: number, begin: number, lengthBytes: number): void {
    const blocks = this.#blocks.get(pieceIndex) ?? new Map<number, number>()
    this.#blocks.set(pieceIndex, blocks)
    this.payloadBytes += lengthBytes
    const before = blocks.get(begin) ?? 0
    blocks.set(begin, Math.max(before, lengthBytes))
    this.uniqueBytes += Math.max(0, lengthBytes - before)
    this.repeatedBytes += Math.min(lengthBytes, before)
  }

  #extended(body: Buffer, receiver: WireTally): string {
    const id = body[0] ?? 0
    const decoded = decodeBencodePrefix(body.subarray(1))
    const dictionary = asDictionary(decoded?.value)
    if (id === 0) {
      for (const [name, number] of asDictionary(dictionary?.get('m')) ?? [])
        if (typeof number === 'number' && number > 0) this.extensionIds.set(number, name)
      return 'extended-handshake'
    }
    const name = receiver.extensionIds.get(id) ?? `extended-${id}`
    if (name === 'ut_metadata' && dictionary?.get('msg_type') === 1) this.metadataBlocks += 1
    return name
  }
}
