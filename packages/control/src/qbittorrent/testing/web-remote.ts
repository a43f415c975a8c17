/** qBittorrent's Web API before a made-up node, as its clients reach it, for tests. */
import { ACCESS, type RemoteServer, serveRemote, TOKEN } from '../../compat/testing/serve-remote.ts'
import { type Ask, ask, type Asked } from '../../testing/ask.ts'
import { FakeControl } from '../../testing/fake-control.ts'
import { qbittorrentRoutes } from '../routes.ts'

export class WebRemote {
  readonly control: FakeControl
  readonly server: RemoteServer

  constructor(control: FakeControl, server: RemoteServer) {
    this.control = control
    this.server = server
  }

  /** What went wrong inside while serving; a good test ends with none. */
  async close(): Promise<readonly unknown[]> {
    await this.server.close()
    return this.server.errors
  }

  hashOf(state: string): string {
    return this.control.torrents.find((torrent) => torrent.state === state)?.id ?? ''
  }

  /** The commands that came through to the node. */
  reached(): readonly unknown[] {
    return this.control.commands.map((command) => JSON.parse(JSON.stringify(command)))
  }

  call(path: string, options: Ask = {}): Promise<Asked> {
    const headers = { Authorization: `Bearer ${TOKEN}`, ...options.headers }
    return ask(this.server.port, `/api/v2/${path}`, { ...options, headers })
  }

  post(path: string, fields: Readonly<Record<string, string>>, options: Ask = {}): Promise<Asked> {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(fields).toString()
    const headers = { ...type, ...options.headers }
    return this.call(path, { ...options, method: 'POST', body, headers })
  }
}

export async function openWebRemote(): Promise<WebRemote> {
  const control = new FakeControl()
  const server = await serveRemote(control, (onError) =>
    qbittorrentRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
  )
  return new WebRemote(control, server)
}
