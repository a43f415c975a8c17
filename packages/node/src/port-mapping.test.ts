import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { PortMappingState, PortWish } from '@pigeon/engine/ports'
import { pcpMap, pmpMap, readPcp, readPmp } from './gateway-messages.ts'
import { findUpnp } from './gateway-ways.ts'
import { createPortMappingPort, type PortMappingOptions } from './port-mapping.ts'

const WISHES: readonly PortWish[] = [
  { protocol: 'tcp', port: 6881 },
  { protocol: 'udp', port: 6881 },
]
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A router on loopback; `null` is silence. */
async function router(answer: (request: Buffer) => Uint8Array | null) {
  const heard: Buffer[] = []
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    heard.push(bytes)
    const said = answer(bytes)
    if (said !== null) socket.send(said, from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  closing.push(() => socket.close())
  return { heard, place: { host: '127.0.0.1', port: socket.address().port } }
}

/** Maps everything to the port above, for as long as was asked. */
function pcpAnswer(request: Buffer): Uint8Array | null {
  if (request[0] !== 2) return null
  const answer = Buffer.alloc(60)
  request.copy(answer, 24, 24, 60)
  answer.set([2, 0x81, 0, 0], 0)
  answer.writeUInt32BE(request.readUInt32BE(4), 4)
  answer.writeUInt16BE(request.readUInt16BE(40) + 1, 42)
  answer.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 7], 44)
  return answer
}

function pmpAnswer(request: Buffer): Uint8Array {
  // A PCP request, as a router of before that understands it.
  if (request[0] !== 0) return Buffer.from([0, 0x81, 0, 1, 0, 0, 0, 0])
  if (request[1] === 0) return Buffer.from([0, 128, 0, 0, 0, 0, 0, 9, 203, 0, 113, 8])
  const answer = Buffer.alloc(16)
  answer.set([0, 128 | (request[1] ?? 0)])
  request.copy(answer, 8, 4, 6)
  answer.writeUInt16BE(request.readUInt16BE(6), 10)
  request.copy(answer, 12, 8, 12)
  return answer
}

