/** Many DHT nodes in one process: virtual time, datagrams with delay and loss, all by seed. */
import { Dht, type DhtConfig } from '../dht/dht.ts'
import type { DhtAddress, DhtEffect, DhtInput, DhtOutcome } from '../dht/dht-messages.ts'

export interface Sent {
  readonly atMs: number
  readonly from: DhtAddress
  readonly to: DhtAddress
  readonly bytes: Uint8Array
}

export interface Endpoint {
  readonly address: DhtAddress
  receive(bytes: Uint8Array, from: DhtAddress, nowMs: number): void
  tick(nowMs: number): number | null
}

/** A repeatable source of chance; not for secrets. */
export function seeded(seed: number): (lengthBytes: number) => Uint8Array {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0
  return (lengthBytes) =>
    Uint8Array.from({ length: lengthBytes }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      state >>>= 0
      return state & 0xff
    })
}

export class DhtNetwork {
  nowMs = 1_000
  lossShare = 0
  delayMs = 20
  /** Called for every datagram, before it is lost or delivered. */
  onSent: (sent: Sent) => void = () => {}
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #queue = new Map<number, Sent[]>()
  readonly #chance = seeded(99)

  attach(endpoint: Endpoint): void {
    this.#endpoints.set(keyOf(endpoint.address), endpoint)
  }

  detach(address: DhtAddress): void {
    this.#endpoints.delete(keyOf(address))
  }

  send(from: DhtAddress, to: DhtAddress, bytes: Uint8Array): void {
    const sent = { atMs: this.nowMs, from, to, bytes }
    this.onSent(sent)
    if ((this.#chance(1)[0] ?? 0) / 256 < this.lossShare) return
    const dueMs = this.nowMs + this.delayMs
    const due = this.#queue.get(dueMs)
    if (due === undefined) this.#queue.set(dueMs, [sent])
    else due.push(sent)
  }

  /** Lets time pass in steps of `delayMs`. */
  run(forMs: number, isOver: () => boolean = () => false): void {
    const endMs = this.nowMs + forMs
    while (this.nowMs < endMs && !isOver()) {
      this.nowMs += this.delayMs
      const due = this.#queue.get(this.nowMs) ?? []
      this.#queue.delete(this.nowMs)
      for (const { from, to, bytes } of due) {
        this.#endpoints.get(keyOf(to))?.receive(bytes, from, this.nowMs)
      }
      for (const endpoint of this.#endpoints.values()) {
        const dueMs = endpoint.tick(this.nowMs)
        if (dueMs !== null && dueMs <= this.nowMs)
          throw new Error('A tick left its deadline behind')
      }
    }
  }
}

/** An honest node: our own machine. */
export class OwnNode implements Endpoint {
  readonly address: DhtAddress
  readonly dht: Dht
  readonly outcomes: Map<number, DhtOutcome> = new Map()
  readonly peers: Map<number, DhtAddress[]> = new Map()
  readonly externalHosts: string[] = []
  readonly #network: DhtNetwork
  #lastOperation = 0

  constructor(network: DhtNetwork, address: DhtAddress, config: Partial<DhtConfig> = {}, seed = 0) {
    this.#network = network
    this.address = address
    const parts: DhtConfig = {
      families: [address.host.includes(':') ? 6 : 4],
      randomBytes: seeded(seed + hashOf(`${address.host} ${address.port}`)),
      verify: () => true,
      version: Uint8Array.of(0x50, 0x47, 0, 1),
      isReadOnly: false,
      savedState: null,
      ...config,
    }
    this.dht = new Dht(parts, network.nowMs)
    network.attach(this)
  }

  receive(bytes: Uint8Array, from: DhtAddress, nowMs: number): void {
    this.#perform(this.dht.handle({ kind: 'datagram', bytes, from }, nowMs))
  }

  tick(nowMs: number): number | null {
    const deadlineMs = this.dht.deadlineMs
    if (deadlineMs === null || deadlineMs > nowMs) return deadlineMs
    this.#perform(this.dht.handle({ kind: 'tick' }, nowMs))
    return this.dht.deadlineMs
  }

  handle(input: DhtInput): void {
    this.#perform(this.dht.handle(input, this.#network.nowMs))
  }

  /** Runs the network until the operation is over. */
  operate(
    input: OperationInput,
    forMs = 120_000,
  ): { outcome: DhtOutcome; peers: readonly DhtAddress[] } {
    const operationId = this.begin(input)
    this.#network.run(forMs, () => this.outcomes.has(operationId))
    const outcome = this.outcomes.get(operationId)
    if (outcome === undefined) throw new Error(`${input.kind} did not end`)
    return { outcome, peers: this.peers.get(operationId) ?? [] }
  }

  begin(input: OperationInput): number {
    const operationId = ++this.#lastOperation
    this.handle({ ...input, operationId })
    return operationId
  }

  #perform(effects: readonly DhtEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#network.send(this.address, effect.to, effect.bytes)
          break
        case 'done':
          this.outcomes.set(effect.operationId, effect.outcome)
          break
        case 'peers':
          this.peers.set(effect.operationId, [
            ...(this.peers.get(effect.operationId) ?? []),
            ...effect.peers,
          ])
          break
        case 'external-address':
          this.externalHosts.push(effect.host)
          break
        default:
          effect satisfies never
      }
    }
  }
}

type WithoutId<T> = T extends { readonly operationId: number } ? Omit<T, 'operationId'> : never
export type OperationInput = WithoutId<Exclude<DhtInput, { kind: 'cancel' }>>

/** A public address for each number: all of different /16 for the first 40,000. */
export function publicAddress(index: number): DhtAddress {
  const a = 11 + (index % 89)
  const b = Math.floor(index / 89) % 256
  return { host: `${a}.${b}.${1 + (index % 250)}.${1 + (index % 200)}`, port: 6_881 }
}

/** Nodes that know each other by one bootstrap node, after `settleMs`. */
export function honestNetwork(
  network: DhtNetwork,
  addresses: readonly DhtAddress[],
  settleMs = 60_000,
  config: Partial<DhtConfig> = {},
): readonly OwnNode[] {
  const nodes = addresses.map((address, index) => new OwnNode(network, address, config, index))
  const first = nodes[0]
  for (const [index, node] of nodes.entries()) {
    if (first !== undefined && node !== first) {
      node.handle({ kind: 'bootstrap', addresses: [first.address] })
    }
    // All at once would look like a flood to the first.
    if (index % 10 === 9) network.run(1_000)
  }
  network.run(settleMs)
  return nodes
}

function keyOf({ host, port }: DhtAddress): string {
  return `${host} ${port}`
}

function hashOf(text: string): number {
  let hash = 7
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) | 0
  return hash
}
