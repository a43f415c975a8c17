/** A SOCKS5 proxy for tests: knows names of its own, remembers what it was asked, and can be told to fail. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface SocksServerOptions {
  readonly login?: { readonly user: string; readonly password: string }
  /** `host:port` as asked, by name or numeric, and where that is here; anything else cannot be reached. */
  readonly places?: Readonly<Record<string, number>>
  /** Answers every request with this reply of RFC 1928, section 6. */
  readonly reply?: number
  /** Sent in one piece with the answer. */
  readonly early?: string
  /** Takes connections and says nothing. */
  readonly isSilent?: boolean
  readonly port?: number
}

export class SocksServer {
  /** Such as `name tracker.example:80` or `ipv4 203.0.113.5:6881`. */
  readonly asked: string[] = []
  /** `user:password` as they came. */
  readonly logins: string[] = []
  readonly #options: SocksServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: SocksServerOptions = {}) {
    this.#options = options
    this.#server = createServer((socket) => {
      this.#hold(socket)
      if (options.isSilent !== true) void this.#serve(socket)
    })
  }

  static async open(options: SocksServerOptions = {}): Promise<SocksServer> {
    const proxy = new SocksServer(options)
    await new Promise<void>((resolve) =>
      proxy.#server.listen(options.port ?? 0, '127.0.0.1', resolve),
    )
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** As a crash would: everything that goes through it breaks. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }

  async #serve(client: Socket): Promise<void> {
    const read = reader(client)
    const [, methodCount = 0] = await read(2)
    const methods = await read(methodCount)
    const { login } = this.#options
    const method = login === undefined ? 0 : 2
    if (!methods.includes(method)) return void client.end(Buffer.of(5, 255))
    client.write(Buffer.of(5, method))
    if (login !== undefined && !(await this.#checkLogin(client, read, login))) return
    const [, , , kind = 0] = await read(4)
    const [name, host] = await readHost(kind, read)
    const port = (await read(2)).readUInt16BE()
    this.asked.push(`${name} ${host}:${port}`)
    this.#connect(client, this.#options.places?.[`${host}:${port}`])
  }

  async #checkLogin(
    client: Socket,
    read: Read,
    login: { readonly user: string; readonly password: string },
  ): Promise<boolean> {
    const [, userBytes = 0] = await read(2)
    const user = (await read(userBytes)).toString()
    const password = (await read((await read(1))[0] ?? 0)).toString()
    this.logins.push(`${user}:${password}`)
    const isRight = user === login.user && password === login.password
    client.write(Buffer.of(1, isRight ? 0 : 1))
    if (!isRight) client.end()
    return isRight
  }

  #connect(client: Socket, port: number | undefined): void {
    const answer = (reply: number): Buffer => Buffer.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0)
    const { reply = 0, early = '' } = this.#options
    if (reply !== 0 || port === undefined) return void client.end(answer(reply || 4))
    const server = connect(port, '127.0.0.1')
    this.#hold(server)
    server.once('error', () => client.end(answer(5)))
    server.once('connect', () => {
      client.write(Buffer.concat([answer(0), Buffer.from(early)]))
      client.removeAllListeners('data')
      client.pipe(server).pipe(client)
    })
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }
}

type Read = (lengthBytes: number) => Promise<Buffer>

async function readHost(kind: number, read: Read): Promise<[string, string]> {
  if (kind === 1) return ['ipv4', [...(await read(4))].join('.')]
  if (kind === 3) return ['name', (await read((await read(1))[0] ?? 0)).toString()]
  const bytes = await read(16)
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return ['ipv6', groups.join(':')]
}

/** Never answers more once the socket is gone: whoever waits is forgotten with it. */
function reader(socket: Socket): Read {
  let held = Buffer.alloc(0)
  let wake = (): void => {}
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes])
    wake()
  })
  return async (lengthBytes) => {
    while (held.length < lengthBytes) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const taken = held.subarray(0, lengthBytes)
    held = held.subarray(lengthBytes)
    return taken
  }
}
