import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { RawSessionSummary } from '@pigeon/control/controlled-session'
import { silentNetwork } from '@pigeon/engine/network-summary'
import { afterEach, describe, expect, it } from 'vitest'
import { ScratchHome } from '../testing/scratch-home.ts'
import { torrentSummary } from '../testing/torrent-summary.ts'
import { SERIES_PER_COUNTER, Tally } from './metric.ts'
import { networkMetrics } from './network-metrics.ts'
import { openMetricsPage } from './page.ts'
import { type MeteredSession, sessionMetrics, torrentMetrics } from './session-metrics.ts'
import { Tallies } from './tallies.ts'

const TOP = new URL('../../../../', import.meta.url)

const SUMMARY: RawSessionSummary = {
  peerId: '',
  listening: '127.0.0.1:1',
  problem: null,
  defaultFolder: '/',
  downRate: 10,
  upRate: 20,
  downLimit: null,
  upLimit: 30,
  maxActive: 5,
  freeBytes: 40,
  startedAtMs: 0,
  downloadedBytes: 50,
  uploadedBytes: 60,
  allDownloadedBytes: 70,
  allUploadedBytes: 80,
  peersConnected: 3,
  maxPeers: 200,
  maxPeersPerTorrent: 50,
  uploadSlots: 8,
  ratioGoal: null,
  seedMsGoal: null,
  idleMsGoal: null,
  alternative: { isOn: true, down: null, up: null, schedule: null },
  categories: [],
  configured: [],
  isDhtOn: true,
  isPexOn: true,
  isLsdOn: false,
  isUtpOn: true,
  isWebRtcOn: true,
  encryption: 'prefer',
  isPortMappingOn: false,
  isAnonymous: false,
  isProxied: false,
}

function sessionOf(count = 2): MeteredSession {
  const torrents = Array.from({ length: count }, (_, number) =>
    torrentSummary({
      id: `id${number}`,
      name: `name "${number}"\n\u001b[2J\\`,
      state: number === 0 ? 'error' : 'seeding',
      activeAtMs: number,
    }),
  )
  return { list: () => torrents, summary: () => SUMMARY }
}

const NO_REACH = { proxy: () => null, tracker: () => null }

function print(session = sessionOf(), most = 0): Promise<string> {
  const metrics = [
    ...sessionMetrics(session, 'pigeond 9'),
    ...networkMetrics({ session: { network: () => silentNetwork('prefer') }, reach: NO_REACH }),
    ...new Tallies().metrics(),
    ...(most === 0 ? [] : torrentMetrics(session, most)),
  ]
  return openMetricsPage(metrics).print()
}

