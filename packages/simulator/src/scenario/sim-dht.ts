/** A simulated computer that runs nothing but a node of the DHT. */
import { DhtService } from '@pigeon/engine/dht-service'
import type { Address, DatagramSocket, Ports } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import type { DatagramHandler, UdpHub } from '@pigeon/engine/udp-hub'
import type { SimHost } from '../host.ts'
import type { World } from '../world.ts'

export const DHT_PORT = 6_881

export class SimDht {
  readonly host: SimHost
  #service: DhtService | null = null
  #ports: Ports | null = null

  constructor(world: World, name: string, address?: string) {
    this.host = world.host(name, {}, address)
  }

  get address(): Address {
    return { host: this.host.address, port: DHT_PORT }
  }

  get service(): DhtService {
    if (this.#service === null) throw new Error(`${this.host.name} was not started`)
    return this.#service
  }

  get ports(): Ports {
    if (this.#ports === null) throw new Error(`${this.host.name} was not started`)
    return this.#ports
  }

  get goodNodes(): number {
    return this.service.status()[0]?.nodes ?? 0
  }

  async start(bootstrap: readonly string[], isReadOnly = false): Promise<void> {
    const ports = this.host.start()
    this.#ports = ports
    const hub = await openHub(ports.datagrams, this.address)
    this.#service = new DhtService({ hub, ports })
    await this.service.start({ bootstrap, isReadOnly, listenPort: () => DHT_PORT })
  }
}

/** One socket, one handler. */
async function openHub(
  datagrams: ReturnType<SimHost['start']>['datagrams'],
  address: Address,
): Promise<UdpHub> {
  let handler: DatagramHandler = () => {}
  const socket: DatagramSocket | object = await datagrams.bind(address, (bytes, from) =>
    handler(bytes, from),
  )
  if (isIoProblem(socket) || !('send' in socket)) throw new Error('The port is taken')
  return {
    local: [socket.address],
    send: (bytes, to) => socket.send(bytes, to),
    handle: (kind, next) => {
      if (kind === 'dht') handler = next
    },
  }
}

/** So many nodes that know each other by the first; of one private network, or of many public ones. */
export async function startDhts(
  world: World,
  count: number,
  addressOf: (index: number) => string | undefined = () => undefined,
): Promise<readonly SimDht[]> {
  const nodes = Array.from(
    { length: count },
    (_, index) => new SimDht(world, `node ${index}`, addressOf(index)),
  )
  const [first] = nodes
  for (const [index, node] of nodes.entries()) {
    const bootstrap = first === undefined || node === first ? [] : [nodeText(first.host.address)]
    await world.finish(node.start(bootstrap))
    if (index % 10 === 9) await world.run(2_000)
  }
  await world.run(30_000)
  return nodes
}

/** As people write the address of a node. */
export function nodeText(host: string): string {
  return host.includes(':') ? `[${host}]:${DHT_PORT}` : `${host}:${DHT_PORT}`
}
