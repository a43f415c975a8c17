import { encodePex, PEX, PEX_CONTACTS_LIMIT } from '@pigeon/protocol/bep/0011-pex'
import { describe, expect, it } from 'vitest'
import { PEX_BURST, PEX_HEAR_MS, PeerExchange } from './pex.ts'
import { fakePeer } from './testing/fake-peer.ts'

const TELLER = { host: '10.2.0.1', port: 6881 }

function listening(isOn = true): {
  readonly hear: (hosts: readonly string[], nowMs: number) => readonly string[]
} {
  const { peer } = fakePeer(1, TELLER, new Map([[PEX, 9]]))
  let heard: string[] = []
  const exchange = new PeerExchange({
    peers: new Map([[peer.number, peer]]),
    random: () => 0,
    isOn: () => isOn,
    isSeed: () => false,
    isOwn: ({ host }) => host === '10.9.9.9',
    onContact: ({ host, port }) => heard.push(`${host} ${port}`),
  })
  return {
    hear: (hosts, nowMs) => {
      heard = []
      const added = hosts.map((text) => {
        const [host = '', port = '6881'] = text.split(' ')
        return { host, port: Number(port), flags: 0 }
      })
      exchange.receive(peer, encodePex({ added, dropped: [] }), nowMs)
      return heard
    },
  }
}

describe('what a peer tells', () => {
  it(`is heard ${PEX_BURST} times at once, and then once every ${PEX_HEAR_MS / 1000} s`, () => {
    const { hear } = listening()
    const isHeardAt = (nowMs: number): boolean => hear(['10.3.0.1'], nowMs).length > 0
    const first = Array.from({ length: PEX_BURST + 1 }, () => isHeardAt(0))
    expect(first).toEqual([...Array.from({ length: PEX_BURST }, () => true), false])
    expect(isHeardAt(PEX_HEAR_MS - 1)).toBe(false)
    expect(isHeardAt(PEX_HEAR_MS)).toBe(true)
    expect(isHeardAt(PEX_HEAR_MS + 1)).toBe(false)
    // A long silence earns no more than the burst.
    const later = Array.from({ length: PEX_BURST + 1 }, () => isHeardAt(100 * PEX_HEAR_MS))
    expect(later.filter((isHeard) => isHeard)).toHaveLength(PEX_BURST)
  })

  it(`is heard of ${PEX_CONTACTS_LIMIT} contacts a message`, () => {
    const hosts = Array.from({ length: PEX_CONTACTS_LIMIT + 1 }, (_, at) => `10.3.0.${at + 1}`)
    expect(listening().hear(hosts, 0)).toEqual(
      hosts.slice(0, PEX_CONTACTS_LIMIT).map((host) => `${host} 6881`),
    )
  })

  it('is heard of one port of a host, and of nobody who cannot be a peer or is ourselves', () => {
    const told = [
      '10.3.0.1 6881',
      '10.3.0.1 6882',
      '10.3.0.2 80',
      '127.0.0.1',
      '224.0.0.1',
      '10.9.9.9',
    ]
    expect(listening().hear(told, 0)).toEqual(['10.3.0.1 6881'])
  })

  it('is not heard while that is switched off', () => {
    expect(listening(false).hear(['10.3.0.1'], 0)).toEqual([])
  })
})
