/** Where peers reach us: one port number for TCP and UDP, and the next one where it is taken. */
import type { Address, Listener, NetworkPort, PeerSocket } from '../ports.ts'
import { type IoProblem, isIoProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import type { UdpSockets } from './udp-sockets.ts'

export interface ListeningInit {
  readonly network: Pick<NetworkPort, 'listen'>
  readonly hub: UdpSockets
  /** Read when it matters. */
  readonly settings: Pick<EngineSettings, 'listen' | 'listenPortTries' | 'isProxied' | 'isTcpOn'>
  readonly accept: (socket: PeerSocket) => void
  /** UDP cannot be opened, and the rest goes on without it. */
  readonly onUdpProblem: (problem: IoProblem) => void
}

/** Listens for nobody, and still asks trackers and the DHT over UDP. */
const ANY_ADDRESS: Address = { host: '::', port: 0 }

export class Listening {
  readonly #init: ListeningInit
  #tcp: Listener | null = null
  #address: Address | null = null
  /** One change after the other. */
  #following: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(init: ListeningInit) {
    this.#init = init
  }

  /** `null` where nobody reaches us. */
  get address(): Address | null {
    return this.#address
  }

  /** Behind a proxy nothing is opened at all. The problem is that of the first port. */
  async open(): Promise<IoProblem | null> {
    const { hub, settings } = this.#init
    if (settings.isProxied) return null
    if (settings.listen === null) {
      const problem = await hub.open(ANY_ADDRESS)
      if (problem !== null) this.#init.onUdpProblem(problem)
      return null
    }
    let first: IoProblem | null = null
    // UDP has a port of its own rather than none at all.
    for (const isPair of [true, false]) {
      for (const port of portsFrom(settings.listen.port, settings.listenPortTries)) {
        const problem = await this.#openAt({ host: settings.listen.host, port }, isPair)
        if (problem === null) return null
        first ??= problem
        if (!isTaken(problem)) return problem
      }
    }
    return first
  }

  /** TCP or the proxy were switched on or off; the port stays the same. */
  follow(): Promise<unknown> {
    this.#following = this.#following.then(() => this.#follow())
    return this.#following
  }

  async #follow(): Promise<void> {
    const { isProxied, isTcpOn } = this.#init.settings
    if (isProxied) await this.#closeAll()
    else if (this.#isClosed) return
    else if (this.#tcp === null && this.#init.hub.local.length === 0) await this.open()
    else if (!isTcpOn) await this.#closeTcp()
    else if (this.#tcp === null && this.#address !== null) await this.#openTcp(this.#address)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#following
    await this.#closeAll()
  }

  async #closeAll(): Promise<void> {
    this.#address = null
    this.#init.hub.close()
    await this.#closeTcp()
  }

  async #openAt(wanted: Address, isPair: boolean): Promise<IoProblem | null> {
    const { hub, settings } = this.#init
    const problem = settings.isTcpOn ? await this.#openTcp(wanted) : null
    if (problem !== null) return problem
    const port = this.#tcp?.address.port ?? wanted.port
    const hubProblem = await hub.open({ host: wanted.host, port: isPair ? port : 0 })
    if (hubProblem !== null && (isTaken(hubProblem) || this.#tcp === null)) {
      await this.#closeTcp()
      return hubProblem
    }
    if (hubProblem !== null) this.#init.onUdpProblem(hubProblem)
    this.#address = this.#tcp?.address ?? { host: wanted.host, port: hub.local[0]?.port ?? port }
    return null
  }

  async #openTcp(wanted: Address): Promise<IoProblem | null> {
    const listener = await this.#init.network.listen(wanted, this.#init.accept)
    if (isIoProblem(listener)) return listener
    this.#tcp = listener
    return null
  }

  async #closeTcp(): Promise<void> {
    const tcp = this.#tcp
    this.#tcp = null
    await tcp?.close()
  }
}

/** With port 0 the system chooses, and chooses again where its choice is not free for UDP too. */
function portsFrom(port: number, tries: number): readonly number[] {
  const count = Math.max(0, tries) + 1
  const ports = Array.from({ length: count }, (_, step) => (port === 0 ? 0 : port + step))
  return ports.filter((each) => each <= 65_535)
}

function isTaken({ code }: IoProblem): boolean {
  return code === 'address-in-use' || code === 'no-permission'
}
