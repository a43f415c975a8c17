/** Decoders of the DHT that have no vectors or keep state. */
import { decodeBencode } from '../src/bencode.ts'
import { decodeKrpc, encodeKrpc, KRPC_LIMITS, MAX_SENT_BYTES } from '../src/bep/0005-krpc.ts'
import { Dht } from '../src/dht/dht.ts'
import { decodeSavedState, encodeSavedState } from '../src/dht/saved-state.ts'
import { invariant } from '../src/machine.ts'
import type { DecoderRow } from './decoders.ts'

export const DHT_DECODERS: readonly DecoderRow[] = [
  {
    name: 'krpc-as-bencode',
    corpus: ['krpc'],
    decode(bytes) {
      const read = decodeKrpc(bytes)
      const { maxDepth, maxTokens } = KRPC_LIMITS
      const plain = decodeBencode(bytes, { maxDepth, maxTokens, strict: false })
      if (!read.ok) return
      const isSame = plain.ok || plain.fault.code === 'key-repeated'
      invariant(isSame, 'what is read as a message is bencode')
      const { body, kind, t } = read.message
      invariant(body.id === null || body.id.length === 20, 'an id has 20 bytes')
      const again = decodeKrpc(encodeKrpc({ kind, t, method: 'x', body, errorCode: 201 }))
      invariant(again.ok || bytes.length > 1_900, 'what was read can be written')
    },
  },
  {
    name: 'dht-node',
    corpus: ['krpc'],
    decode(bytes) {
      const dht = new Dht(CONFIG, 0)
      const infoHash = new Uint8Array(20).fill(1)
      dht.handle({ kind: 'find-peers', operationId: 1, infoHash, isScrape: true, announce }, 0)
      for (const address of [NODE, STRANGER]) dht.handle({ kind: 'add-node', address }, 0)
      for (const from of [STRANGER, NODE, STRANGER]) {
        let sentBytes = 0
        for (const effect of dht.handle({ kind: 'datagram', bytes, from }, 1)) {
          if (effect.kind !== 'send') continue
          invariant(effect.bytes.length <= MAX_SENT_BYTES, 'nothing is too long for IPv6')
          sentBytes += effect.bytes.length
        }
        invariant(sentBytes <= bytes.length * 3, 'who may be forged gets three times as much')
      }
      for (let nowMs = 0; nowMs < 60_000; nowMs = dht.deadlineMs ?? 60_000) {
        dht.handle({ kind: 'tick' }, nowMs)
      }
    },
  },
  {
    name: 'dht-saved-state',
    corpus: ['bencode'],
    seeds: [
      encodeSavedState({
        4: { id: new Uint8Array(20).fill(7), nodes: [new Uint8Array(26).fill(9)] },
        6: null,
      }),
    ],
    decode(bytes) {
      const state = decodeSavedState(bytes)
      if (state !== null) invariant((state[4]?.nodes.length ?? 0) <= 400, 'nodes are bounded')
    },
  },
]

const NODE = { host: '192.0.2.1', port: 6_881 }
const STRANGER = { host: '198.51.100.2', port: 6_881 }
const announce = { port: 6_881, isPortImplied: false, isSeed: false }
const CONFIG = {
  families: [4, 6],
  randomBytes: (lengthBytes: number) => new Uint8Array(lengthBytes).map((_, i) => i * 37),
  verify: () => true,
  version: Uint8Array.of(0x50, 0x47, 0, 1),
  isReadOnly: false,
  savedState: null,
} as const
