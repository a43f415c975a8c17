/** The same calls to Debian's qbittorrent-nox and to us: whatever it answers we answer too, of the same kind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installed } from '../compat/testing/installed.ts'
import { kindsOf, type Original, startOriginal } from '../compat/testing/original.ts'
import { ACCESS, type RemoteServer, serveRemote, TOKEN } from '../compat/testing/serve-remote.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { qbittorrentRoutes } from './routes.ts'

const PROGRAM = installed('qbittorrent-nox')

if (PROGRAM === null) {
  it('needs qbittorrent-nox to test that the Web API answers as qBittorrent does', (context) => {
    expect(process.env['CI'], 'qbittorrent-nox is not installed').toBeUndefined()
    console.warn(
      'qbittorrent-nox is not installed: that the Web API answers as qBittorrent does is NOT tested.',
    )
    context.skip('qbittorrent-nox is not installed')
  })
}

/** Of a file of three bytes, with a tracker that nobody serves. */
const TORRENT = new TextEncoder().encode(
  `d8:announce27:http://127.0.0.1:9/announce4:infod6:lengthi3e4:name5:b.txt12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}ee`,
)

/** On loopback only, and asking nobody anything. */
function configOf(port: number): string {
  return [
    '[LegalNotice]',
    'Accepted=true',
    '[BitTorrent]',
    'Session\\DHTEnabled=false',
    'Session\\LSDEnabled=false',
    'Session\\PeXEnabled=false',
    'Session\\Interface=lo',
    'Session\\InterfaceName=lo',
    'Session\\InterfaceAddress=127.0.0.1',
    '[Network]',
    'PortForwardingEnabled=false',
    '[Preferences]',
    'Connection\\ResolvePeerCountries=false',
    'WebUI\\Address=127.0.0.1',
    'WebUI\\LocalHostAuth=false',
    `WebUI\\Port=${port}`,
    '',
  ].join('\n')
}

