import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  filesWithBytes,
  payloadDifference,
  payloadPath,
  writePayload,
  writePieces,
} from './data-folder.ts'
import { makeTorrent } from './make-torrent.ts'
import { awkwardPayload, plainPayload } from './payloads.ts'

let dir = ''
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'conform-test-'))))
afterEach(() => rmSync(dir, { recursive: true }))

describe('payloads on disk', () => {
  const payload = awkwardPayload('s')

  it('are equal to themselves, empty files and deep folders included', () => {
    writePayload(payload, dir)
    expect(payloadDifference(payload, dir)).toBeUndefined()
  })

  it('differ by one turned bit, and the report says where', () => {
    writePayload(payload, dir)
    const path = payloadPath(payload, 2, dir)
    const bytes = readFileSync(path)
    bytes[777] = (bytes[777] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect(payloadDifference(payload, dir)).toContain('first wrong byte at 777')
  })

  it('differ when an empty file is missing, unless only files with bytes are asked about', () => {
    writePayload(payload, dir)
    rmSync(payloadPath(payload, 0, dir))
    expect(payloadDifference(payload, dir)).toContain('not there')
    expect(payloadDifference(payload, dir, filesWithBytes(payload))).toBeUndefined()
  })

  it('hold only the pieces that a member of the swarm begins with', () => {
    const torrent = makeTorrent(plainPayload('s'))
    writePieces(torrent, new Set([1]), dir)
    const bytes = readFileSync(payloadPath(torrent.payload, 0, dir))
    const at = torrent.pieceLengthBytes
    expect(bytes.length).toBe(torrent.totalBytes)
    expect(bytes.subarray(at, 2 * at).equals(torrent.content.subarray(at, 2 * at))).toBe(true)
    expect(bytes.subarray(0, at).equals(Buffer.alloc(at))).toBe(true)
  })
})
