/** Addresses of nodes that are known by name: those that a DHT begins with, and those that people and torrents name. */
import { toDisplay } from '@pigeon/protocol/display'
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Address, DatagramPort, LogPort } from '../ports.ts'
import { ioProblem, type IoProblem, isIoProblem } from '../problem.ts'

/** Nodes of one list that are looked up. */
export const MAX_NAMED_NODES = 16

/** All addresses of all nodes that could be found; the others are logged. */
export async function resolveNodes(
  nodes: readonly string[],
  datagrams: DatagramPort,
  log: LogPort,
): Promise<readonly Address[]> {
  const found = await Promise.all(
    nodes.slice(0, MAX_NAMED_NODES).map(async (node) => {
      const addresses = await resolveNode(node, datagrams)
      if (!isIoProblem(addresses)) return addresses
      log.write('info', 'dht-bootstrap-node-not-found', { node, problem: addresses.message })
      return []
    }),
  )
  return found.flat()
}

/** The addresses of `host:port` or `[host]:port`. */
export async function resolveNode(
  node: string,
  datagrams: DatagramPort,
): Promise<readonly Address[] | IoProblem> {
  const parsed = parseNode(node)
  if (parsed === null) {
    return ioProblem(
      'bad-answer',
      `"${toDisplay(node)}" is not the address of a DHT node`,
      'Write host:port, and an IPv6 address in brackets',
    )
  }
  if (ipFamily(parsed.host) !== null) return [parsed]
  const hosts = await datagrams.resolve(parsed.host)
  return isIoProblem(hosts) ? hosts : hosts.map((host) => ({ host, port: parsed.port }))
}

function parseNode(node: string): Address | null {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([^\s:[\]/@]{1,253})):([0-9]{1,5})$/.exec(node)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port }
}
