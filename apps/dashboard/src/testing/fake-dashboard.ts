/** A dashboard over a control without a node: for tests and for work on the page. */
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { FakeControl, type FakeOptions } from '@pigeon/control/testing/fake-control'
import { readPageAssets } from '../server/page-assets.ts'
import type { ServedNode } from '../server/served-node.ts'
import { openWebServer, type WebServer } from '../server/web-server.ts'

export interface FakeDashboard {
  readonly control: FakeControl
  readonly server: WebServer
  readonly origin: string
  /** Cuts every line to a browser; new ones are taken. */
  cutConnections(): void
  close(): Promise<void>
}

export interface FakeDashboardOptions extends FakeOptions {
  /** A built page; `dist/page` when absent. */
  readonly pageFolder?: string
  readonly nowMs?: () => number
  readonly basePath?: string
  readonly origins?: readonly string[]
  readonly moreNodes?: readonly ServedNode[]
}

const BUILT_PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url))

export async function openFakeDashboard(
  options: FakeDashboardOptions = {},
): Promise<FakeDashboard> {
  const { pageFolder = BUILT_PAGE, basePath = '/', nowMs } = options
  const control = new FakeControl(options)
  const server = await openWebServer({
    nodes: [
      { key: 'fake', name: 'fake', control, problem: () => null },
      ...(options.moreNodes ?? []),
    ],
    assets: readPageAssets(pageFolder, basePath),
    basePath,
    host: '127.0.0.1',
    port: 0,
    origins: options.origins ?? [],
    onError: (error) => {
      throw error
    },
    ...(nowMs === undefined ? {} : { nowMs }),
  })
  const connections = new Set<Socket>()
  server.http.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return {
    control,
    server,
    origin: `http://127.0.0.1:${server.port}`,
    cutConnections: () => {
      for (const socket of connections) socket.destroy()
    },
    close: async () => {
      await server.close()
      await control.close()
    },
  }
}
