/** Two `PeerWire`s joined by a line that delivers at once. */
import { latin1Encode } from '../bytes.ts'
import {
  PeerWire,
  type PeerWireEffect,
  type PeerWireInput,
  type PeerWireOptions,
  type PieceGeometry,
} from '../peer-wire.ts'

export const INFO_HASH: Uint8Array = new Uint8Array(20).fill(0xaa)
/** Four pieces of 32 KiB; the last has 20,000 bytes. */
export const PIECES: PieceGeometry = { count: 4, lengthBytes: 32_768, totalBytes: 118_304 }

export function optionsOf(
  direction: 'outgoing' | 'incoming',
  changes: Partial<PeerWireOptions> = {},
): PeerWireOptions {
  return {
    direction,
    peerId: latin1Encode(
      direction === 'outgoing' ? '-PG0100-aaaaaaaaaaaa' : '-PG0100-bbbbbbbbbbbb',
    ),
    infoHashes: direction === 'outgoing' ? [INFO_HASH] : [],
    offers: { fast: true, extensions: true },
    extensions: {
      ids: new Map([
        ['ut_metadata', 2],
        ['lt_donthave', 7],
        ['upload_only', 3],
      ]),
      client: 'Pigeon 0.1',
      listenPort: null,
      requestQueueLimit: 500,
      metadataSizeBytes: null,
      uploadOnly: false,
      yourIp: null,
    },
    pieces: PIECES,
    requestQueueLimit: 500,
    ...changes,
  }
}

/** A machine with all that it said and did. */
export class Side {
  readonly wire: PeerWire
  readonly effects: PeerWireEffect[] = []
  nowMs = 0
  #other: Side | null = null

  constructor(options: PeerWireOptions) {
    this.wire = new PeerWire(options)
  }

  join(other: Side): void {
    this.#other = other
  }

  /** Returns the effects of this input alone; what the other side does in answer comes later. */
  feed(input: PeerWireInput): readonly PeerWireEffect[] {
    const effects = this.wire.handle(input, this.nowMs)
    for (const effect of effects) {
      this.effects.push(
        effect.kind === 'block-part' ? { ...effect, bytes: effect.bytes.slice() } : effect,
      )
    }
    for (const effect of effects) {
      if (effect.kind !== 'write') continue
      for (const chunk of effect.chunks) this.#other?.feed({ kind: 'bytes', bytes: chunk.slice() })
    }
    return effects
  }

  /** All effects but writes, by kind. */
  kinds(): readonly string[] {
    return this.effects.filter(({ kind }) => kind !== 'write').map(({ kind }) => kind)
  }

  /** Forgets what was done so far. */
  clear(): void {
    this.effects.length = 0
  }

  all<K extends PeerWireEffect['kind']>(kind: K): readonly Extract<PeerWireEffect, { kind: K }>[] {
    return this.effects.filter(
      (effect): effect is Extract<PeerWireEffect, { kind: K }> => effect.kind === kind,
    )
  }
}

/** `a` dialled `b`; both handshakes are done. */
export function connect(
  offers: PeerWireOptions['offers'],
  changes: Partial<PeerWireOptions> = {},
): { readonly a: Side; readonly b: Side } {
  const a = new Side(optionsOf('outgoing', { offers, ...changes }))
  const b = new Side(optionsOf('incoming', { offers, ...changes }))
  a.join(b)
  b.join(a)
  b.feed({ kind: 'start' })
  a.feed({ kind: 'start' })
  const { extensions, pieces } = optionsOf('incoming', changes)
  b.feed({ kind: 'accept', infoHashes: [INFO_HASH], pieces, extensions })
  return { a, b }
}
