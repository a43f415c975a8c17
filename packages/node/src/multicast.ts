/** A UDP socket that also belongs to a group: hears it on every interface, and sends to it from each of them. */
import type { Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { networkProblem } from './io-errors.ts'
import type { Interfaces, SourceAddresses } from './source-addresses.ts'

/** A machine with more, such as one full of containers, is heard on these. */
export const MAX_INTERFACES = 32
/** Routers that pass the group on at all do so within the house. */
const HOPS = 4

/** The interfaces, as the system wants them named, through which a group is heard: loopback where there is nothing else. */
export function groupPlaces(
  family: 4 | 6,
  sources: SourceAddresses,
  interfaces: ReturnType<Interfaces>,
): readonly string[] {
  const source = sources.of(family)
  if (isIoProblem(source)) return []
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, internal }) => ({ name, address, internal })),
  )
  const ours = all.filter(
    ({ address }) => isIP(address) === family && (source === null || address === source),
  )
  // A whole network may be this machine's without each of its addresses being listed.
  if (ours.length === 0 && family === 4 && typeof source === 'string') return [source]
  const outward = ours.filter(({ internal }) => !internal)
  const chosen = outward.length > 0 ? outward : ours
  const names = chosen.map(({ name, address }) => (family === 4 ? address : `::%${name}`))
  return [...new Set(names)].slice(0, MAX_INTERFACES)
}

export class GroupMember {
  readonly #socket: Socket
  readonly #group: string
  readonly #places: () => readonly string[]
  readonly #joined = new Set<string>()

  constructor(socket: Socket, group: string, places: () => readonly string[]) {
    this.#socket = socket
    this.#group = group
    this.#places = places
  }

  /** Once the socket is bound. A problem when no interface takes part. */
  join(): IoProblem | null {
    this.#socket.setMulticastTTL(HOPS)
    this.#socket.setMulticastLoopback(true)
    let first: unknown = 'ENODEV'
    for (const place of this.#places()) {
      const error = this.#add(place)
      if (error !== null) first = error
    }
    return this.#joined.size > 0 ? null : networkProblem(first, `hear the group ${this.#group}`)
  }

  isGroup(host: string): boolean {
    return host === this.#group
  }

  /** Interfaces come and go: each is asked anew. One that fails keeps no other from hearing it. */
  send(bytes: Uint8Array, port: number): void {
    for (const place of this.#places()) {
      if (!this.#joined.has(place)) this.#add(place)
      try {
        this.#socket.setMulticastInterface(place)
        this.#socket.send(bytes, port, this.#group)
      } catch {
        // It went away a moment ago.
      }
    }
  }

  #add(place: string): unknown {
    try {
      this.#socket.addMembership(this.#group, place)
      this.#joined.add(place)
      return null
    } catch (error) {
      return error
    }
  }
}