describe.runIf(PROGRAM !== null)('beside qbittorrent-nox', () => {
  let original: Original
  let server: RemoteServer
  let theirHash = ''
  let ourHash = ''

  beforeAll(async () => {
    original = await startOriginal(
      PROGRAM ?? '',
      'qBittorrent/config/qBittorrent.conf',
      configOf,
      (folder) => [`--profile=${folder}`],
    )
    const control = new FakeControl()
    ourHash = control.torrents.find(({ state }) => state === 'downloading')?.id ?? ''
    server = await serveRemote(control, (onError) =>
      qbittorrentRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
    )
    const form = new FormData()
    form.append('torrents', new Blob([TORRENT]), 'x.torrent')
    form.append('paused', 'true')
    form.append('tags', 'one')
    form.append('category', 'tv')
    const added = await fetch(urlOf(original.port, 'torrents/add'), { method: 'POST', body: form })
    expect(await added.text()).toBe('Ok.')
    // It takes a torrent in after it has answered.
    while (theirHash === '') {
      const rows: unknown = await (await fetch(urlOf(original.port, 'torrents/info'))).json()
      theirHash = String(Object(rows)[0]?.hash ?? '')
    }
  })

  afterAll(async () => {
    await original.end()
    await server.close()
    expect(server.errors).toEqual([])
  })

  function urlOf(port: number, path: string): string {
    return `http://127.0.0.1:${port}/api/v2/${path}`
  }

  interface Told {
    readonly status: number
    readonly type: string | null
    readonly body: unknown
  }

  async function both(
    path: string,
    fields?: Readonly<Record<string, string>>,
  ): Promise<readonly [Told, Told]> {
    const tell = async (port: number, hash: string): Promise<Told> => {
      const form = new URLSearchParams(fields)
      if (form.has('hash')) form.set('hash', hash)
      if (form.has('hashes')) form.set('hashes', hash)
      const sent = fields === undefined ? {} : { method: 'POST', body: form }
      const headers = { Authorization: `Bearer ${TOKEN}` }
      const answer = await fetch(urlOf(port, path.replace('HASH', hash)), { ...sent, headers })
      const type = answer.headers.get('content-type')?.split(';')[0] ?? null
      const text = await answer.text()
      return {
        status: answer.status,
        type,
        body: type === 'application/json' ? JSON.parse(text) : text,
      }
    }
    return [await tell(original.port, theirHash), await tell(server.port, ourHash)]
  }

  it.each([
    'torrents/info',
    'torrents/properties?hash=HASH',
    'torrents/files?hash=HASH',
    'torrents/trackers?hash=HASH',
    'torrents/pieceStates?hash=HASH',
    'torrents/webseeds?hash=HASH',
    'torrents/tags',
    'transfer/info',
    'app/version',
    'app/webapiVersion',
    'app/defaultSavePath',
    'transfer/speedLimitsMode',
    'transfer/downloadLimit',
    'app/buildInfo',
    'sync/torrentPeers?hash=HASH',
    'rss/items',
    'rss/rules',
    'search/plugins',
  ])('has every key of %s, of the same kind', async (path) => {
    const [theirs, ours] = await both(path)
    expect([ours.status, ours.type]).toEqual([theirs.status, theirs.type])
    const kinds = kindsOf(ours.body)
    // `is_seed` and the like stand in the first row only, there as here.
    const missing = [...kindsOf(theirs.body)].filter(([key, kind]) => kinds.get(key) !== kind)
    expect(missing).toEqual([])
  })

  it('has every key of sync/maindata', async () => {
    const [theirs, ours] = await both('sync/maindata?rid=0')
    const parts = ({ body }: Told, hash: string) => {
      const { torrents, server_state: state, ...rest } = Object(body)
      return { row: torrents[hash], state, names: Object.keys(rest) }
    }
    const [their, our] = [parts(theirs, theirHash), parts(ours, ourHash)]
    expect(our.names).toEqual(expect.arrayContaining(their.names))
    expect([...kindsOf(our.row)]).toEqual(expect.arrayContaining([...kindsOf(their.row)]))
    expect([...kindsOf(our.state)]).toEqual(expect.arrayContaining([...kindsOf(their.state)]))
  })

  it('tells no preference as another kind than it does', async () => {
    const [theirs, ours] = await both('app/preferences')
    const kinds = kindsOf(theirs.body)
    const other = [...kindsOf(ours.body)].filter(
      ([key, kind]) => kinds.has(key) && kinds.get(key) !== kind,
    )
    expect(other).toEqual([])
  })

  it.each<[string, Readonly<Record<string, string>> | undefined]>([
    ['torrents/properties?hash=nope', undefined],
    ['nope/nope', undefined],
    ['torrents/nope', undefined],
    ['torrents/pause', undefined],
    ['torrents/pause', {}],
    ['torrents/pause', { hashes: '' }],
    ['torrents/filePrio', { hash: '', id: '9', priority: '1' }],
    ['torrents/filePrio', { hash: '', id: '0', priority: '3' }],
    ['torrents/filePrio', { hash: '', id: 'x', priority: '1' }],
    ['torrents/filePrio', { hash: '', id: '0', priority: '6' }],
    ['torrents/setLocation', { hashes: '', location: '' }],
    ['torrents/rename', { hash: '', name: '' }],
    ['torrents/setCategory', { hashes: '', category: 'nope' }],
    ['torrents/createCategory', { category: '', savePath: '/x' }],
    ['torrents/createCategory', { category: 'new', savePath: '/x' }],
    ['torrents/createCategory', { category: 'new', savePath: '/x' }],
    ['torrents/editCategory', { category: 'nope', savePath: '/x' }],
    ['torrents/removeCategories', { categories: 'new' }],
    ['torrents/downloadLimit', { hashes: '' }],
    ['torrents/setShareLimits', { hashes: '', ratioLimit: '-2', seedingTimeLimit: '60' }],
    ['torrents/add', { urls: 'nope' }],
    ['torrents/addTags', { hashes: '', tags: 'x,y' }],
    ['torrents/topPrio', { hashes: '' }],
    ['torrents/recheck', { hashes: '' }],
    ['transfer/toggleSpeedLimitsMode', {}],
    ['transfer/setDownloadLimit', { limit: '5000' }],
  ])('answers %s %j with the same status', async (path, fields) => {
    const [theirs, ours] = await both(path, fields)
    expect([ours.status, ours.type]).toEqual([theirs.status, theirs.type])
  })
})
