/** Transmission's RPC before a made-up node, as its clients reach it, for tests. */
import {
  ACCESS,
  basic,
  PASSWORD,
  type RemoteServer,
  serveRemote,
  USERNAME,
} from '../../compat/testing/serve-remote.ts'
import type { Command, CommandResult } from '../../contract.ts'
import { failed, problem } from '../../problems.ts'
import { type Ask, ask, type Asked } from '../../testing/ask.ts'
import { FakeControl } from '../../testing/fake-control.ts'
import { transmissionRoutes } from '../routes.ts'

export const LOGIN: { readonly Authorization: string } = {
  Authorization: basic(USERNAME, PASSWORD),
}

export type Answer = Readonly<Record<string, unknown>>

/** Counts looks into torrents, and knows torrents that were added before. */
class WatchedControl extends FakeControl {
  detailCount = 0
  known: string | null = null

  override detail(id: string): ReturnType<FakeControl['detail']> {
    this.detailCount += 1
    return super.detail(id)
  }

  override run(command: Command): Promise<CommandResult> {
    if (command.do === 'add' && this.known !== null) {
      return Promise.resolve(failed(problem('already-added', 'It is in the list.', 'Look at it.')))
    }
    return super.run(command)
  }
}

export class RpcRemote {
  readonly control: WatchedControl
  readonly server: RemoteServer

  constructor(control: WatchedControl, server: RemoteServer) {
    this.control = control
    this.server = server
  }

  /** What went wrong inside while serving; a good test ends with none. */
  async close(): Promise<readonly unknown[]> {
    await this.server.close()
    return this.server.errors
  }

  async sessionId(): Promise<string> {
    const asked = await ask(this.server.port, '/transmission/rpc', { headers: LOGIN })
    return String(asked.headers['x-transmission-session-id'])
  }

  async post(body: string, options: Ask = {}): Promise<Asked> {
    const id = await this.sessionId()
    const headers = { ...LOGIN, 'X-Transmission-Session-Id': id, ...options.headers }
    return ask(this.server.port, '/transmission/rpc', { method: 'POST', body, ...options, headers })
  }

  async rpc(method: string, args: object = {}, options: Ask = {}): Promise<Answer> {
    return JSON.parse((await this.post(JSON.stringify({ method, arguments: args }), options)).body)
  }

  async torrents(args: object): Promise<readonly Answer[]> {
    const { arguments: answered } = await this.rpc('torrent-get', args)
    return Object(answered)['torrents']
  }

  /** The commands that came through to the node. */
  reached(): readonly unknown[] {
    return this.control.commands.map((command) => JSON.parse(JSON.stringify(command)))
  }
}

export async function openRpcRemote(torrentCount = 12): Promise<RpcRemote> {
  const control = new WatchedControl({ torrentCount })
  const server = await serveRemote(control, (onError) =>
    transmissionRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
  )
  return new RpcRemote(control, server)
}
