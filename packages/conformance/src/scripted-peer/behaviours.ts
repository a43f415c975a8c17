/** Scripts for the scripted peer: an honest seed and leech, and the ways in which peers misbehave. */
import { randomBytes } from 'node:crypto'
import { type Frame, encodeMessage } from '../codec/peer-wire.ts'
import type { Torrent } from '../torrent/make-torrent.ts'
import type { Conversation } from './scripted-peer.ts'

export const BLOCK_BYTES = 16_384

export interface SeedOptions {
  /** Changes a block before it is sent; the honest seed has none. */
  readonly spoil?: (block: Buffer, pieceIndex: number, begin: number) => Buffer
  /** Answers no request when set. */
  readonly isStalling?: boolean
}

/** Has everything, unchokes whoever is interested and serves what is asked, as honestly as the options let it. */
export function seedScript(
  torrent: Torrent,
  options: SeedOptions = {},
): (talk: Conversation) => void {
  return (talk) => {
    let isOpen = false
    const open = (): void => {
      if (isOpen) return
      isOpen = true
      talk.greet(torrent.infoHash)
      talk.send('bitfield', [], fullBitfield(torrent.pieceCount))
    }
    talk.onFrame((frame) => {
      if (frame.name === 'interested') talk.send('unchoke')
      if (frame.name === 'request' && options.isStalling !== true)
        serve(talk, torrent, frame, options)
    })
    void talk.until(() => talk.handshake !== undefined, 30_000).then(open)
  }
}

function serve(talk: Conversation, torrent: Torrent, frame: Frame, options: SeedOptions): void {
  if (frame.body.length !== 12) return
  const pieceIndex = frame.body.readUInt32BE(0)
  const begin = frame.body.readUInt32BE(4)
  const start = pieceIndex * torrent.pieceLengthBytes + begin
  const block = torrent.content.subarray(start, start + frame.body.readUInt32BE(8))
  const sent = options.spoil?.(Buffer.from(block), pieceIndex, begin) ?? block
  talk.send('piece', [pieceIndex, begin], sent)
}

export function fullBitfield(pieceCount: number): Buffer {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8))
  for (let index = 0; index < pieceCount; index += 1)
    bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7))
  return bits
}

/** Every block comes with one bit turned. */
export function turnBit(block: Buffer): Buffer {
  block[0] = (block[0] ?? 0) ^ 1
  return block
}

/** Shakes hands as it should, then sends noise. */
export function garbageScript(torrent: Torrent): (talk: Conversation) => void {
  return (talk) => {
    talk.greet(torrent.infoHash)
    talk.send('bitfield', [], fullBitfield(torrent.pieceCount))
    talk.write(randomBytes(256 * 1024))
  }
}

/** Fetches the whole torrent from a client that seeds it; the bytes, or why they did not come. */
export async function leechAll(
  talk: Conversation,
  torrent: Torrent,
  limitMs: number,
): Promise<{ readonly bytes: Buffer } | { readonly why: string }> {
  const content = Buffer.alloc(torrent.totalBytes)
  const seen = new Set<number>()
  const blockCount = Math.ceil(torrent.totalBytes / BLOCK_BYTES)
  talk.onFrame((frame) => {
    if (frame.name !== 'piece' || frame.body.length < 8) return
    const start = frame.body.readUInt32BE(0) * torrent.pieceLengthBytes + frame.body.readUInt32BE(4)
    frame.body.copy(content, start, 8)
    seen.add(start)
  })
  talk.greet(torrent.infoHash)
  if (!(await talk.until(() => talk.handshake !== undefined, limitMs)))
    return { why: 'no handshake came back' }
  talk.send('interested')
  if (!(await talk.until(() => talk.frames('unchoke').length > 0, limitMs)))
    return { why: 'never unchoked' }
  for (let start = 0; start < torrent.totalBytes; start += BLOCK_BYTES) {
    const lengthBytes = Math.min(BLOCK_BYTES, torrent.totalBytes - start)
    const pieceIndex = Math.floor(start / torrent.pieceLengthBytes)
    talk.send('request', [pieceIndex, start % torrent.pieceLengthBytes, lengthBytes])
  }
  if (!(await talk.until(() => seen.size >= blockCount, limitMs)))
    return { why: `${seen.size} of ${blockCount} blocks came` }
  return { bytes: content }
}

/** Shakes hands, then asks for the same block over and over without ever reading the answers. */
export function requestFlood(talk: Conversation, torrent: Torrent, requestCount: number): void {
  talk.greet(torrent.infoHash)
  talk.send('interested')
  talk.socket.pause()
  const request = encodeMessage('request', [0, 0, Math.min(BLOCK_BYTES, torrent.totalBytes)])
  const batch = Buffer.concat(Array.from({ length: 1000 }, () => request))
  for (let sent = 0; sent < requestCount; sent += 1000) talk.write(batch)
}

/** Shakes hands, then sends a flood of small messages that mean nothing new. */
export function messageFlood(talk: Conversation, torrent: Torrent, messageCount: number): void {
  talk.greet(torrent.infoHash)
  const have = encodeMessage('have', [0])
  const interest = Buffer.concat([
    encodeMessage('interested'),
    encodeMessage('not-interested'),
    have,
  ])
  const batch = Buffer.concat(Array.from({ length: 1000 }, () => interest))
  for (let sent = 0; sent < messageCount; sent += 3000) talk.write(batch)
}

/** Shakes hands, announces a frame of 2 GiB and begins to send it. */
export function endlessFrame(talk: Conversation, torrent: Torrent): void {
  talk.greet(torrent.infoHash)
  talk.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x07]))
  for (let sent = 0; sent < 64; sent += 1) talk.write(Buffer.alloc(1 << 18))
}
