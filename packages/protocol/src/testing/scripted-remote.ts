/** A `PeerWire` whose remote is the test itself. */
import { encodeHandshake, reservedBytes } from '../bep/0003-handshake.ts'
import { concatBytes, latin1Encode } from '../bytes.ts'
import type { PeerWireOptions } from '../peer-wire.ts'
import { encodeMessage } from '../wire/frame.ts'
import { PEER_MESSAGES, type PeerMessage, type PeerMessageKind } from '../wire/messages.ts'
import { INFO_HASH, optionsOf, Side } from './wired-pair.ts'

export const REMOTE_PEER_ID: Uint8Array = latin1Encode('-XX0000-rrrrrrrrrrrr')

/** The remote's handshake as bytes. */
export function hello(
  offers: PeerWireOptions['offers'] = { fast: true, extensions: true },
): Uint8Array {
  return encodeHandshake({
    reserved: reservedBytes(offers),
    infoHash: INFO_HASH,
    peerId: REMOTE_PEER_ID,
  })
}

/** We dialled; the remote's handshake came and nothing else. */
export function shaken(changes: Partial<PeerWireOptions> = {}): Side {
  const options = optionsOf('outgoing', changes)
  const side = new Side(options)
  side.feed({ kind: 'start' })
  side.feed({ kind: 'bytes', bytes: hello(options.offers) })
  side.clear()
  return side
}

/** The remote says these messages in one chunk. */
export function say(side: Side, ...messages: readonly PeerMessage[]): void {
  side.feed({ kind: 'bytes', bytes: concatBytes(messages.map(encodeMessage)) })
}

/** The remote's extension handshake, as bencode. */
export function sayExtensions(side: Side, bencode: string): void {
  say(side, { kind: 'extended', extendedId: 0, payload: latin1Encode(bencode) })
}

/** A frame of any id with any body. */
export function rawFrame(id: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const frame = new Uint8Array(5 + body.length)
  new DataView(frame.buffer).setUint32(0, 1 + body.length)
  frame[4] = id
  frame.set(body, 5)
  return frame
}

export function idOf(kind: PeerMessageKind): number {
  return PEER_MESSAGES[kind].id
}

/** Everything that the machine wrote since `clear`. */
export function written(side: Side): Uint8Array {
  return concatBytes(side.all('write').flatMap(({ chunks }) => chunks))
}

/** Codes and reactions of the faults since `clear`. */
export function faults(side: Side): readonly string[] {
  return side.all('fault').map(({ fault, reaction }) => `${fault.code}: ${reaction}`)
}
