/** The same calls to Debian's transmission-daemon and to us: whatever it answers we answer too, of the same kind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installed } from '../compat/testing/installed.ts'
import { kindsOf, type Original, startOriginal } from '../compat/testing/original.ts'
import { ACCESS, type RemoteServer, serveRemote, TOKEN } from '../compat/testing/serve-remote.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { SESSION_KEYS, TORRENT_KEYS, toSnake } from './keys.ts'
import { transmissionRoutes } from './routes.ts'

const PROGRAM = installed('transmission-daemon')

if (PROGRAM === null) {
  it('needs transmission-daemon to test that the RPC answers as Transmission does', (context) => {
    expect(process.env['CI'], 'transmission-daemon is not installed').toBeUndefined()
    console.warn(
      'transmission-daemon is not installed: that the RPC answers as Transmission does is NOT tested.',
    )
    context.skip('transmission-daemon is not installed')
  })
}

/** Of a file of three bytes, with a tracker that nobody serves. */
const TORRENT = Buffer.from(
  `d8:announce27:http://127.0.0.1:9/announce4:infod6:lengthi3e4:name5:b.txt12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}ee`,
)

/** Of version 3.00. */
const FIELDS = [
  ...['activityDate', 'addedDate', 'bandwidthPriority', 'comment', 'corruptEver', 'creator'],
  ...['dateCreated', 'desiredAvailable', 'doneDate', 'downloadDir', 'downloadedEver'],
  ...['downloadLimit', 'downloadLimited', 'editDate', 'error', 'errorString', 'eta', 'etaIdle'],
  ...['files', 'fileStats', 'hashString', 'haveUnchecked', 'haveValid', 'honorsSessionLimits'],
  ...['id', 'isFinished', 'isPrivate', 'isStalled', 'labels', 'leftUntilDone', 'magnetLink'],
  ...['manualAnnounceTime', 'maxConnectedPeers', 'metadataPercentComplete', 'name', 'peer-limit'],
  ...['peers', 'peersConnected', 'peersFrom', 'peersGettingFromUs', 'peersSendingToUs'],
  ...['percentDone', 'pieces', 'pieceCount', 'pieceSize', 'priorities', 'queuePosition'],
  ...['rateDownload', 'rateUpload', 'recheckProgress', 'secondsDownloading', 'secondsSeeding'],
  ...['seedIdleLimit', 'seedIdleMode', 'seedRatioLimit', 'seedRatioMode', 'sizeWhenDone'],
  ...['startDate', 'status', 'trackers', 'trackerStats', 'totalSize', 'torrentFile'],
  ...['uploadedEver', 'uploadLimit', 'uploadLimited', 'uploadRatio', 'wanted', 'webseeds'],
  ...['webseedsSendingToUs'],
]

function configOf(port: number, folder: string): string {
  return JSON.stringify({
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'dht-enabled': false,
    'download-dir': folder,
    'lpd-enabled': false,
    'peer-port': 0,
    'port-forwarding-enabled': false,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': port,
    'utp-enabled': false,
  })
}

describe.runIf(PROGRAM !== null)('beside transmission-daemon', () => {
  let original: Original
  let server: RemoteServer

  beforeAll(async () => {
    original = await startOriginal(PROGRAM ?? '', 'settings.json', configOf, (folder) => [
      '-f',
      '-g',
      folder,
    ])
    const control = new FakeControl()
    server = await serveRemote(control, (onError) =>
      transmissionRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
    )
    const args = { metainfo: TORRENT.toString('base64'), paused: true }
    const added = await rpc(original.port, 'torrent-add', args)
    expect(added).toMatchObject({ arguments: { 'torrent-added': { id: 1 } } })
  })

  afterAll(async () => {
    await original.end()
    await server.close()
    expect(server.errors).toEqual([])
  })

  async function rpc(port: number, method: string, args: object = {}): Promise<unknown> {
    const url = `http://127.0.0.1:${port}/transmission/rpc`
    const Authorization = `Bearer ${TOKEN}`
    const first = await fetch(url, { headers: { Authorization } })
    const id = first.headers.get('x-transmission-session-id') ?? ''
    const headers = { Authorization, 'X-Transmission-Session-Id': id }
    const body = JSON.stringify({ method, arguments: args, tag: 7 })
    return (await fetch(url, { method: 'POST', headers, body })).json()
  }

  /** What the original answers and we do not, or as something else. */
  async function differences(method: string, args?: object): Promise<readonly string[]> {
    const theirs = kindsOf(await rpc(original.port, method, args))
    const ours = kindsOf(await rpc(server.port, method, args))
    expect(theirs.size).toBeGreaterThan(10)
    return [...theirs]
      .filter(([key, kind]) => ours.get(key) !== kind)
      .map(([key, kind]) => `${key}: ${kind}`)
  }

  it('has every setting of the session, of the same kind', async () => {
    expect(await differences('session-get')).toEqual([])
  })

  it('has every count', async () => {
    expect(await differences('session-stats')).toEqual([])
  })

  it('has every field of a torrent that it has, of the same kind', async () => {
    expect(await differences('torrent-get', { fields: FIELDS, ids: [1] })).toEqual([])
    const [row] = Object(await rpc(server.port, 'torrent-get', { fields: FIELDS, ids: [1] }))
      .arguments.torrents
    expect(Object.keys(row)).toEqual(FIELDS)
  })

  it.each([
    ['torrent-get', { fields: ['id', 'name'], format: 'table' }],
    ['torrent-get', { fields: ['id'], ids: 'recently-active' }],
    ['torrent-get', { fields: ['id'], ids: [99] }],
    ['torrent-get', {}],
    ['torrent-add', {}],
    ['torrent-set', { ids: [1], 'peer-limit': 20 }],
    ['torrent-set-location', { ids: [1] }],
    ['torrent-set-location', { ids: [1], location: 'relative' }],
    ['session-get', { fields: ['version', 'rpc-version'] }],
    ['session-set', { 'download-dir': 'relative' }],
    ['session-set', { 'speed-limit-down': 70, 'speed-limit-down-enabled': true }],
    ['torrent-start', { ids: [99] }],
    ['free-space', { path: 'relative' }],
    ['nope', {}],
  ])('answers %s %j in the same form', async (method, args) => {
    const theirs = await rpc(original.port, method, args)
    const ours = await rpc(server.port, method, args)
    expect(Object.keys(Object(ours)).sort()).toEqual(Object.keys(Object(theirs)).sort())
    expect(Object(ours)['result']).toBe(Object(theirs)['result'])
    expect([...kindsOf(ours)]).toEqual(expect.arrayContaining([...kindsOf(theirs)]))
  })

  it('knows the number of a limit that is off, as it does', async () => {
    const args = { 'speed-limit-up': 33, 'speed-limit-up-enabled': false }
    const fields = { fields: ['speed-limit-up', 'speed-limit-up-enabled'] }
    for (const { port } of [original, server]) {
      await rpc(port, 'session-set', args)
      expect(await rpc(port, 'session-get', fields)).toMatchObject({ arguments: args })
    }
  })
})

it('finds the way back from every key of both tables', () => {
  for (const table of [TORRENT_KEYS, SESSION_KEYS]) {
    for (const [snake, legacy] of table) {
      expect(toSnake(legacy)).toBe(snake)
      expect(snake).toMatch(/^[a-z]+(_[a-z]+)*$/)
    }
  }
})
