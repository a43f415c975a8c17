/** A hostile node of the DHT: answers at once, and never what is true. */
import { decodeKrpc, encodeKrpc, type KrpcMessage } from '../bep/0005-krpc.ts'
import { encodeNode } from '../bep/0032-nodes.ts'
import { nodeIdFor } from '../bep/0042-node-id.ts'
import { parseIp } from '../ip-address.ts'
import type { DhtAddress } from '../dht/dht-messages.ts'
import { type DhtNetwork, type Endpoint, publicAddress, seeded } from './dht-network.ts'

/** `near`: claims to stand where it is asked for. `rightly`: has an id that belongs to its address. */
export type LiarId = 'near' | 'rightly'

export class LiarNode implements Endpoint {
  readonly address: DhtAddress
  readonly #network: DhtNetwork
  readonly #accomplices: readonly DhtAddress[]
  readonly #chance: (lengthBytes: number) => Uint8Array
  readonly #id: Uint8Array
  readonly #kind: LiarId
  queriesIn = 0

  constructor(
    network: DhtNetwork,
    address: DhtAddress,
    accomplices: readonly DhtAddress[],
    kind: LiarId,
    seed: number,
  ) {
    this.#network = network
    this.address = address
    this.#accomplices = accomplices
    this.#kind = kind
    this.#chance = seeded(seed + 77)
    this.#id = nodeIdFor(parseIp(address.host) ?? new Uint8Array(4), this.#chance(20))
    network.attach(this)
  }

  receive(bytes: Uint8Array, from: DhtAddress): void {
    const read = decodeKrpc(bytes)
    if (!read.ok || read.message.kind !== 'query') return
    this.queriesIn++
    for (const answer of this.#lies(read.message)) this.#network.send(this.address, from, answer)
  }

  tick(): null {
    return null
  }

  /** Pings somebody, so as to be asked. */
  approach(victim: DhtAddress): void {
    const body = { id: this.#id }
    const query = encodeKrpc({ kind: 'query', t: this.#chance(2), method: 'ping', body })
    this.#network.send(this.address, victim, query)
  }

  #lies({ t, body }: KrpcMessage): readonly Uint8Array[] {
    const target = body.target ?? body.infoHash ?? this.#id
    const id = this.#kind === 'rightly' ? this.#id : nearTo(target, this.#chance(1)[0] ?? 0)
    const lie = {
      id,
      nodes: this.#poison(target),
      token: this.#chance(8),
      values: Array.from({ length: 3 }, () => this.#chance(6)),
      seq: 9_999n,
      value: Uint8Array.of(0x69, 0x31, 0x65),
      publicKey: this.#chance(32),
      signature: this.#chance(64),
    }
    const ip = Uint8Array.of(6, 6, 6, 6, 0x1a, 0xe1)
    const answer = encodeKrpc({ kind: 'response', t, ip, body: lie })
    const noise = this.#chance(64)
    const oversize = new Uint8Array(3_000).fill(0x64)
    return [noise, oversize, answer.subarray(0, answer.length - 5), answer]
  }

  /** Accomplices that are said to stand right at the target, hosts of a victim, and addresses that lead nowhere. */
  #poison(target: Uint8Array): Uint8Array {
    const entries = Array.from({ length: 8 }, (_, i) => {
      const pick = ((this.#chance(1)[0] ?? 0) * 256 + (this.#chance(1)[0] ?? 0)) >>> 0
      const accomplice = this.#accomplices[pick % Math.max(1, this.#accomplices.length)]
      const nowhere = publicAddress(30_000 + (pick % 5_000))
      const { host } = i < 5 ? (accomplice ?? nowhere) : nowhere
      return encodeNode(nearTo(target, pick & 255), parseIp(host) ?? new Uint8Array(4), 6_881)
    })
    return Uint8Array.from(entries.flatMap((entry) => [...entry]))
  }
}

function nearTo(target: Uint8Array, difference: number): Uint8Array {
  const id = target.slice()
  id[19] = (id[19] ?? 0) ^ difference
  return id
}
