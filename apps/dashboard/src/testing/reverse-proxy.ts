/** A proxy as operators put before the page: one path of its own is handed on, WebSockets too. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'

export interface ReverseProxy {
  readonly port: number
  readonly origin: string
  close(): Promise<void>
}

/** Hands on what lies below `path`; everything else is a page of somebody else's. */
export async function openReverseProxy(path: string, toPort: () => number): Promise<ReverseProxy> {
  const onwards = (incoming: IncomingMessage) =>
    request({
      host: '127.0.0.1',
      port: toPort(),
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    })
  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith(path) !== true) {
      answer.writeHead(404).end('Somebody else.')
      return
    }
    const sent = onwards(incoming)
    sent.on('response', (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    sent.on('error', () => answer.destroy())
    incoming.pipe(sent)
  })
  const streams = new Set<Duplex>()
  server.on('upgrade', (incoming: IncomingMessage, stream: Duplex) => {
    streams.add(stream)
    const sent = onwards(incoming)
    sent.on('upgrade', (got, behind, first) => {
      streams.add(behind)
      const lines = Object.entries(got.headers).map(([name, value]) => `${name}: ${String(value)}`)
      stream.write(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'))
      stream.write(first)
      stream.pipe(behind).pipe(stream)
      for (const one of [stream, behind]) one.on('error', () => one.destroy())
    })
    sent.on('response', () => stream.destroy())
    sent.on('error', () => stream.destroy())
    sent.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const stream of streams) stream.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
