/** An encrypted beginning: what a stranger sends before, within and behind its terms. */
import { concatBytes } from '../src/bytes.ts'
import type { MseEffect, MseOptions } from '../src/mse/mse-contract.ts'
import { MseHandshake } from '../src/mse/mse-handshake.ts'
import type { DecoderRow } from './decoders.ts'

const NAME = new Uint8Array(20)
/** Both sides draw the same, so that what the honest one says first can be said once for all. */
const OPTIONS: MseOptions = {
  methods: ['rc4', 'plain'],
  randomBytes: (lengthBytes) => new Uint8Array(lengthBytes).fill(0x5a),
  chance: () => 0,
  timeoutMs: 1_000,
}
const KEY_AND_SYNC_BYTES = 96 + 40
const HONEST = honestBeginning()

export const MSE_DECODERS: readonly DecoderRow[] = [
  {
    name: 'mse-terms',
    corpus: ['handshake'],
    seeds: [HONEST.subarray(KEY_AND_SYNC_BYTES)],
    decode(bytes) {
      const dialled = new MseHandshake(null, OPTIONS)
      dialled.handle({ kind: 'start' }, 0)
      const beginning = HONEST.subarray(0, KEY_AND_SYNC_BYTES)
      dialled.handle({ kind: 'bytes', bytes: beginning }, 0)
      dialled.handle({ kind: 'torrent', name: NAME }, 0)
      dialled.handle({ kind: 'bytes', bytes }, 0)
    },
  },
  {
    name: 'mse-stranger',
    corpus: ['handshake'],
    seeds: [HONEST],
    decode(bytes) {
      for (const name of [NAME, null]) {
        const side = new MseHandshake(name, OPTIONS)
        side.handle({ kind: 'start' }, 0)
        side.handle({ kind: 'bytes', bytes: bytes.subarray(0, bytes.length >> 1) }, 0)
        side.handle({ kind: 'bytes', bytes: bytes.subarray(bytes.length >> 1) }, 0)
      }
    },
  },
]

/** All that the side that dials says, with pads of no length. */
function honestBeginning(): Uint8Array {
  const a = new MseHandshake(NAME, OPTIONS)
  const b = new MseHandshake(null, OPTIONS)
  const key = written(a.handle({ kind: 'start' }, 0))
  const answer = written(b.handle({ kind: 'bytes', bytes: key }, 0))
  return concatBytes([key, written(a.handle({ kind: 'bytes', bytes: answer }, 0))])
}

function written(effects: readonly MseEffect[]): Uint8Array {
  return concatBytes(effects.flatMap((effect) => (effect.kind === 'write' ? effect.chunks : [])))
}
