/** Clients of others, with the list that their own tools or pages ask for again and again. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { encodeBencode } from '../../codec/bencode.ts'
import { type SmallTorrent, writeTorrents } from './many-torrents.ts'
import { freePort, missingProgram, Program, type Subject } from './subject.ts'

/** As often as their pages ask. */
const TRANSMISSION_POLL_MS = 2_000
const QBITTORRENT_POLL_MS = 1_500

export const TRANSMISSION: Subject = {
  name: 'transmission-daemon',
  watchedBy: 'transmission-remote -l, then what changed every 2 s',
  missing: () =>
    missingProgram('transmission-daemon', ['-V']) ?? missingProgram('transmission-remote', ['-V']),
  start: async (dir, torrents) => {
    writeTorrents(join(dir, 'torrents'), torrents)
    const port = await freePort()
    const settings = {
      'rpc-bind-address': '127.0.0.1',
      'rpc-port': port,
      'download-dir': dir,
      'incomplete-dir-enabled': false,
      'dht-enabled': false,
      'lpd-enabled': false,
      'pex-enabled': false,
      'utp-enabled': false,
      'port-forwarding-enabled': false,
      'peer-port': await freePort(),
      'bind-address-ipv4': '127.0.0.1',
    }
    writeFileSync(join(dir, 'settings.json'), JSON.stringify(settings))
    const program = new Program('transmission-daemon', ['-f', '--paused', '-g', dir], { HOME: dir })
    const firstScreenMs = await program.until(() => remoteLists(port) === torrents.length)
    const watcher = new Poller(TRANSMISSION_POLL_MS, () =>
      transmissionCall(port, 'torrent-get', { ids: 'recently-active', fields: LIST_FIELDS }),
    )
    return {
      firstScreenMs,
      usage: () => program.usage(),
      receivedBytes: () => watcher.receivedBytes,
      change: async (ids, round) => {
        const bandwidthPriority = round % 2
        await transmissionCall(port, 'torrent-set', { ids, bandwidthPriority })
      },
      stop: async () => {
        watcher.stop()
        await program.stop()
      },
    }
  },
}

const LIST_FIELDS = [
  ...['id', 'name', 'status', 'error', 'errorString', 'eta', 'isFinished', 'leftUntilDone'],
  ...[
    'percentDone',
    'rateDownload',
    'rateUpload',
    'sizeWhenDone',
    'uploadRatio',
    'bandwidthPriority',
  ],
]

/** How many torrents Debian's own tool lists; -1 while it cannot. */
function remoteLists(port: number): number {
  const tried = spawnSync('transmission-remote', [`127.0.0.1:${port}`, '-l'], {
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 64 * 2 ** 20,
  })
  // A line of titles before them, a line of sums after.
  return tried.status === 0 ? tried.stdout.trim().split('\n').length - 2 : -1
}

const sessionIds = new Map<number, string>()

async function transmissionCall(port: number, method: string, fields: object): Promise<number> {
  const ask = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/transmission/rpc`, {
      method: 'POST',
      headers: { 'X-Transmission-Session-Id': sessionIds.get(port) ?? '' },
      body: JSON.stringify({ method, arguments: fields }),
    })
  let answer = await ask()
  if (answer.status === 409) {
    sessionIds.set(port, answer.headers.get('X-Transmission-Session-Id') ?? '')
    answer = await ask()
  }
  if (!answer.ok) throw new Error(`transmission-daemon answered ${answer.status}`)
  return (await answer.arrayBuffer()).byteLength
}

export const QBITTORRENT: Subject = {
  name: 'qbittorrent-nox',
  watchedBy: 'its list, then sync/maindata every 1.5 s',
  missing: () => missingProgram('qbittorrent-nox'),
  start: async (dir, torrents) => {
    const port = await freePort()
    prepareQbittorrent(dir, port, await freePort(), torrents)
    const program = new Program('qbittorrent-nox', [`--profile=${dir}`], { HOME: dir })
    const firstScreenMs = await program.until(async () => (await listed(port)) === torrents.length)
    let rid = 0
    const watcher = new Poller(QBITTORRENT_POLL_MS, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v2/sync/maindata?rid=${rid}`)
      const text = await answer.text()
      rid = Number(/"rid":(\d+)/.exec(text)?.[1] ?? 0)
      return Buffer.byteLength(text)
    })
    return {
      firstScreenMs,
      usage: () => program.usage(),
      receivedBytes: () => watcher.receivedBytes,
      change: async (ids, round) => {
        const body = new URLSearchParams({ hashes: ids.join('|'), tags: 'bench' })
        const call = round % 2 === 0 ? 'addTags' : 'removeTags'
        const url = `http://127.0.0.1:${port}/api/v2/torrents/${call}`
        const answer = await fetch(url, { method: 'POST', body })
        if (!answer.ok) throw new Error(`qbittorrent-nox answered ${answer.status}`)
      },
      stop: async () => {
        watcher.stop()
        await program.stop()
      },
    }
  },
}

async function listed(port: number): Promise<number> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v2/torrents/info`)
    const list: unknown = await answer.json()
    return Array.isArray(list) ? list.length : -1
  } catch {
    // It does not listen yet.
    return -1
  }
}

function prepareQbittorrent(
  dir: string,
  port: number,
  peerPort: number,
  torrents: readonly SmallTorrent[],
): void {
  const config = join(dir, 'qBittorrent/config')
  mkdirSync(config, { recursive: true })
  writeFileSync(
    join(config, 'qBittorrent.conf'),
    [
      '[LegalNotice]',
      'Accepted=true',
      '[BitTorrent]',
      'Session\\DHTEnabled=false',
      'Session\\LSDEnabled=false',
      'Session\\PeXEnabled=false',
      `Session\\Port=${peerPort}`,
      '[Preferences]',
      'WebUI\\LocalHostAuth=false',
      'WebUI\\Address=127.0.0.1',
      `WebUI\\Port=${port}`,
      '',
    ].join('\n'),
  )
  const backup = join(dir, 'qBittorrent/data/BT_backup')
  writeTorrents(backup, torrents)
  for (const { infoHash } of torrents) {
    const resume = encodeBencode({
      'file-format': 'libtorrent resume file',
      'file-version': 1,
      'info-hash': Buffer.from(infoHash, 'hex'),
      save_path: dir,
      'qBt-savePath': dir,
      paused: 1,
      auto_managed: 0,
    })
    writeFileSync(join(backup, `${infoHash}.fastresume`), resume)
  }
}

/** Asks again and again, as pages without a line of their own do. */
class Poller {
  receivedBytes = 0
  #isStopped = false
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #everyMs: number
  readonly #ask: () => Promise<number>

  constructor(everyMs: number, ask: () => Promise<number>) {
    this.#everyMs = everyMs
    this.#ask = ask
    void this.#poll()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async #poll(): Promise<void> {
    try {
      this.receivedBytes += await this.#ask()
    } catch {
      // It is busy or ending: what counts is what was received.
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#poll(), this.#everyMs)
  }
}
