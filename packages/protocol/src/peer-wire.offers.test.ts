import { describe, expect, test } from 'vitest'
import { decodeExtensionHandshake } from './bep/0010-extension.ts'
import { readOffers } from './bep/0003-handshake.ts'
import { latin1Encode } from './bytes.ts'
import { faults, hello, say, sayExtensions, shaken, written } from './testing/scripted-remote.ts'
import { INFO_HASH, optionsOf, Side } from './testing/wired-pair.ts'
import { decodeFrame } from './wire/frame.ts'

const WITH_DHT = { fast: true, extensions: true, dht: true }
const WITHOUT_DHT = { fast: true, extensions: true }
const { extensions } = optionsOf('outgoing')

/** The names and ids of the last extension handshake that it said. */
function saidIds(side: Side): Record<string, number> {
  let rest = written(side)
  let ids: ReadonlyMap<string, number> = new Map()
  for (let next = decodeFrame(rest); next.kind === 'message'; next = decodeFrame(rest)) {
    rest = rest.subarray(next.usedBytes)
    const { message } = next
    if (message.kind !== 'extended' || message.extendedId !== 0) continue
    const read = decodeExtensionHandshake(message.payload)
    if (read.ok) ids = read.handshake.ids
  }
  return Object.fromEntries(ids)
}

describe('the DHT port', () => {
  test.each([
    [WITH_DHT, WITH_DHT, '00000003091ae1'],
    [WITH_DHT, WITHOUT_DHT, ''],
    [WITHOUT_DHT, WITH_DHT, ''],
  ])('is said where both offered it: %o, %o', (ours, theirs, expected) => {
    const side = new Side(optionsOf('outgoing', { offers: ours }))
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello(theirs) })
    side.clear()
    side.feed({ kind: 'send-port', dhtPort: 6881 })
    expect(Buffer.from(written(side)).toString('hex')).toBe(expected)
  })

  test('is offered to who dials us only for the torrents that may', () => {
    for (const dht of [true, false]) {
      const side = new Side(optionsOf('incoming', { offers: WITHOUT_DHT }))
      side.feed({ kind: 'start' })
      side.feed({ kind: 'bytes', bytes: hello(WITH_DHT) })
      side.feed({ kind: 'accept', infoHashes: [INFO_HASH], pieces: null, extensions, dht })
      expect(readOffers(written(side).subarray(20, 28)).dht).toBe(dht)
      expect(side.wire.hasDht).toBe(dht)
    }
  })

  test('is told when the remote says it, and port 0 is none', () => {
    const side = shaken({ offers: WITH_DHT })
    say(side, { kind: 'port', dhtPort: 0 }, { kind: 'port', dhtPort: 6881 })
    expect(side.all('port')).toEqual([{ kind: 'port', dhtPort: 6881 }])
    expect(faults(side)).toEqual([])
  })
})

describe('an extension that is switched off', () => {
  const on = { ...extensions, ids: new Map([...extensions.ids, ['ut_pex', 4]]) }

  test('has the id 0 from then on, and its own again when it is switched on', () => {
    const side = shaken({ extensions: on })
    side.feed({ kind: 'update-extensions', extensions })
    expect(saidIds(side)).toEqual({ ut_metadata: 2, lt_donthave: 7, upload_only: 3, ut_pex: 0 })
    side.clear()
    side.feed({ kind: 'update-extensions', extensions: on })
    expect(saidIds(side)['ut_pex']).toBe(4)
  })

  test('is not named where it never was', () => {
    const side = shaken({ extensions })
    side.feed({ kind: 'update-extensions', extensions })
    expect(saidIds(side)).not.toHaveProperty('ut_pex')
  })

  test('is read by nobody, and a late message is forgiven', () => {
    const side = shaken({ extensions: on })
    sayExtensions(side, 'd1:md6:ut_pexi1eee')
    side.feed({ kind: 'update-extensions', extensions })
    say(side, { kind: 'extended', extendedId: 4, payload: latin1Encode('de') })
    expect(side.all('extended')).toEqual([])
    expect(side.wire.phase).not.toBe('closed')
  })
})
