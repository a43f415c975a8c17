import { decodeHolepunch, encodeHolepunch, HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import { describe, expect, it } from 'vitest'
import type { Address } from '../ports.ts'
import { HELPED_ADDRESSES, HELPERS_PER_ADDRESS, Holepunch, RENDEZVOUS_MS } from './holepunch.ts'
import { type FakePeer, fakePeer } from './testing/fake-peer.ts'

const IDS = new Map([[HOLEPUNCH, 9]])

function at(index: number): Address {
  return { host: `10.1.${index >> 8}.${index & 255}`, port: 6881 }
}

/** One that asks, among so many that may help. */
function initiator(helperCount: number): {
  readonly holepunch: Holepunch
  readonly helpers: readonly FakePeer[]
} {
  const helpers = Array.from({ length: helperCount }, (_, index) =>
    fakePeer(index + 1, { host: `10.2.0.${index + 1}`, port: 6881 }, IDS),
  )
  const peers = new Map(helpers.map(({ peer }) => [peer.number, peer]))
  const holepunch = new Holepunch({ peers, isOn: () => true, isOwn: () => false, punch: () => {} })
  return { holepunch, helpers }
}

/** The helpers, by their place, that were asked. */
function asked(helpers: readonly FakePeer[]): readonly number[] {
  return helpers.flatMap(({ said }, index) => {
    const payloads = said.filter((_, chunk) => chunk % 2 === 1)
    return payloads
      .filter((payload) => decodeHolepunch(payload)?.kind === 'rendezvous')
      .map(() => index)
  })
}

describe('who asks for a meeting', () => {
  it(`remembers the last ${HELPERS_PER_ADDRESS} who may help, and asks each once`, () => {
    const { holepunch, helpers } = initiator(HELPERS_PER_ADDRESS + 1)
    for (const { peer } of helpers) holepunch.learned(at(1), peer)
    let nowMs = 0
    for (let round = 0; round < HELPERS_PER_ADDRESS; round += 1) {
      expect(holepunch.dialFailed(at(1), nowMs)).toBe(true)
      nowMs += RENDEZVOUS_MS
    }
    expect(holepunch.dialFailed(at(1), nowMs)).toBe(false)
    // The first who said it is not remembered any more.
    expect(asked(helpers).toSorted()).toEqual([1, 2, 3])
  })

  it('waits for the meeting to fail before it asks the next, unless the relay says that it cannot', () => {
    const { holepunch, helpers } = initiator(2)
    for (const { peer } of helpers) holepunch.learned(at(1), peer)
    expect(holepunch.dialFailed(at(1), 0)).toBe(true)
    expect(holepunch.dialFailed(at(1), RENDEZVOUS_MS - 1)).toBe(false)
    const [first, second] = helpers.toReversed()
    const error = encodeHolepunch({ kind: 'error', address: at(1), code: 2 })
    if (second !== undefined) holepunch.receive(second.peer, error, 1)
    expect(holepunch.dialFailed(at(1), 2)).toBe(false)
    if (first !== undefined) holepunch.receive(first.peer, error, 3)
    expect(holepunch.dialFailed(at(1), 4)).toBe(true)
  })

  it(`remembers helpers of ${HELPED_ADDRESSES} addresses`, () => {
    const { holepunch, helpers } = initiator(1)
    for (let index = 0; index <= HELPED_ADDRESSES; index += 1)
      for (const { peer } of helpers) holepunch.learned(at(index), peer)
    expect(holepunch.dialFailed(at(0), 0)).toBe(false)
    expect(holepunch.dialFailed(at(1), 0)).toBe(true)
    expect(holepunch.dialFailed(at(HELPED_ADDRESSES), 0)).toBe(true)
  })
})

describe('who is asked to bring two together', () => {
  const near = { host: '192.168.1.7', port: 6881 }
  const far = { host: '203.0.113.7', port: 6881 }
  const further = { host: '203.0.113.8', port: 6881 }

  it.each([
    ['two of the same network', near, { host: '192.168.1.8', port: 6881 }, 'connect'],
    ['two of the public network', far, further, 'connect'],
    ['one outside with one on our own network', far, near, 'error'],
    ['one on our own network with one outside', near, far, 'error'],
  ])('does so for %s as far as the addresses are of use', (_, from, to, kind) => {
    const [asking, target] = [fakePeer(1, from, IDS), fakePeer(2, to, IDS)]
    const peers = new Map([asking, target].map(({ peer }) => [peer.number, peer]))
    const init = { peers, isOn: () => true, isOwn: () => false, punch: () => {} }
    const holepunch = new Holepunch(init)
    holepunch.receive(asking.peer, encodeHolepunch({ kind: 'rendezvous', address: to }), 0)
    const heard = [asking, target].map(({ said }) => decodeHolepunch(said[1] ?? new Uint8Array(0)))
    expect(heard.map((message) => message?.kind)).toEqual(
      kind === 'connect' ? ['connect', 'connect'] : ['error', undefined],
    )
  })
})
