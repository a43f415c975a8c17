/** One WebSocket address for each node, all on one server. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { attachControlSocket, type Gate } from '@pigeon/control/serve'
import { belowBase } from './base-path.ts'
import type { ServedNode } from './served-node.ts'

export interface NodeSocketsOptions {
  readonly nodes: readonly [ServedNode, ...ServedNode[]]
  readonly gate: Gate
  readonly basePath: string
  readonly onError: (error: unknown) => void
}

/** Hands every upgrade to the node that its path names, with the rest of the path; who is let in the gate decides. */
export function attachNodeSockets(
  server: Server,
  { nodes, gate, basePath, onError }: NodeSocketsOptions,
): { close(): void } {
  // Each node's sockets hang on a server that never listens: it only passes the upgrades on.
  const served = nodes.map(({ key, control }) => {
    const inner = createServer()
    return { key, inner, sockets: attachControlSocket(inner, control, gate, { onError }) }
  })
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const url = belowBase(basePath, request.url ?? '') ?? '/'
    const named = /^\/n\/([a-z0-9-]+)(\/.*)$/.exec(url)
    const node = served.find(({ key }) => key === named?.[1])
    request.url = node === undefined ? url : (named?.[2] ?? '/')
    const { inner } = node ?? served[0] ?? { inner: server }
    inner.emit('upgrade', request, stream, head)
  }
  server.on('upgrade', onUpgrade)
  return {
    close: () => {
      server.off('upgrade', onUpgrade)
      for (const { sockets } of served) sockets.close()
    },
  }
}
