import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asDictionary, decodeBencode } from '../codec/bencode.ts'
import { filePieces, magnetLink, makeTorrent, pieceBytes, torrentFile } from './make-torrent.ts'
import {
  SELECTED_FILES,
  awkwardPayload,
  magnetPayload,
  plainPayload,
  seededBytes,
  selectedPayload,
} from './payloads.ts'

describe('torrents of the suite', () => {
  const torrent = makeTorrent(selectedPayload('s'))

  it('carries in the file the very info bytes that were hashed', () => {
    const file = torrentFile(torrent, 'http://10.77.0.1/x/announce')
    const info = asDictionary(decodeBencode(file))?.get('info')
    expect(info).toBeDefined()
    expect(file.includes(torrent.info)).toBe(true)
    expect(createHash('sha1').update(torrent.info).digest()).toEqual(torrent.infoHash)
  })

  it('hashes pieces across the borders of files', () => {
    const pieces = asDictionary(decodeBencode(torrent.info))?.get('pieces')
    const second = torrent.content.subarray(torrent.pieceLengthBytes, 2 * torrent.pieceLengthBytes)
    expect(Buffer.isBuffer(pieces) && pieces.subarray(20, 40)).toEqual(
      createHash('sha1').update(second).digest(),
    )
  })

  it('knows the pieces of a file, shared ones included', () => {
    expect(filePieces(torrent, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(filePieces(torrent, 1)[0]).toBe(9)
    expect(filePieces(makeTorrent(awkwardPayload('s')), 0)).toEqual([])
  })

  it('has a short last piece', () => {
    const plain = makeTorrent(plainPayload('s'))
    expect(pieceBytes(plain, plain.pieceCount - 1)).toBe(plain.totalBytes % plain.pieceLengthBytes)
    expect(pieceBytes(plain, plain.pieceCount)).toBe(0)
  })

  it('makes metadata of two blocks for the magnet feature', () => {
    const { info } = makeTorrent(magnetPayload('s'))
    expect(Math.ceil(info.length / 16_384)).toBe(2)
  })

  it('leaves pieces that only unwanted files need, so that a selection can be seen', () => {
    const wanted = new Set(SELECTED_FILES.flatMap((file) => filePieces(torrent, file)))
    expect(wanted.size).toBeLessThan(torrent.pieceCount - 10)
  })

  it('makes the same bytes from the same seed and others from another', () => {
    expect(seededBytes('a', 100)).toEqual(seededBytes('a', 100))
    expect(seededBytes('a', 100)).not.toEqual(seededBytes('b', 100))
  })

  it('writes magnets with the hash in hex and the tracker escaped', () => {
    expect(magnetLink(torrent, 'http://t/a?b')).toContain(
      `btih:${torrent.infoHash.toString('hex')}`,
    )
    expect(magnetLink(torrent, 'http://t/a?b')).toContain('tr=http%3A%2F%2Ft%2Fa%3Fb')
  })
})
