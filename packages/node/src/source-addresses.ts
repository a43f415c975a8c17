/**
 * The addresses of this machine from which anything of ours may leave. Where the user named one, or an interface, and it
 * cannot be had, nothing leaves at all: what would go out by another way is a problem instead.
 */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Address } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { formatIp, parseIp } from '@pigeon/protocol/ip-address'

export interface SourceAddresses {
  /** `null`: as the system chooses. A problem: nothing of this family may leave. */
  of(family: 4 | 6): string | null | IoProblem
}

export const ANY_SOURCE: SourceAddresses = { of: () => null }

/** What an interface has; another source is only handed in by tests. */
export type Interfaces = () => ReturnType<typeof networkInterfaces>

/**
 * `listenHost` is numeric; an address that stands for all leaves the choice to the system, or to the interface. One that
 * is not of the named interface would lead around it: nothing leaves then.
 */
export function sourceAddresses(
  listenHost: string,
  bindInterface: string | null,
  interfaces: Interfaces = networkInterfaces,
): SourceAddresses {
  if (isWildcard(listenHost)) {
    return bindInterface === null ? ANY_SOURCE : ofInterface(bindInterface, interfaces)
  }
  const own = isIP(listenHost)
  return {
    of: (family) => {
      if (family !== own) return wrongFamily(listenHost, family)
      if (bindInterface === null) return listenHost
      const isThere = hasAddress(interfaces()[bindInterface], listenHost)
      return isThere ? listenHost : notOfInterface(listenHost, bindInterface)
    },
  }
}

/** Where to listen, or to open a socket, for what was asked: one that stands for all becomes those that may be used. */
export function placesFor(
  address: Address,
  sources: SourceAddresses,
): readonly Address[] | IoProblem {
  if (!isWildcard(address.host)) {
    const source = sources.of(isIP(address.host) === 6 ? 6 : 4)
    return isIoProblem(source) ? source : [address]
  }
  const asked = address.host === '::' ? ([6, 4] as const) : ([4] as const)
  const found = asked.map((family) => sources.of(family))
  if (found[0] === null) return [address]
  const hosts = found.filter((one) => typeof one === 'string')
  const problem = found.find((one) => one !== null && typeof one !== 'string')
  if (hosts.length === 0 && problem !== undefined) return problem
  return hosts.map((host) => ({ host, port: address.port }))
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function ofInterface(name: string, interfaces: Interfaces): SourceAddresses {
  return {
    of: (family) => {
      const all = interfaces()[name] ?? []
      // A link-local address reaches nobody without the name of its interface beside it.
      const usable = all.filter(({ address }) => isIP(address) === family && !isLinkLocal(address))
      return usable[0]?.address ?? notThere(name, family, all.length > 0)
    },
  }
}

function hasAddress(entries: ReturnType<Interfaces>[string], host: string): boolean {
  return entries?.some(({ address }) => plain(address) === plain(host)) === true
}

/** One text for each address. */
function plain(host: string): string {
  const bytes = parseIp(host)
  return (bytes === null ? null : formatIp(bytes)) ?? host
}

function isLinkLocal(address: string): boolean {
  return /^(fe[89ab]|169\.254\.)/i.test(address)
}

function wrongFamily(host: string, family: 4 | 6): IoProblem {
  return ioProblem(
    'address-unavailable',
    `Nothing leaves over IPv${family}: ${host} is the only address that may be used.`,
    'Listen on :: to use both families (listen-host), or name an interface (bind-interface).',
  )
}

function notOfInterface(host: string, name: string): IoProblem {
  return ioProblem(
    'address-unavailable',
    `${host} is no address of the interface ${name}, so nothing leaves.`,
    'Listen on :: for whatever address the interface has (listen-host), or choose another interface (bind-interface).',
  )
}

function notThere(name: string, family: 4 | 6, isUp: boolean): IoProblem {
  return ioProblem(
    'address-unavailable',
    isUp
      ? `The interface ${name} has no IPv${family} address, so nothing leaves over IPv${family}.`
      : `The interface ${name} is not there, so nothing leaves.`,
    'Bring it up (it is used again as soon as it has an address), or choose another (bind-interface).',
  )
}
