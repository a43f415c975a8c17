/** Fills the disk at /mnt piece by piece, makes room, and goes on; prints what was answered as JSON. */
import { rmSync, writeFileSync } from 'node:fs'
import { createStoragePort } from '../storage/storage.ts'
import { commitPiece, expectOk, sampleTorrent } from './sample-torrent.ts'

writeFileSync('/mnt/ballast', Buffer.alloc(700_000))
const torrent = sampleTorrent([{ path: 'a/b', lengthBytes: 900_000 }], 65_536)
const storage = createStoragePort({ workers: 1 })
const files = expectOk(await storage.open(torrent.layout, '/mnt'))
let piece = 0
let full = await commitPiece(storage, files, torrent, piece)
while (full.kind === 'verified') full = await commitPiece(storage, files, torrent, ++piece)
const verifiedBefore = await files.verify(0, torrent.proof(0))
rmSync('/mnt/ballast')
const again = await commitPiece(storage, files, torrent, piece)
const verifiedAfter = await files.verify(piece, torrent.proof(piece))
process.stdout.write(`${JSON.stringify({ full, verifiedBefore, again, verifiedAfter })}\n`)
await files.close({ deleteData: false })
await storage.shutDown()