function mapping(options: PortMappingOptions) {
  const states: PortMappingState[] = []
  let wake = (): void => {}
  const kept = createPortMappingPort({ findUpnp: () => Promise.resolve(null), ...options }).map(
    WISHES,
    (state) => {
      states.push(state)
      wake()
    },
  )
  closing.push(() => kept.close())
  const settled = async (): Promise<PortMappingState> => {
    for (;;) {
      const state = states.at(-1)
      if (state !== undefined && state.kind !== 'searching') return state
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { kept, states, settled }
}

describe('a port is passed on', () => {
  test('by PCP, both protocols to one port outside, and given back at the end', async () => {
    const { heard, place } = await router(pcpAnswer)
    const { kept, states, settled } = mapping({ gateway: place })
    expect(await settled()).toEqual({
      ...{ kind: 'mapped', method: 'pcp', problem: null },
      ...{ externalAddress: '203.0.113.7', externalPort: 6882 },
    })
    expect(states[0]).toMatchObject({ kind: 'searching', externalPort: null })
    await kept.close()
    const lifetimes = heard.map((request) => [request[36], request.readUInt32BE(4)])
    expect(lifetimes).toEqual([
      [6, 7200],
      [17, 7200],
      [6, 0],
      [17, 0],
    ])
    // The nonce shows that the mapping is ours, and our address that no other router changed it.
    expect(heard[0]?.subarray(24, 36)).toEqual(heard[2]?.subarray(24, 36))
    expect([...(heard[0]?.subarray(18, 24) ?? [])]).toEqual([255, 255, 127, 0, 0, 1])
  })

  test('by NAT-PMP where the router knows nothing newer', async () => {
    const { heard, place } = await router(pmpAnswer)
    const { kept, settled } = mapping({ gateway: place })
    expect(await settled()).toMatchObject({
      ...{ kind: 'mapped', method: 'nat-pmp', externalAddress: '203.0.113.8', externalPort: 6881 },
    })
    await kept.close()
    const removals = heard.filter(
      (request) => request.length === 12 && request.readUInt32BE(8) === 0,
    )
    expect(removals.map((request) => [request[1], request.readUInt16BE(6)])).toEqual([
      [2, 0],
      [1, 0],
    ])
  })

  test('although the first requests are lost', async () => {
    let lost = 2
    const { place } = await router((request) => (lost-- > 0 ? null : pcpAnswer(request)))
    expect(await mapping({ gateway: place }).settled()).toMatchObject({ method: 'pcp' })
  })

  test('by UPnP, found by its description', async () => {
    const calls: string[] = []
    const server = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/xml')
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        const action = /#(\w+)"/.exec(String(request.headers['soapaction']))?.[1]
        if (action !== undefined)
          calls.push(`${action} ${/<NewProtocol>(\w*)/.exec(body)?.[1] ?? ''}`)
        response.end(action === undefined ? DESCRIPTION : soap(action))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const url = new URL(`http://127.0.0.1:${port}/root.xml`)
    const { kept, settled } = mapping({
      gateway: null,
      findUpnp: (signal) => findUpnp(signal, url),
    })
    expect(await settled()).toMatchObject({
      ...{ kind: 'mapped', method: 'upnp', externalPort: 7000, problem: null },
    })
    await kept.close()
    expect(calls.filter((call) => call.startsWith('Add'))).toEqual([
      'AddAnyPortMapping TCP',
      'AddAnyPortMapping UDP',
    ])
    expect(calls.some((call) => call.startsWith('DeletePortMapping'))).toBe(true)
  })
})

describe('a port is not passed on', () => {
  test('and the router says why', async () => {
    const { place } = await router((request) => {
      const answer = Buffer.from(pcpAnswer(request) ?? pmpAnswer(request))
      answer[3] = 2
      return answer
    })
    const state = await mapping({ gateway: place }).settled()
    expect(state).toMatchObject({ kind: 'failed', method: null, problem: { code: 'not-allowed' } })
    expect(state.problem?.message).toContain('it does not allow it')
  })

  test('where nobody answers, and it is tried again', async () => {
    const { heard, place } = await router(() => null)
    const { states } = mapping({ gateway: { ...place, firstTryMs: 5 }, retryMs: 1 })
    await expect
      .poll(() => states.filter(({ kind }) => kind === 'failed').length, { timeout: 30_000 })
      .toBeGreaterThan(1)
    const failed = states.find(({ kind }) => kind === 'failed')
    expect(failed?.problem?.code).toBe('timed-out')
    // Four tries for each of two ways, and the beginning of a further round.
    expect(heard.length / states.length).toBeLessThan(9)
  })

  test('while it is being closed: nothing is told any more, and the end does not wait', async () => {
    const { place } = await router(() => null)
    const { kept, states } = mapping({ gateway: place })
    await kept.close()
    expect(states.map(({ kind }) => kind)).toEqual(['searching'])
  })
})

describe('what a router says', () => {
  const nonce = new Uint8Array(12).fill(7)
  const wish = { protocol: 'tcp', internalPort: 1, externalPort: 2, lifetimeS: 3 } as const

  test('never throws, whatever it is', () => {
    for (let seed = 0; seed < 3_000; seed += 1) {
      const bytes = Uint8Array.from({ length: seed % 80 }, (_, at) => (seed * 31 + at * 17) >> 2)
      if (bytes.length > 1) bytes.set([seed % 2 === 0 ? 0 : 2, 0x80 | (seed % 3)])
      readPmp(bytes, { operation: 2, internalPort: 1 })
      readPmp(bytes, { operation: 0, internalPort: 1 })
      readPcp(bytes, { ...wish, nonce })
    }
  })

  test('is only heard with our nonce, our port and our protocol', () => {
    const answer = Buffer.from(pcpAnswer(Buffer.from(pcpMap(wish, '10.0.0.2', nonce))) ?? [])
    expect(readPcp(answer, { ...wish, nonce })).toMatchObject({ kind: 'mapped', lifetimeS: 3 })
    expect(readPcp(answer, { ...wish, nonce: new Uint8Array(12) })).toBeNull()
    expect(readPcp(answer, { ...wish, nonce, internalPort: 9 })).toBeNull()
    expect(readPcp(answer, { ...wish, nonce, protocol: 'udp' })).toBeNull()
    expect(readPcp(Buffer.from(pcpMap(wish, '10.0.0.2', nonce)), { ...wish, nonce })).toBeNull()
    const mapped = pmpAnswer(Buffer.from(pmpMap(wish)))
    expect(readPmp(mapped, { operation: 1, internalPort: 1 })).toBeNull()
    expect(readPmp(mapped, { operation: 2, internalPort: 9 })).toBeNull()
  })
})

const DESCRIPTION = `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</deviceType><UDN>uuid:1</UDN>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:2</serviceType>
<controlURL>/control</controlURL><SCPDURL>/scpd.xml</SCPDURL></service></serviceList></device></root>`

function soap(action: string): string {
  return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<u:${action}Response xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewReservedPort>7000</NewReservedPort>
<NewExternalIPAddress>203.0.113.9</NewExternalIPAddress></u:${action}Response></s:Body></s:Envelope>`
}
