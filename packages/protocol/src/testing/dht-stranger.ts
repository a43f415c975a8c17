/** One node of ours and whoever talks to it, without a network between them. */
import { decodeKrpc, encodeKrpc, type KrpcBodyDraft, type KrpcMessage } from '../bep/0005-krpc.ts'
import { Dht, type DhtConfig } from '../dht/dht.ts'
import type { DhtAddress, DhtEffect, DhtInput } from '../dht/dht-messages.ts'
import { seeded } from './dht-network.ts'

export interface Heard {
  readonly to: DhtAddress
  readonly message: KrpcMessage
  readonly lengthBytes: number
}

export const STRANGER: DhtAddress = { host: '198.51.7.9', port: 6_881 }

export class LonelyDht {
  readonly dht: Dht
  nowMs = 1_000
  readonly effects: DhtEffect[] = []
  #lastT = 0

  constructor(config: Partial<DhtConfig> = {}) {
    this.dht = new Dht(
      {
        families: [4, 6],
        randomBytes: seeded(5),
        verify: () => true,
        version: Uint8Array.of(0x50, 0x47, 0, 1),
        isReadOnly: false,
        savedState: null,
        ...config,
      },
      this.nowMs,
    )
  }

  feed(input: DhtInput): readonly Heard[] {
    const effects = this.dht.handle(input, this.nowMs)
    this.effects.push(...effects)
    return effects.flatMap((effect) => {
      const read = effect.kind === 'send' ? decodeKrpc(effect.bytes) : null
      if (effect.kind !== 'send' || read?.ok !== true) return []
      return [{ to: effect.to, message: read.message, lengthBytes: effect.bytes.length }]
    })
  }

  receive(bytes: Uint8Array, from: DhtAddress = STRANGER): readonly Heard[] {
    return this.feed({ kind: 'datagram', bytes, from })
  }

  /** Sends a query; gives what comes out. */
  query(
    method: string,
    body: KrpcBodyDraft,
    from: DhtAddress = STRANGER,
    more: Partial<Parameters<typeof encodeKrpc>[0]> = {},
  ): readonly Heard[] {
    const t = Uint8Array.of(++this.#lastT >> 8, this.#lastT & 0xff)
    const id = new Uint8Array(20).fill(0xee)
    return this.receive(
      encodeKrpc({ kind: 'query', t, method, body: { id, ...body }, ...more }),
      from,
    )
  }

  /** As `query`; the one answer to it. Pings of the node's are answered. */
  ask(method: string, body: KrpcBodyDraft, from: DhtAddress = STRANGER): KrpcMessage | null {
    const heard = this.query(method, body, from)
    const late = heard
      .filter(({ message }) => message.kind === 'query')
      .flatMap(({ message }) => this.pong(message, body.id ?? STRANGER_ID, from))
    return [...heard, ...late].find(({ message }) => message.kind !== 'query')?.message ?? null
  }

  /** Answers a query of the node's. */
  pong(
    query: KrpcMessage,
    id: Uint8Array,
    from: DhtAddress,
    more: { readonly ip?: Uint8Array; readonly body?: KrpcBodyDraft } = {},
  ): readonly Heard[] {
    const body = { id, ...more.body }
    const ip = more.ip ?? null
    return this.receive(encodeKrpc({ kind: 'response', t: query.t, ip, body }), from)
  }

  /** Lets a node be taken into the table. */
  befriend(id: Uint8Array, from: DhtAddress, ip?: Uint8Array): void {
    for (const { message } of this.feed({ kind: 'add-node', address: from })) {
      this.pong(message, id, from, ip === undefined ? {} : { ip })
    }
  }

  /** Ticks until `forMs` from now. */
  wait(forMs: number): readonly Heard[] {
    const endMs = this.nowMs + forMs
    const heard: Heard[] = []
    for (;;) {
      const dueMs = this.dht.deadlineMs
      if (dueMs === null || dueMs > endMs) break
      this.nowMs = Math.max(this.nowMs, dueMs)
      heard.push(...this.feed({ kind: 'tick' }))
    }
    this.nowMs = endMs
    return heard
  }
}

export const STRANGER_ID: Uint8Array = new Uint8Array(20).fill(0xee)

/** 20 bytes that begin with those given. */
export function idOf(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 20 }, (_, i) => bytes[i] ?? 0)
}
