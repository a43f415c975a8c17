import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { leechAll, seedScript } from '../scripted-peer/behaviours.ts'
import { type Conversation, ScriptedListener, dial } from '../scripted-peer/scripted-peer.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { Edge } from './edge.ts'

const LIMIT_MS = 10_000
const torrent = makeTorrent(plainPayload('relay'))
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const item of open.splice(0)) await item.close()
})

async function freePort(): Promise<number> {
  const server: Server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function relayTo(
  script: (talk: Conversation) => void,
): Promise<{ edge: Edge; talk: Conversation }> {
  const seed = new ScriptedListener(script)
  const target = { host: '127.0.0.1', port: await freePort() }
  await seed.listen(target)
  const edge = new Edge({ host: '127.0.0.1', port: await freePort() }, target, ['leech', 'seed'])
  await edge.listen()
  const talk = await dial(edge.address, '127.0.0.1')
  if (talk === undefined) throw new Error('the relay does not accept')
  open.push(talk, edge, seed)
  return { edge, talk }
}

describe('a relay', () => {
  it('passes every byte on and counts blocks, handshakes and requests of both sides', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    const got = await leechAll(talk, torrent, LIMIT_MS)
    expect('bytes' in got && got.bytes.equals(torrent.content)).toBe(true)
    expect(edge.backward.uniqueBytes).toBe(torrent.totalBytes)
    expect(edge.backward.repeatedBytes).toBe(0)
    expect(edge.forward.payloadBytes).toBe(0)
    expect(edge.forward.requestedPieces.size).toBe(torrent.pieceCount)
    expect(edge.forward.handshake?.infoHash).toEqual(torrent.infoHash)
    expect(edge.backward.handshake?.infoHash).toEqual(torrent.infoHash)
    expect(edge.transcript.text()).toMatch(/seed > leech: bitfield/)
  })

  it('counts a block that comes twice as fetched twice', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    await leechAll(talk, torrent, LIMIT_MS)
    talk.send('request', [0, 0, 16_384])
    await talk.until(() => edge.backward.repeatedBytes > 0, LIMIT_MS)
    expect(edge.backward.repeatedBytes).toBe(16_384)
    expect(edge.backward.uniqueBytes).toBe(torrent.totalBytes)
  })

  it('holds the wire at the asked amount until it is released', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    edge.holdAfter('backward', torrent.totalBytes / 2)
    const leech = leechAll(talk, torrent, LIMIT_MS)
    expect(await edge.held(LIMIT_MS)).toBe(true)
    expect(edge.backward.uniqueBytes).toBeLessThan(torrent.totalBytes)
    edge.release()
    expect('bytes' in (await leech)).toBe(true)
  })

  it('counts nothing after a cut that did not arrive', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    edge.holdAfter('backward', torrent.totalBytes / 2)
    const leech = leechAll(talk, torrent, LIMIT_MS)
    await edge.held(LIMIT_MS)
    const deliveredBytes = edge.backward.uniqueBytes
    edge.cut()
    edge.release()
    expect('why' in (await leech)).toBe(true)
    const received = talk.frames('piece').reduce((sum, frame) => sum + frame.body.length - 8, 0)
    expect(edge.backward.uniqueBytes).toBe(deliveredBytes)
    expect(received).toBe(deliveredBytes)
  })

  it('keeps a connection waiting until the restarted side may be met', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    await talk.until(() => edge.connectionCount === 1, LIMIT_MS)
    edge.detain()
    const late = await dial(edge.address, '127.0.0.1')
    if (late === undefined) throw new Error('the relay does not accept')
    open.push(late)
    const leech = leechAll(late, torrent, LIMIT_MS)
    await talk.until(() => edge.connectionCount === 2, LIMIT_MS)
    expect(late.handshake).toBeUndefined()
    edge.admit()
    expect('bytes' in (await leech)).toBe(true)
  })

  it('ends a connection that begins with anything but a plaintext handshake', async () => {
    const { edge, talk } = await relayTo(seedScript(torrent))
    talk.write(Buffer.alloc(100, 0x55))
    await talk.until(() => false, LIMIT_MS)
    expect(talk.isClosed).toBe(true)
    expect(edge.forward.garbage).toBe('no plaintext handshake')
  })
})
