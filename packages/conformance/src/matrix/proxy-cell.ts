/** A leecher that may go nowhere but through a SOCKS5 proxy, and a seeder who does not know. */
import type { Reach } from '../driver/client-process.ts'
import { openSockets } from '../proxy/open-sockets.ts'
import { SocksProxy } from '../proxy/socks-proxy.ts'
import { payloadDifference } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { bytesCheck, handshakeCheck, payloadCheck } from './evidence.ts'
import { type Stage, untilDone } from './stage.ts'
import { type Pair, startSeeder, transferLimitMs } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

const PROXY_PORT = 1080

export async function runProxied(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const torrent = makeTorrent(plainPayload(seed))
  const seeder = await startSeeder(stage, pair.seeder, torrent, 'http')
  const proxy = new SocksProxy(stage.relayAddress(PROXY_PORT))
  await proxy.listen()
  try {
    const { host, port } = proxy.address
    // All is asked to be on: behind a proxy what cannot go through it has to stay off all the same.
    const reach: Reach = {
      enable: ['tcp', 'utp', 'dht', 'pex', 'lsd'],
      proxy: `socks5://${host}:${port}`,
    }
    const leecher = await stage.cast({
      driver: pair.leecher,
      role: 'leech',
      torrent,
      via: 'http',
      reach,
    })
    const edge = await stage.connect(leecher, seeder.listen, seeder.label)
    await stage.start(leecher)
    const done = await untilDone(
      () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
      [seeder, leecher],
      transferLimitMs(pair),
    )
    const sockets = openSockets(leecher.process?.pid ?? 0)
    const stops = await stage.stopAll()
    const strangers = [...edge.diallers, ...leecher.tracker.hosts].filter((from) => from !== host)
    return {
      checks: [
        { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
        bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
        handshakeCheck(edge, torrent),
        payloadCheck(edge, torrent.totalBytes),
        {
          what: 'tracker and seeder saw the proxy alone',
          isMet: strangers.length === 0 && leecher.tracker.hosts.size > 0,
          seen:
            strangers.length === 0
              ? `${proxy.requests.length} requests to the proxy`
              : `also ${strangers.join(', ')}`,
        },
        {
          what: 'the leecher holds no UDP socket, and listens to no peer',
          isMet: sockets.udp === 0 && sockets.listening.every(isLoopback),
          seen: `${sockets.udp} UDP sockets, listening at ${sockets.listening.join(', ') || 'none'}`,
        },
        ...stops,
      ],
      payloadBytes: edge.backward.payloadBytes,
    }
  } finally {
    await proxy.close()
  }
}

/** Its own control may listen there: 127.0.0.1, as the kernel writes it. */
function isLoopback(local: string): boolean {
  return local.startsWith('0100007F:') || local.startsWith('0000000000000000FFFF00000100007F:')
}
