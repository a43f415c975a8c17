import { describe, expect, test } from 'vitest'
import type { PortMappingState, PortWish } from '../ports.ts'
import { FakeClock } from '../transport/testing/fake-streams.ts'
import { PortMapping, ROUTER_CLOSE_MS } from './port-mapping.ts'

const MAPPED: PortMappingState = {
  kind: 'mapped',
  method: 'upnp',
  externalAddress: '198.51.100.7',
  externalPort: 40_001,
  problem: null,
}

function setUp(closing: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock()
  const asked: (readonly PortWish[])[] = []
  const heard: (string | null)[] = []
  let tell: (state: PortMappingState) => void = () => {}
  const mapping = new PortMapping({
    clock,
    port: {
      map: (wishes, onChange) => {
        asked.push(wishes)
        tell = onChange
        return { close: closing }
      },
    },
    onExternalAddress: (address) => heard.push(address),
  })
  return { asked, clock, heard, mapping, tell: (state: PortMappingState) => tell(state) }
}

describe('the router', () => {
  test('is asked for TCP and UDP, and says where the outside reaches us', async () => {
    const { asked, heard, mapping, tell } = setUp()
    expect(mapping.summary.state).toBe('off')
    await mapping.follow({ host: '::', port: 6881 })
    expect(asked).toEqual([
      [
        { protocol: 'tcp', port: 6881 },
        { protocol: 'udp', port: 6881 },
      ],
    ])
    expect([mapping.summary.state, mapping.externalPort]).toEqual(['searching', null])
    tell(MAPPED)
    expect(mapping.externalPort).toBe(40_001)
    expect(mapping.summary).toMatchObject({ state: 'mapped', external: '198.51.100.7:40001' })
    expect(heard.at(-1)).toBe('198.51.100.7')
  })

  test('is asked once for a port, and anew for another', async () => {
    const { asked, mapping } = setUp()
    await mapping.follow({ host: '::', port: 6881 })
    await mapping.follow({ host: '::', port: 6881 })
    expect(asked.length).toBe(1)
    await mapping.follow({ host: '::', port: 6882 })
    expect(asked.length).toBe(2)
  })

  test('that speaks after it was let go is not heard', async () => {
    const { heard, mapping, tell } = setUp()
    await mapping.follow({ host: '::', port: 6881 })
    await mapping.follow(null)
    tell(MAPPED)
    expect([mapping.summary.state, mapping.externalPort, heard.at(-1)]).toEqual(['off', null, null])
  })

  test('that never confirms the end holds nobody up', async () => {
    const { clock, mapping } = setUp(() => new Promise(() => {}))
    await mapping.follow({ host: '::', port: 6881 })
    const end = mapping.follow(null)
    clock.advance(ROUTER_CLOSE_MS)
    await end
    expect(mapping.summary.state).toBe('off')
  })
})
