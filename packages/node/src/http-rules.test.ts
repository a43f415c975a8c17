import { describe, expect, test } from 'vitest'
import { firstReach, reachAfter } from './http-rules.ts'

const PLACES = {
  public: ['93.184.216.34', '2606:2800:220:1::1'],
  private: ['10.1.2.3', '172.16.0.1', '192.168.0.1', '100.64.0.1', 'fd12::1', '::ffff:192.168.0.1'],
  'link-local': ['169.254.1.1', 'fe80::1'],
  loopback: ['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  never: [
    '0.0.0.0',
    '::',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    'fd00:ec2::254',
    'name.example',
    '',
  ],
} as const
type Place = keyof typeof PLACES
const ORDER: readonly Place[] = ['public', 'private', 'link-local', 'loopback']

describe('a redirect never leads closer to this machine than the server that sent it', () => {
  for (const [fromRank, from] of ORDER.entries()) {
    for (const to of [...ORDER, 'never'] as const) {
      const isAllowed = to !== 'never' && ORDER.indexOf(to) <= fromRank
      test(`from ${from} to ${to}: ${isAllowed ? 'followed' : 'refused'}`, () => {
        for (const server of PLACES[from]) {
          for (const address of PLACES[to]) {
            expect([server, address, reachAfter(server, true).allows(address)]).toEqual([
              server,
              address,
              isAllowed,
            ])
          }
        }
      })
    }
  }
})

test('without leave only public addresses are reached, whoever sends us', () => {
  for (const to of [...ORDER, 'never'] as const) {
    for (const address of PLACES[to]) {
      expect(firstReach(false).allows(address)).toBe(to === 'public')
      expect(reachAfter('127.0.0.1', false).allows(address)).toBe(to === 'public')
    }
  }
})

test('with leave all but the forbidden ones are reached', () => {
  for (const to of [...ORDER, 'never'] as const) {
    for (const address of PLACES[to]) expect(firstReach(true).allows(address)).toBe(to !== 'never')
  }
})
