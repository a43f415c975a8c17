/**
 * A SOCKS5 proxy of the suite's own, which writes down what it is asked for. It dials from its own address, so that the
 * other side shows who came through it.
 * Spec: RFC 1928 <https://www.rfc-editor.org/rfc/rfc1928>
 */
import { type Server, type Socket, connect, createServer } from 'node:net'
import type { Endpoint } from '../net/address-pool.ts'

const VERSION = 5
const CONNECT = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4
const SUCCEEDED = 0
const UNREACHABLE = 4
const NOT_SUPPORTED = 7
const MAX_CONNECTIONS = 256

export interface ProxyRequest {
  readonly command: number
  readonly host: string
  readonly port: number
}

export class SocksProxy {
  readonly address: Endpoint
  readonly requests: ProxyRequest[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(address: Endpoint) {
    this.address = address
    this.#server = createServer((socket) => this.#greet(socket))
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.address.port, this.address.host, resolve)
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #greet(client: Socket): void {
    this.#track(client)
    if (this.#sockets.size > MAX_CONNECTIONS) {
      client.destroy()
      return
    }
    let pending = Buffer.alloc(0)
    let isGreeted = false
    const read = (chunk: Buffer): void => {
      pending = Buffer.concat([pending, chunk])
      if (!isGreeted) {
        const methods = pending[1]
        if (methods === undefined || pending.length < 2 + methods) return
        pending = pending.subarray(2 + methods)
        isGreeted = true
        client.write(Buffer.from([VERSION, 0]))
      }
      const request = readRequest(pending)
      if (request === undefined) return
      client.off('data', read)
      this.#serve(client, request.request, pending.subarray(request.usedBytes))
    }
    client.on('data', read)
  }

  #serve(client: Socket, request: ProxyRequest, rest: Buffer): void {
    this.requests.push(request)
    if (request.command !== CONNECT) {
      client.end(answer(NOT_SUPPORTED))
      return
    }
    const onward = connect({ ...pick(request), localAddress: this.address.host })
    this.#track(onward)
    onward.once('error', () => client.end(answer(UNREACHABLE)))
    onward.once('connect', () => {
      client.write(answer(SUCCEEDED))
      onward.write(rest)
      client.pipe(onward)
      onward.pipe(client)
    })
    client.once('close', () => onward.destroy())
  }
}

function pick({ host, port }: ProxyRequest): { readonly host: string; readonly port: number } {
  return { host, port }
}

function answer(code: number): Buffer {
  return Buffer.from([VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0])
}

/** `undefined` while more has to come; what is malformed never ends, and the client gives up. */
export function readRequest(
  bytes: Buffer,
): { readonly request: ProxyRequest; readonly usedBytes: number } | undefined {
  const [, command, , kind] = bytes
  if (command === undefined || kind === undefined) return undefined
  const nameBytes = kind === NAME ? bytes[4] : undefined
  if (kind === NAME && nameBytes === undefined) return undefined
  const start = kind === NAME ? 5 : 4
  const end = start + (kind === IPV4 ? 4 : kind === IPV6 ? 16 : (nameBytes ?? 0))
  if (bytes.length < end + 2) return undefined
  const address = bytes.subarray(start, end)
  return {
    request: { command, host: hostOf(kind, address), port: bytes.readUInt16BE(end) },
    usedBytes: end + 2,
  }
}

function hostOf(kind: number, address: Buffer): string {
  if (kind === NAME) return address.toString('latin1')
  if (kind === IPV4) return [...address].join('.')
  return Array.from({ length: 8 }, (_, at) => address.readUInt16BE(at * 2).toString(16)).join(':')
}