describe('the metrics', () => {
  it('say how peers are found and reached, and leave out what is not in use', async () => {
    const network = silentNetwork('prefer')
    const family = { family: 4, state: 'ready', nodeId: '', isVerified: true } as const
    const counts = { storedHashes: 0, storedPeers: 7, storedItems: 0, isReadOnly: false } as const
    const traffic = { queriesIn: 1, queriesOut: 2, refusedIn: 3, bytesIn: 4, bytesOut: 5 } as const
    const session = {
      network: () => ({
        ...network,
        dht: [{ ...family, ...counts, ...traffic, nodes: 12 }],
        peersBySource: { ...network.peersBySource, pex: 4 },
        reachability: 'reachable' as const,
      }),
    }
    const metrics = networkMetrics({ session, reach: NO_REACH })
    const text = await openMetricsPage(metrics).print()
    expect(text).toContain('pigeon_dht_nodes{family="4"} 12')
    expect(text).toContain('pigeon_dht_queries_sent_total{family="4"} 2')
    expect(text).toContain('pigeon_peers_by_source{source="pex"} 4')
    expect(text).toContain('pigeon_peers_by_transport{transport="utp"} 0')
    expect(text).toContain('pigeon_reachable 1')
    for (const absent of ['port_mapped', 'blocklist_ranges', 'proxy_up', 'tracker_peers']) {
      expect(text).not.toMatch(new RegExp(`^pigeon_${absent} `, 'm'))
    }
  })

  it('say what the session is, and leave out what is unknown', async () => {
    const text = await print()
    for (const line of [
      'pigeon_info{version="pigeond 9"} 1',
      'pigeon_downloaded_bytes_total 50',
      'pigeon_upload_rate_bytes 20',
      'pigeon_upload_limit_bytes 30',
      'pigeon_disk_free_bytes 40',
      'pigeon_alternative_limits 1',
      'pigeon_peers 3',
      'pigeon_torrents{state="error"} 1',
      'pigeon_torrents{state="seeding"} 1',
      'pigeon_torrents{state="paused"} 0',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    expect(text).not.toMatch(/^pigeon_download_limit_bytes/m)
    expect(text).toContain('process_resident_memory_bytes')
    expect(text).not.toContain('pigeon_torrent_')
  })

  it('of single torrents are those that moved last, up to a limit, with names made fit', async () => {
    const ids = (text: string) =>
      [...text.matchAll(/^pigeon_torrent_peers\{id="(\w+)"/gm)].map(([, id]) => id)
    expect(ids(await print(sessionOf(3), 3))).toEqual(['id0', 'id1', 'id2'])
    const text = await print(sessionOf(4), 3)
    expect(ids(text)).toEqual(['id3', 'id2', 'id1'])
    expect(text).toContain('pigeon_torrents_without_series 1')
    expect(text).toContain(String.raw`name="name \"1\"␊␛[2J\\"`)
  })

  it('stay the same when they are read twice', async () => {
    const page = openMetricsPage(sessionMetrics(sessionOf(), 'v'))
    const own = (text: string) => text.split('\n').filter((line) => line.startsWith('pigeon_'))
    expect(own(await page.print())).toEqual(own(await page.print()))
  })

  it('count no more series than the limit', () => {
    const tally = new Tally()
    for (let number = 0; number <= SERIES_PER_COUNTER; number += 1)
      tally.add({ number: `${number}` })
    tally.add({ number: '0' }, 2)
    const samples = [...tally.read()]
    expect(samples).toHaveLength(SERIES_PER_COUNTER)
    expect(samples[0]).toMatchObject({ labels: { number: '0' }, value: 3 })
  })
})

describe('what is written about them', () => {
  const namesOf = (text: string) =>
    new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name))

  it('lists each with its help, and no other', async () => {
    const text = await print(sessionOf(), 1)
    const doc = await readFile(new URL('docs/metrics.md', TOP), 'utf8')
    const documented = [...doc.matchAll(/^\| `(pigeon_\w+)`/gm)].map(([, name]) => name)
    const ours = [...namesOf(text)].filter((name) => name.startsWith('pigeon_'))
    expect(documented.toSorted()).toEqual(ours.toSorted())
    for (const [, name, help] of text.matchAll(/^# HELP (pigeon_\w+) (.*)$/gm)) {
      expect(doc).toMatch(
        new RegExp(
          `^\\| \`${name}\`.*\\| ${help?.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)} \\|$`,
          'm',
        ),
      )
    }
  })

  it('asks on the board only for what there is', async () => {
    const names = namesOf(await print(sessionOf(), 1))
    const board = await readFile(new URL('packaging/grafana/pigeon.json', TOP), 'utf8')
    const asked = [...board.matchAll(/\b(?:pigeon|process|nodejs)_\w+/g)].map(([name]) => name)
    expect(asked.length).toBeGreaterThan(20)
    expect(asked.filter((name) => !names.has(name))).toEqual([])
  })
})

describe('who may read them', () => {
  let home: ScratchHome | null = null

  afterEach(() => home?.end())

  it('is whoever has a token at the control address, and everybody at their own', async () => {
    home = await ScratchHome.make()
    const daemon = await home.start({ metricsListen: '127.0.0.1:0', metricsTorrents: 5 })
    const token = (await readFile(daemon.tokenFile, 'utf8')).trim()
    const ask = async (headers: Record<string, string>, method = 'GET') => {
      const answer = await fetch(`${daemon.url}/metrics`, { headers, method })
      return [answer.status, await answer.text()] as const
    }
    expect((await ask({}))[0]).toBe(401)
    expect((await ask({ Authorization: 'Bearer wrong-token-0123456789' }))[0]).toBe(401)
    const [status, text] = await ask({ Authorization: `Bearer ${token}` })
    expect([status, text.includes('pigeon_torrents{state="paused"} 0')]).toEqual([200, true])
    expect(text).toContain('pigeon_control_requests_total{method="GET",status="4xx"} 2')
    expect((await ask({ Authorization: `Bearer ${token}` }, 'POST'))[0]).toBe(405)

    const made = await home.run(['token', 'create', '--name', 'prometheus', '--scope', 'read'])
    expect((await ask({ Authorization: `Bearer ${made.stdout.trim()}` }))[0]).toBe(200)
    await home.run(['token', 'revoke', 'prometheus'])
    expect((await ask({ Authorization: `Bearer ${made.stdout.trim()}` }))[0]).toBe(401)

    const log = await readFile(`${home.path}/log.jsonl`, 'utf8')
    const own = /"metrics":"([^"]+)"/.exec(log)?.[1] ?? ''
    const open = await fetch(own)
    expect([open.status, (await open.text()).includes('pigeon_info')]).toEqual([200, true])
    expect((await fetch(own, { method: 'POST' })).status).toBe(405)
    expect((await fetch(own.replace('metrics', 'api/v1/session'))).status).toBe(404)
    expect((await fetch(own.replace('metrics', 'healthz'))).status).toBe(200)
    expect(await statusUnderName(own, 'evil.test')).toBe(421)
  })
})

/** What a page gets that made its own name lead here. */
function statusUnderName(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers: { Host: host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asking.on('error', reject)
    asking.end()
  })
}
